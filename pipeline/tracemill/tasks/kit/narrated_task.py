"""The base of tasks: from one telling with marked sites to right, flawed and corrected solutions.

A task gives `make` (see `tasks/task.py`), `tell` and its oracle. The kit tells once to count the sites of a mistake and
again, with the same seed, to strike one. What comes of it is given out only if the task's oracle confirms it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import ClassVar, NamedTuple

from tracemill.records import Claim, Flaw, Problem, Step
from tracemill.records.licences import Notice
from tracemill.tasks.kit.teller import DeadEnd, NoPlaces, Strike, Teller, flat
from tracemill.tasks.kit.words import Words
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Detail, Draft, Line, Misconception, Request, Solution

_LATE = 0.4
"""The share of corrections that begin with a failed check of the result, where there is one."""
_UNNOTICED = 3
"""So many more steps at most follow a mistake before its author looks at it again."""


_SAME, _LIKE, _ANSWER = 0.03, 0.12, 0.1
"""The share by which a wrong solution may be longer or shorter: than the right telling with the same seed, and than
one with another. The first goes the same way for all mistakes of a sort and would be seen; the second does not. Its
answer, such as a plan, may differ by the last."""
_UNSEEN = (1, 4, 6)
"""So many steps, words, and words of the answer more or less do not show, in a short solution either: one step, one
short phrase, one move of a plan."""
_SITES = 3
"""So many sites are tried in a telling."""


class _Size(NamedTuple):
    """How long a telling is, and its final answer in words."""

    steps: int
    words: int
    answer: int

    @classmethod
    def of(cls, teller: Teller) -> _Size:
        return cls(len(teller.lines), teller.word_count, len(teller.answer.split()))

    def near(self, other: _Size, share: float) -> bool:
        return all(abs(one - two) <= slack for one, two, slack in zip(self, other, other.slack(share), strict=True))

    def slack(self, share: float) -> tuple[int, ...]:
        """By how many steps, words and words of the answer another may differ from this."""
        shares = (share, share, min(share, _ANSWER))
        return tuple(max(int(part * count), least) for count, part, least in zip(self, shares, _UNSEEN, strict=True))


class _Wanted(NamedTuple):
    """How long a wrong telling should be: as this size, but for this share."""

    size: _Size
    share: float

    @property
    def most(self) -> tuple[int, int]:
        """The most steps and words: what has more need not be told to its end."""
        steps, words, _ = self.size.slack(self.share)
        return self.size.steps + steps, self.size.words + words


class _Sites(NamedTuple):
    """A telling by its detail and seed, how many places for a mistake there are in it, and how long it is; None where
    it was not told to its end, since there are no places."""

    detail: Detail
    seed: int
    places: int
    size: _Size | None


class _Struck(NamedTuple):
    """A confirmed mistake: the seed of its telling, the telling, the strike, the solution with its flaw."""

    seed: int
    teller: Teller
    strike: Strike
    solution: Solution
    flaw: Flaw


class NarratedTask(ABC):
    """See the module. `words` is read from `words.yaml` beside the task: `words = words_beside(__file__)`."""

    name: ClassVar[str]
    version: ClassVar[str]
    summary: ClassVar[str]
    licence: ClassVar[str] = "Apache-2.0"
    language: ClassVar[str] = "en"
    words: ClassVar[Words]
    spoils_answer: ClassVar[bool] = True
    """Whether a mistake counts only where the final answer is wrong too."""
    strikes: ClassVar[int] = 24
    """Sites tried before a mistake counts as impossible in a problem."""

    tellings: ClassVar[int] = 5
    """Tellings that are struck, at most, to find a wrong solution as long as a right one."""

    def notices(self) -> Sequence[Notice]:
        """See `Task.notices`: none, where all is the task's own text."""
        return ()

    @property
    def themes(self) -> tuple[str, ...]:
        return tuple(self.words.themes)

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        return self.words.misconceptions

    @property
    @abstractmethod
    def oracle(self) -> type[Oracle]:
        """Imported here, so that only those who ask load it."""

    @abstractmethod
    def make(self, request: Request) -> Draft | None:
        """See `Task.make`."""

    @abstractmethod
    def tell(self, problem: Problem, teller: Teller) -> None:
        """Tell the whole solution, its close included, with every place where a mistake could be made marked. Also
        where the sites are only counted: that telling says how long a right one is.

        Raises:
            DeadEnd: only after a mistake.
        """

    def natural(self, problem: Problem, answer: str) -> bool:
        """Whether somebody could believe this final answer: half a person or a negative price would be noticed."""
        return True

    def capacity(self, band: tuple[float, float]) -> int | None:
        return None

    def solve(self, problem: Problem, rng: Random, detail: Detail = "normal") -> Solution:
        return self._told(problem, detail, rng.getrandbits(64)).solution()

    def err(self, problem: Problem, misconception: str, rng: Random, detail: Detail = "normal") -> Solution | None:
        """See `Task.err`. The wrong solution is as long as a right one: else its length would betray it. A mistake that
        ends a solution early is told in a telling that would have been longer."""
        first = sites = self._sites(problem, misconception, rng, detail)
        size = first.size
        for telling in range(self.tellings):
            if telling:
                sites = self._sites(problem, misconception, rng, detail)
                if not sites.places:
                    return None
            size = size or (_Size.of(self._told(problem, detail, first.seed)) if sites.places else None)
            wanted = _Wanted(size, _LIKE if telling else _SAME) if size else None
            for struck in self._struck(problem, misconception, rng, sites, wanted, _SITES):
                if not (self.spoils_answer and self.oracle().answers(problem, struck.teller.answer)):
                    return struck.solution
        return None

    def correct(self, problem: Problem, misconception: str, rng: Random, detail: Detail = "normal") -> Solution | None:
        """See `Task.correct`."""
        sites = self._sites(problem, misconception, rng, detail)
        for struck in self._struck(problem, misconception, rng, sites, None, self.strikes):
            # The same seed: up to the struck site both tellings are the same.
            right = self._told(problem, detail, struck.seed, fresh_from=struck.strike.line)
            corrected = _corrected(struck, right, rng)
            if corrected is not None and self._holds(problem, corrected, right.answer):
                return corrected
        return None

    def _told(
        self,
        problem: Problem,
        detail: Detail,
        seed: int,
        strike: Strike | None = None,
        fresh_from: int | None = None,
        most: tuple[int, int] | None = None,
    ) -> Teller:
        teller = Teller(self.words, detail, seed, strike, fresh_from, most)
        self.tell(problem, teller)
        return teller

    def _sites(self, problem: Problem, misconception: str, rng: Random, detail: Detail) -> _Sites:
        seed, count = rng.getrandbits(64), Strike(misconception, target=0)
        try:
            size = _Size.of(self._told(problem, detail, seed, count))
        except NoPlaces:
            size = None
        return _Sites(detail, seed, count.sites, size)

    def _struck(
        self,
        problem: Problem,
        misconception: str,
        rng: Random,
        sites: _Sites,
        wanted: _Wanted | None,
        most: int,
    ) -> Iterator[_Struck]:
        """Confirmed mistakes whose telling is as long as `wanted`, from at most so many sites in random order. The flaw
        is the first step that the oracle finds wrong."""
        general = next(each.explanation for each in self.misconceptions if each.name == misconception)
        for target in rng.sample(range(1, sites.places + 1), min(sites.places, most)):
            strike = Strike(misconception, target)
            try:
                teller = self._told(problem, sites.detail, sites.seed, strike, most=wanted.most if wanted else None)
            except DeadEnd:
                continue
            if wanted and not self._fits(problem, wanted, teller):
                continue
            solution = teller.solution()
            first = self.oracle().first_wrong(problem, solution.steps())
            if strike.line is None or first is None or first < strike.line:
                continue
            flaw = Flaw(first, misconception, f"{general} {strike.explanation}")
            yield _Struck(sites.seed, teller, strike, replace(solution, flaw=flaw), flaw)

    def _fits(self, problem: Problem, wanted: _Wanted, teller: Teller) -> bool:
        return _Size.of(teller).near(*wanted) and self.natural(problem, teller.answer)

    def _holds(self, problem: Problem, solution: Solution, answer: str) -> bool:
        """Whether the flaw is wrong, all that stands is right, and the answer is too."""
        oracle, steps = self.oracle(), solution.steps()
        assert solution.flaw is not None
        first = oracle.first_wrong(problem, steps[: solution.flaw.index + 1])
        standing = oracle.first_wrong(problem, without_retracted(steps))
        return first == solution.flaw.index and standing is None and oracle.answers(problem, answer)


def _corrected(struck: _Struck, right: Teller, rng: Random) -> Solution | None:
    """The flawed telling up to where its author notices, a check that shows the mistake, the retraction, and the rest
    of the `right` telling. None where nothing could uncover the mistake, or the two tellings differ before its site."""
    strike, at, wrong = struck.strike, struck.flaw.index, struck.teller
    if strike.line is None or wrong.lines[: strike.line] != right.lines[: strike.line]:
        return None
    late = strike.late if strike.recheck is None or rng.random() < _LATE else None
    shown = strike.recheck or late
    if shown is None:
        return None
    cut = strike.late_at if late else min(at + 1 + rng.randint(0, _UNNOTICED), len(wrong.lines))
    writer = Teller(right.words, right.detail, rng.getrandbits(64))
    for line, label, lead in zip(wrong.lines[:cut], wrong.labels, wrong.leads, strict=False):
        writer.append(line, label, lead)
    if late is not None:
        writer.recheck("check", late)
    if strike.recheck is not None:
        writer.recheck("doubt", strike.recheck)
    gone = resting_on(at, wrong.lines[:cut])
    writer.say("retract_more" if len(gone) > 1 else "retract", Claim("retraction", {"steps": gone}), gone, of=shown.of)
    _resume(writer, right, strike.line, gone)
    return Solution(tuple(writer.lines), right.closing, struck.flaw, right.detail, "self_correction")


def _resume(writer: Teller, right: Teller, at: int, gone: Sequence[int]) -> None:
    """Say `right` from line `at` on, without what still stands from before: also what was checked just now."""
    before = len(writer.lines)
    place = {k: k for k in range(at)}
    for number in range(at, len(right.lines)):
        line, label = right.lines[number], right.labels[number]
        uses = flat(place[use] if use >= 0 else use for use in line.uses)
        alike = [k for k in range(at, before) if k not in gone and writer.labels[k] == label]
        same = [k for k in alike if (writer.lines[k].claim, writer.lines[k].uses) == (line.claim, uses)]
        if same:
            place[number] = same[0]
            continue
        lead = right.leads[number]
        text = line.text.removeprefix(lead) if lead in writer.leads else line.text
        place[number] = writer.append(Line(text, line.claim, uses), label)


def resting_on(at: int, lines: Sequence[Line]) -> list[int]:
    """A line and all later ones that rest on it, directly or not."""
    found = [at]
    for number in range(at + 1, len(lines)):
        if set(lines[number].uses) & set(found):
            found.append(number)
    return found


def without_retracted(steps: Sequence[Step]) -> list[Step]:
    """The steps, with no claim where one was taken back later, nor where that is said."""
    claims = [step.claim for step in steps]
    retractions = [claim for claim in claims if claim is not None and claim.kind == "retraction"]
    gone = {index for claim in retractions for index in claim.payload["steps"]}
    return [
        replace(step, claim=None) if index in gone or step.claim in retractions else step
        for index, step in enumerate(steps)
    ]
