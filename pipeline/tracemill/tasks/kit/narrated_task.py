"""The base of tasks: from one telling with marked sites to right, flawed and corrected solutions.

A task gives `make` (see `tasks/task.py`), `tell` and its oracle. The kit tells once to list the sites of all mistakes,
and again, with the same seed, to strike one of them. What comes of it is given out only if the task's oracle confirms
it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import ClassVar, NamedTuple

from tracemill.records import Claim, Flaw, Problem, Step, fingerprint
from tracemill.records.licences import Notice
from tracemill.tasks.kit.lengths import LIKE, SAME, Size, WantedSize
from tracemill.tasks.kit.teller import COMMON_WORDS, DeadEnd, MistakePlace, Most, Strike, Teller, flat
from tracemill.tasks.kit.words import Words
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Detail, Draft, Line, Misconception, Request, Solution

VERSION = "2"
"""Of the kit. Another one makes other solutions of the same task and words."""
_LATE = 0.4
"""The share of corrections that begin with a failed check of the result, where there is one."""
_UNNOTICED = 3
"""So many more steps at most follow a mistake before its author looks at it again."""
_DRAWN = 3
"""So many right tellings are made, at most, to find one that is not far from the length that is wanted."""
_NEAR = (0.85, 1.4)
"""How much shorter and longer it may be: few mistakes make a solution longer, some end it early."""
_SITES = 3
"""So many sites of a mistake are tried in a telling, at most."""


class _Right(NamedTuple):
    """A right telling by its seed: the places in it for each mistake, how long it is, and its answer."""

    seed: int
    places: Mapping[str, list[MistakePlace]]
    size: Size
    answer: str


class _Struck(NamedTuple):
    """A confirmed mistake: its telling, the strike, the solution with its flaw."""

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
    """Tellings whose sites are tried, at most, to find a wrong solution as long as a right one."""

    def missing(self) -> str | None:
        """See `Task.missing`: most need nothing."""
        return None

    def notices(self) -> Sequence[Notice]:
        """See `Task.notices`: none, where all is the task's own text."""
        return ()

    @property
    def wording(self) -> str:
        """See `task_versions`."""
        return fingerprint(VERSION, COMMON_WORDS.digest, self.words.digest)

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

    def err(
        self, problem: Problem, misconceptions: Sequence[str], rng: Random, detail: Detail = "normal"
    ) -> Solution | None:
        """See `Task.err`. The wrong solution is as long as a right one: else its length would betray it. A mistake that
        ends a solution early is told in a telling that would have been longer."""
        rights = [self._right(problem, misconceptions, rng, detail)]
        for number, misconception in enumerate(misconceptions):
            for telling in range(self.tellings):
                if telling == len(rights):
                    rights.append(self._another(problem, misconceptions[number:], rng, detail, rights[0].size))
                wanted, sites = WantedSize(rights[0].size, LIKE if telling else SAME), 0
                for strike in self._strikes(problem, misconception, rng, rights[telling], wanted):
                    struck = self._struck(problem, strike, detail, rights[telling].seed, wanted)
                    if struck and not (self.spoils_answer and self.oracle().answers(problem, struck.teller.answer)):
                        return struck.solution
                    sites += strike.sites
                places = rights[telling].places[misconception]
                if telling and not sites and not any(place.options for place in places):
                    break
        return None

    def correct(
        self, problem: Problem, misconceptions: Sequence[str], rng: Random, detail: Detail = "normal"
    ) -> Solution | None:
        """See `Task.correct`."""
        first = self._right(problem, misconceptions, rng, detail)
        for misconception in misconceptions:
            count = len(first.places[misconception])
            for target in rng.sample(range(1, count + 1), min(count, self.strikes)):
                struck = self._struck(problem, Strike(misconception, target), detail, first.seed, None)
                if struck is None:
                    continue
                # The same seed: up to the struck site both tellings are the same.
                right = self._told(problem, detail, first.seed, fresh_from=struck.strike.line)
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
        places: Mapping[str, list[MistakePlace]] | None = None,
        fresh_from: int | None = None,
        most: Most | None = None,
    ) -> Teller:
        teller = Teller(self.words, detail, seed, strike, places, fresh_from, most)
        self.tell(problem, teller)
        return teller

    def _right(self, problem: Problem, misconceptions: Sequence[str], rng: Random, detail: Detail) -> _Right:
        """A right telling in which the places of all these mistakes are listed.

        Raises:
            ValueError: the task has no such misconception.
        """
        unknown = set(misconceptions) - {each.name for each in self.misconceptions}
        if unknown:
            known = ", ".join(each.name for each in self.misconceptions)
            raise ValueError(f"{self.name} has no misconception {min(unknown)!r}; it has {known}")
        seed, places = rng.getrandbits(64), {name: list[MistakePlace]() for name in misconceptions}
        teller = self._told(problem, detail, seed, places=places)
        return _Right(seed, places, Size.of(teller), teller.answer)

    def _another(
        self, problem: Problem, misconceptions: Sequence[str], rng: Random, detail: Detail, wanted: Size
    ) -> _Right:
        """A further right telling, if possible of such a length that a mistake in it can make it as long as wanted."""
        for _ in range(_DRAWN):
            right = self._right(problem, misconceptions, rng, detail)
            if wanted.words * _NEAR[0] <= right.size.words <= wanted.words * _NEAR[1]:
                break
        return right

    def _strikes(
        self, problem: Problem, misconception: str, rng: Random, right: _Right, wanted: WantedSize
    ) -> Iterator[Strike]:
        """A few strikes in a telling, in random order: none whose answer is known to be no use."""
        places, found = right.places[misconception], 0
        for target in rng.sample(range(1, len(places) + 1), len(places)):
            place, option = places[target - 1], None
            if place.foreseen is not None:
                options = rng.sample(range(len(place.options)), len(place.options))
                answers = ((option, place.foreseen(place.options[option])) for option in options)
                useful = (at for at, answer in answers if answer and self._useful(problem, answer, right, wanted))
                option = next(useful, None)
                if option is None:
                    continue
            yield Strike(misconception, target, option)
            found += 1
            if found == _SITES:
                return

    def _useful(self, problem: Problem, answer: str, right: _Right, wanted: WantedSize) -> bool:
        """Whether this can be the answer of a wrong solution."""
        spoilt = answer != right.answer or not self.spoils_answer
        return spoilt and wanted.allows_answer(answer) and self.natural(problem, answer)

    def _struck(
        self, problem: Problem, strike: Strike, detail: Detail, seed: int, wanted: WantedSize | None
    ) -> _Struck | None:
        """The mistake, if it can be made there, the telling is as long as `wanted`, and the oracle confirms it: the
        flaw is the first step that it finds wrong."""
        try:
            teller = self._told(problem, detail, seed, strike, most=wanted.most if wanted else None)
        except DeadEnd:
            return None
        fits = wanted is None or (wanted.allows(Size.of(teller)) and self.natural(problem, teller.answer))
        if strike.line is None or not fits:
            return None
        solution = teller.solution()
        first = self.oracle().first_wrong(problem, solution.steps())
        if first is None or first < strike.line:
            return None
        general = next(each.explanation for each in self.misconceptions if each.name == strike.mistake)
        flaw = Flaw(first, strike.mistake, f"{general} {strike.explanation}")
        return _Struck(teller, strike, replace(solution, flaw=flaw), flaw)

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
