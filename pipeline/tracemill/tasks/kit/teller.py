"""A teller says a solution step by step: its phrases, what each step claims, and where a mistake could be made.

    made = teller.site("slip", 42, [41, 52], lambda wrong: f"6 × 7 is 42, not {wrong}.")
    line = teller.say("product", entailment(f"(= x {made})"), [premise(1), earlier], x=made)

The task tells its solution once, as somebody who makes no mistake, and marks each place where one could be made with
`site`. The kit tells it again and strikes one site (`narrated_task.py`). So a wrong step has the phrases of a right
one, and later steps go on from the wrong value by themselves.

Levels of detail: a move said with `level="normal"` is left out of a terse telling, one with `level="thorough"` also out
of a normal one. Whatever rests on a move that was left out rests on what that move rested on: it is still entailed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar

from tracemill.records import Claim
from tracemill.tasks.kit.words import Bank, Voice, Words, words_beside
from tracemill.tasks.task import DETAILS, Detail, Line, Solution

T = TypeVar("T")
Ref = tuple[int, ...]
"""What a later step names to rest on an earlier one: the indices of the steps and premises that stand for it."""

MAX_LINES = 150
_DOUBTS = 0.09
"""The chance that a step is doubted, and found right, before the next one; if one of the last sites can be doubted."""
_CAN_BE_DOUBTED = 0.25
"""The share of sites that can be: to do all of them again would take a third of the time."""
_RECENT = 3
"""So many of the last sites can be doubted."""
_CHECKS = 0.3
"""The share of solutions that end with a check."""


class DeadEnd(Exception):
    """A mistake left something from which nobody could finish. The kit tries another site."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """Something done again to see whether it was right.

    `of`: what is looked at, as a noun (`equation (3)`). `fact`: what comes out, as a sentence without its full stop
    (`14 - 9 is 5`), and `claim` says the same; it must be true, also after a mistake, given what it `uses`.
    `instead`: what had been stated or was needed (`6`), where that differs from the fact; empty where all is well.
    """

    of: str
    fact: str
    claim: Claim
    uses: tuple[int | Ref, ...] = ()
    instead: str = ""


@dataclass(frozen=True, slots=True)
class MistakePlace:
    """A site at which a mistake could be made, found in a telling without one. `options`: the wrong values, if they
    were looked for; `foreseen` says what the answer will be with one of them, None where there will be none."""

    options: Sequence[Any] = ()
    foreseen: Callable[[Any], str | None] | None = None


@dataclass(slots=True)
class Strike:
    """A mistake that is made at its `target`-th site, counted from 1, with the wrong value at `option` among those that
    are possible there; drawn where that is None.

    Filled in while telling: `sites`, up to the one that is `struck`, or all where there are fewer; of that one the
    `line` (the first said after it), the `explanation` and the `recheck` that would uncover it; `late` is a check of
    the result that fails, offered at line `late_at`.
    """

    mistake: str
    target: int
    option: int | None = None
    sites: int = 0
    struck: bool = False
    line: int | None = None
    explanation: str = ""
    recheck: Recheck | None = None
    late: Recheck | None = None
    late_at: int = 0


@dataclass(frozen=True, slots=True)
class Most:
    """What is longer need not be told to its end: so many steps, and words in all of them, at most."""

    steps: int
    words: int


class Teller:
    """One telling. `rng` is for the task's own choices; `detail` for a task that words a move by it; `voice` for
    phrases that are part of a line. `places`: where no mistake is made, the places for each of these mistakes are
    listed here. `fresh_from`: from this line on the words differ from those of the same seed. Without `most`: at most
    `MAX_LINES` steps of any length."""

    def __init__(
        self,
        words: Words,
        detail: Detail,
        seed: int,
        strike: Strike | None = None,
        places: Mapping[str, list[MistakePlace]] | None = None,
        fresh_from: int | None = None,
        most: Most | None = None,
    ) -> None:
        self.words, self.detail, self.strike, self.seed = words, detail, strike, seed
        self.rng = Random(f"{seed}/task")
        self._bank = Bank(words.phrases.where, {**COMMON_WORDS.phrases.entries, **words.phrases.entries})
        self.voice = Voice(self._bank, Random(f"{seed}/words"))
        self._aside = Random(f"{seed}/aside")
        self._places = places
        self._fresh_from = fresh_from
        self._most = most
        self.lines: list[Line] = []
        self.word_count = 0
        """Of all lines."""
        self.labels: list[str] = []
        """How later steps call each line: what was said as its slot `label`."""
        self.leads: list[str] = []
        """What each line begins with that claims nothing."""
        self._doubtful: list[Recheck | None] = []
        """How the last sites are done again; None of one that cannot be doubted."""
        self._doubted: Recheck | None = None
        self._done_again: set[str] = set()
        """The facts that were stated by rechecks: nobody does the same a third time."""
        self._lead = ""
        self.closing = ""
        self.answer = ""

    def tells(self, level: Detail) -> bool:
        """Whether moves of this level are said."""
        return DETAILS.index(level) <= DETAILS.index(self.detail)

    def say(self, key: str, claim: Claim, uses: Iterable[int | Ref], level: Detail = "terse", **slots: object) -> Ref:
        """Tell a move, with a phrase of `key`; what stands for it in the `uses` of later ones.

        Raises:
            DeadEnd: the telling has become too long, as after a mistake that runs in circles.
        """
        rests_on = flat(uses)
        if not self.tells(level):
            return rests_on
        self._doubt()
        if len(self.lines) == self._fresh_from:
            self.voice = Voice(self._bank, Random(f"{self.seed}/again"))
        text = self.voice(key, **slots)
        at = self._add(text, claim, rests_on, str(slots.get("label", "")))
        if self.strike is not None and self._struck_untold:
            self.strike.line = at
        self._draw_doubt()
        return (at,)

    def lead(self, key: str, **slots: object) -> None:
        """A sentence that claims nothing, at the beginning of the next step."""
        self._lead += self.voice(key, **slots) + " "

    def site(
        self,
        mistake: str,
        right: T,
        wrong: Sequence[T] | Callable[[], Sequence[T]],
        why: str | Callable[[T], str],
        recheck: Callable[[], Recheck] | None = None,
        shown: Callable[[T], str] = str,
        doubtful: bool = True,
        costly: bool = False,
        foresight: Callable[[], Callable[[T], str | None]] | None = None,
    ) -> T:
        """`right`; or, where this mistake is made here, one of the `wrong` values, those that differ from `right`.

        `wrong` may be a function, which is called only where this mistake is looked for. `why` says what is wrong, in
        this case. `recheck` does it again and gives what is right; for that, `shown` writes a value as the text has it.
        `doubtful`: a right telling may doubt this too; not where it says nothing of what is done wrong here.
        `costly`: the wrong values take long to find, so that the place is listed without a look for any.
        `foresight` is for a task that knows at once what the answer will be if a wrong value is taken: so none is tried
        whose answer is no use. It is called where places are listed, and gives the function `MistakePlace.foreseen`,
        which is called later.
        The value should show in the very next step that is said: a telling with the mistake must be the same as one
        without up to the wrong step, or it cannot be corrected.

        Raises:
            DeadEnd: the mistake is to be made at a `costly` place, and there is no wrong value.
        """
        strike = self.strike
        # Drawn also where the mistake is made: so a wrong telling goes on to doubt where the right one does.
        remembered = recheck is not None and doubtful and self._aside.random() < _CAN_BE_DOUBTED
        if self._places is not None and mistake in self._places:
            options = [] if costly else _differing(wrong, right)
            if costly or options:
                self._places[mistake].append(MistakePlace(options, foresight() if foresight else None))
        if strike is not None and strike.mistake == mistake and not strike.struck:
            options = _differing(wrong, right)
            if costly and not options:
                raise DeadEnd
            strike.sites += bool(options)
            if options and strike.sites == strike.target:
                drawn = Random(f"{self.seed}/{mistake}/{strike.target}").choice(options)
                value = drawn if strike.option is None else options[strike.option]
                strike.struck = True
                # What was reckoned just before may be what is wrong now: to find it right would be a lie.
                self._doubtful = []
                strike.explanation = why(value) if callable(why) else why
                strike.recheck = replace(recheck(), instead=shown(value)) if recheck else None
                return value
        if recheck is not None and doubtful:
            self._remember(recheck() if remembered else None)
        return right

    def looks_for(self, mistake: str) -> bool:
        """Whether it matters where this mistake could be made: it is to be made, or its places are listed."""
        strike = self.strike
        if self._places is not None and mistake in self._places:
            return True
        return strike is not None and strike.mistake == mistake and not strike.struck

    def doubtful(self, again: Recheck) -> None:
        """What was reckoned just now is no place of a mistake by itself, but may be doubted and found right."""
        self._remember(again)

    def _remember(self, again: Recheck | None) -> None:
        if not self._struck_untold:
            self._doubtful = [*self._doubtful, again][-_RECENT:]

    def check(self, options: Sequence[Recheck]) -> None:
        """Now and then, check the result in one of these ways. Somebody who made a mistake does so too, and tells it
        where the check does not give the mistake away."""
        holding = [one for one in options if not one.instead and one.fact not in self._done_again]
        failing = [one for one in options if one.instead]
        if self.strike is not None and failing:
            self.strike.late, self.strike.late_at = self._aside.choice(failing), len(self.lines)
        if holding and self._aside.random() < _CHECKS:
            self.recheck("check", self._aside.choice(holding))

    def recheck(self, key: str, one: Recheck) -> Ref:
        """Tell a recheck, `doubt` of a step or `check` of the result, whether or not it finds a mistake."""
        self._done_again.add(one.fact)
        verdict = "holds" if not one.instead else "fails" if key == "check" else "fails_doubt"
        spoken = self.voice(verdict, **({"instead": one.instead} if one.instead else {}))
        text = self.voice(key, of=one.of, fact=one.fact, verdict=spoken)
        return (self._add(text, one.claim, flat(one.uses)),)

    def close(self, key: str, answer: str, **slots: object) -> None:
        """The reply after the reasoning. `answer` is the final answer as it stands there, without box or label."""
        self.answer = answer
        self.closing = self.voice(key, answer=answer, **slots)

    def solution(self) -> Solution:
        return Solution(tuple(self.lines), self.closing, detail=self.detail)

    @property
    def _struck_untold(self) -> bool:
        """Whether a mistake was made and the step with it is not said yet."""
        strike = self.strike
        return strike is not None and strike.struck and strike.line is None

    def _draw_doubt(self) -> None:
        """Whether what was reckoned last is doubted before the next step, if there is one."""
        possible = [at for at, again in enumerate(self._doubtful) if again is not None]
        if self._aside.random() < _DOUBTS and possible:
            self._doubted = self._doubtful.pop(self._aside.choice(possible))

    def _doubt(self) -> None:
        doubted, self._doubted = self._doubted, None
        if doubted is not None and doubted.fact not in self._done_again:
            lead, self._lead = self._lead, ""  # that of the next step
            self.recheck("doubt", doubted)
            self._lead = lead

    def append(self, line: Line, label: str = "", lead: str = "") -> int:
        """A line as it is, its `lead` included; its index."""
        most = self._most
        self.word_count += len(line.text.split())
        if len(self.lines) >= MAX_LINES:
            raise DeadEnd
        if most is not None and (len(self.lines) >= most.steps or self.word_count > most.words):
            raise DeadEnd
        self.lines.append(line)
        self.labels.append(label)
        self.leads.append(lead)
        return len(self.lines) - 1

    def _add(self, text: str, claim: Claim, uses: Ref, label: str = "") -> int:
        lead, self._lead = self._lead, ""
        return self.append(Line(lead + text, claim, uses), label, lead)


def _differing(wrong: Sequence[T] | Callable[[], Sequence[T]], right: T) -> list[T]:
    return [value for value in (wrong() if callable(wrong) else wrong) if value != right]


def flat(uses: Iterable[int | Ref]) -> Ref:
    """What a step rests on, each once, premises last."""
    found = {use for one in uses for use in ((one,) if isinstance(one, int) else one)}
    if len(found) < 2:
        return tuple(found)
    steps, premises = [use for use in found if use >= 0], [use for use in found if use < 0]
    return (*sorted(steps), *sorted(premises, reverse=True))


def entailment(formula: str, assume: Sequence[str] = ()) -> Claim:
    """The claim that a formula follows, under assumptions where there are some."""
    return Claim("entailment", {"formula": formula, "assume": list(assume)} if assume else {"formula": formula})


COMMON_WORDS = words_beside(__file__)
