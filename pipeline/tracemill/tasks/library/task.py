"""Real functions of installed packages, and what a call of them returns.

The functions, their setups and the calls are the packages' own docstring examples; what happens is a real trace
(`trace`), told by `telling`. A misconception is a changed reading of the function that is really executed (`mutants`),
so that a wrong solution is consistent after its flaw.

Nothing from a problem's record is executed: the record names a call and its hashes, and the installed package has the
text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from itertools import zip_longest
from random import Random
from typing import Any, ClassVar

from tracemill.records import Check, Problem, canonical_json
from tracemill.sandbox.limited import LimitedProcess
from tracemill.settings.errors import TracemillError
from tracemill.tasks.kit.teller import DeadEnd, Teller
from tracemill.tasks.kit.words import Voice, Words, words_beside
from tracemill.tasks.library.call_task import (
    CallQuestion,
    CallTask,
    code_block,
    definition_of,
    rechecks_of,
    shown_code,
    traced,
)
from tracemill.tasks.library.events import Event, Moment
from tracemill.tasks.library.line_telling import LineTelling
from tracemill.tasks.library.mutants import sites
from tracemill.tasks.library.pool import MEMORY_BYTES, Entry
from tracemill.tasks.library.rechecks import Rechecks, what_is_wrong, wrong_part
from tracemill.tasks.library.telling import Telling
from tracemill.tasks.library.tree import tree_of

MISREAD_SECONDS = 8.0
"""Of CPU time, for a misread execution and, the first time, the import of its package (under 2 s). Of 3,000, all took
under one second but one: a loop that squares for ever."""
MAX_ATTEMPTS = 6
"""Places of a mistake that are tried in one problem."""
_HOLDING_FIRST = 0.9
_ANY_LENGTH = 0.4
"""The share of mistakes taken as they come; of the others, those that cut an execution short come last: more mistakes
do that than make it longer, and a solution should not be known as wrong by being short."""
MAX_ANSWER = 300
MAX_LONGER = 3
"""A misread loop may run much longer than the true one: so many times the events at most."""


class Library(CallTask):
    """What does this call return? Functions and calls are real."""

    name: ClassVar[str] = "code.execution.library"
    summary: ClassVar[str] = "what a call of a real library function returns, followed line by line"
    words: ClassVar[Words] = words_beside(__file__)
    telling: ClassVar[type[Telling] | type[LineTelling]] = Telling

    def ask(self, entry: Entry, theme: Voice, voice: Voice) -> CallQuestion:
        asked = [theme("question"), code_block(entry.expression), theme("ending")]
        check = Check("exact", {"literal": entry.literal})
        return CallQuestion("\n\n".join([*shown_code(entry, theme), *asked]), entry.answer, check, (entry.names,))

    def tell(self, problem: Problem, teller: Teller) -> None:
        """Told from the execution that the pool keeps.

        Raises:
            TracemillError: the installed packages have no such call, or it does not give the problem's answer.
        """
        names = canonical_json(problem.metadata["instance"]["call"])
        true = traced(names)
        answer = true["result"].get("value")
        if answer != problem.answer:
            raise TracemillError(f"the call gives {answer}, but the problem's answer is {problem.answer}")
        rechecks = rechecks_of(names)
        owner = rechecks.owner
        believed = self._believed(names, true, teller)
        events, call = believed["events"], " ".join(true["expression"].split())
        telling = self.telling(teller, true["source"], owner, call, rechecks)
        telling.arguments(events[0]["values"])
        telling.block(tree_of(events[1:], owner))
        telling.result(believed["result"])
        teller.close("close", believed["result"]["value"])
        if believed is not true:
            _explain(teller, rechecks)

    def _believed(self, names: str, true: dict[str, Any], teller: Teller) -> dict[str, Any]:
        """The execution as its teller takes it to go: the true one, or that of the misread function."""
        for misconception in self.misconceptions:
            if not teller.looks_for(misconception.name) or not _places(names, misconception.name):
                continue
            options = partial(_misreadings, names, misconception.name, teller.seed)
            believed = teller.site(misconception.name, true, options, "", costly=True)
            if believed is not true:
                return believed
        return true


def _explain(teller: Teller, rechecks: Rechecks) -> None:
    """What is wrong in the first step that is, and how to see it: known once all is told."""
    facts = [fact for line in teller.lines if line.claim for fact in line.claim.payload["facts"]]
    false = next((fact for fact in facts if not rechecks.truths.holds(fact)), None)
    if teller.strike is None or false is None:
        raise DeadEnd
    teller.strike.explanation = f"It is not true {what_is_wrong(false)}."
    again = rechecks.of(false, Voice(teller.voice.bank, Random(f"{teller.seed}/again")))
    teller.strike.recheck = replace(again, instead=wrong_part(false)) if again else None


@lru_cache(maxsize=16)
def _misreadings(names: str, kind: str, seed: int) -> Sequence[dict[str, Any]]:
    """The execution of the call by somebody with that misconception, made where it ends in another value; at one of a
    few places, or nowhere."""
    true = traced(names)
    places, events = _places(names, kind), true["events"]
    rng, shorter = Random(f"{seed}/{kind}"), None
    any_length = rng.random() < _ANY_LENGTH
    for line, visit in _drawn(places, events, rng):
        wrong = _misread(names, kind, line, visit)
        if wrong is not None and _differs(wrong, true):
            if any_length or len(wrong["events"]) >= len(events):
                return [wrong]
            shorter = shorter or wrong
    return [shorter] if shorter else []


@lru_cache(maxsize=64)
def _places(names: str, kind: str) -> Sequence[Moment]:
    """Where in the execution of a call that misconception can show."""
    true = traced(names)
    return list(sites(definition_of(true["source"]), true["events"], kind))


def _drawn(places: Sequence[Moment], events: list[Event], rng: Random) -> list[Moment]:
    """Some places in random order, tests that hold mostly before others: fewer tests hold than do not, and a wrong
    verdict should not be known by being `true`."""
    taken = {(event["line"], event["visit"]) for event in events if event.get("taken")}
    holding = [place for place in places if place in taken]
    others = [place for place in places if place not in taken]
    rng.shuffle(holding)
    rng.shuffle(others)
    first, second = (holding, others) if rng.random() < _HOLDING_FIRST else (others, holding)
    turns = [place for pair in zip_longest(first, second) for place in pair if place is not None]
    return turns[:MAX_ATTEMPTS]


def _differs(wrong: dict[str, Any], true: dict[str, Any]) -> bool:
    answer = wrong["result"].get("value")
    if answer is None or len(answer) > MAX_ANSWER or answer == true["result"]["value"]:
        return False
    return len(wrong["events"]) <= MAX_LONGER * len(true["events"])


@lru_cache(maxsize=64)
def _misread(names: str, kind: str, line: int, visit: int) -> dict[str, Any] | None:
    """The execution of the misread function; None if it fails, hangs or runs too long. Kept for a while: the next
    telling of the problem asks for some of the same."""
    try:
        return _misreader().call({"call": json.loads(names), "kind": kind, "line": line, "visit": visit})
    except (LimitedProcess.Timeout, LimitedProcess.Died, LimitedProcess.Failed):
        return None


@cache
def _misreader() -> LimitedProcess:
    """A child of its own; it ends with this process."""
    target = "tracemill.tasks.library.mutants:misread"
    return LimitedProcess(target, seconds=MISREAD_SECONDS, memory_bytes=MEMORY_BYTES)
