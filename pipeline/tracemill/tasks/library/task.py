"""Real functions of installed packages, and what a call of them returns.

The functions, their setups and the calls are the packages' own docstring examples; what happens is a real trace
(`trace`), told by `telling`. A misconception is a changed reading of the function that is really executed (`mutants`),
so that a wrong solution is consistent after its flaw.

Nothing from a problem's record is executed: the record names a call and its hashes, and the installed package has the
text.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from itertools import zip_longest
from random import Random
from typing import Any, ClassVar

from tracemill.claims.execution.packages import PACKAGES, STDLIB, licence, notice, provenance, usable, version
from tracemill.records import Check, Claim, Problem, canonical_json
from tracemill.records.licences import Notice
from tracemill.sandbox.limited import LimitedProcess
from tracemill.settings.errors import TracemillError
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import DeadEnd, Teller
from tracemill.tasks.kit.words import Voice, Words, words_beside
from tracemill.tasks.library.events import Event, Moment, statements, truths
from tracemill.tasks.library.mutants import sites
from tracemill.tasks.library.pool import MEMORY_BYTES, Entry, entry_of, members, pool
from tracemill.tasks.library.rechecks import Rechecks, what_is_wrong, wrong_part
from tracemill.tasks.library.telling import Telling
from tracemill.tasks.library.tree import tree_of
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request

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


class Library(NarratedTask):
    """What does this call return? Functions and calls are real."""

    name: ClassVar[str] = "code.execution.library"
    version: ClassVar[str] = f"5+{provenance()}"
    """What the packages hold is part of what the problems are: under other ones a build is not continued."""
    summary: ClassVar[str] = "what a call of a real library function returns, followed line by line"
    words: ClassVar[Words] = words_beside(__file__)

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.library.oracle import LibraryOracle

        return LibraryOracle

    def notices(self) -> Sequence[Notice]:
        return [_notice(package) for package in usable(PACKAGES)]

    def capacity(self, band: tuple[float, float]) -> int | None:
        return len(members(band, pool()))

    def make(self, request: Request) -> Draft | None:
        fitting = members(request.band, pool())
        if request.index >= len(fitting):
            return None
        entry = fitting[request.index]
        names = entry.names
        return Draft(
            prompt=_prompt(entry, Voice(self.words.theme(request.theme), request.rng)),
            answer=entry.answer,
            check=Check("exact", {"literal": entry.literal}),
            premises=(Claim("call", names),),
            group=f"{names['module']}:{names['qualname']}",
            instance={"call": dict(names)},
            difficulty=entry.difficulty,
            licence=entry.licence,
            tags=(_tag(names["package"]),),
        )

    def tell(self, problem: Problem, teller: Teller) -> None:
        """Told from the execution that the pool keeps.

        Raises:
            TracemillError: the installed packages have no such call, or it does not give the problem's answer.
        """
        names = canonical_json(problem.metadata["instance"]["call"])
        true = _traced(names)
        answer = true["result"].get("value")
        if answer != problem.answer:
            raise TracemillError(f"the call gives {answer}, but the problem's answer is {problem.answer}")
        rechecks = _rechecks(names)
        owner = rechecks.owner
        believed = self._believed(names, true, teller)
        events, call = believed["events"], " ".join(true["expression"].split())
        telling = Telling(teller, true["source"], owner, call, rechecks)
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


def _tag(package: str) -> str:
    return f"{package}=={version(package)}"


def _notice(package: str) -> Notice:
    name = f"{'Python' if package == STDLIB else package} {version(package)}"
    text, terms = notice(package), licence(package)
    assert text and terms  # others are not usable
    changes = "Functions are shown alone, without docstrings and blank lines."
    return Notice(name, _tag(package), terms, text, changes)


def _explain(teller: Teller, rechecks: Rechecks) -> None:
    """What is wrong in the first step that is, and how to see it: known once all is told."""
    facts = [fact for line in teller.lines if line.claim for fact in line.claim.payload["facts"]]
    false = next((fact for fact in facts if not rechecks.truths.holds(fact)), None)
    if teller.strike is None or false is None:
        raise DeadEnd
    teller.strike.explanation = f"It is not true {what_is_wrong(false)}."
    again = rechecks.of(false, Voice(teller.voice.bank, Random(f"{teller.seed}/again")))
    teller.strike.recheck = replace(again, instead=wrong_part(false)) if again else None


def _prompt(entry: Entry, voice: Voice) -> str:
    names = entry.names
    owner, _, short = names["qualname"].rpartition(".")
    kind = f"the method `{short}` of `{owner}`" if owner else f"the function `{short}`"
    package = "Python" if names["package"] == "python" else names["package"]
    what = f"{kind} in `{names['module']}` ({package} {entry.version})"
    code = "```python\n{}\n```"
    context = [voice("context"), code.format(entry.context)] if entry.context else []
    helpers = [voice("helpers"), code.format("\n\n".join(entry.helpers))] if entry.helpers else []
    setup = [voice("setup"), code.format(entry.setup)] if entry.setup else []
    asked = [voice("question"), code.format(entry.expression), voice("ending")]
    opening = voice("opening", what=what)
    return "\n\n".join([opening, code.format(entry.source), *context, *helpers, *entry.notes, *setup, *asked])


@lru_cache(maxsize=16)
def _definition(source: str) -> ast.FunctionDef:
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    return definition


@lru_cache(maxsize=16)
def _traced(names: str) -> dict[str, Any]:
    """The execution of the call that the JSON text names. Kept for a while: one problem has several solutions."""
    entry = entry_of(names)
    return {"source": entry.source, "expression": entry.expression, **json.loads(entry.trace)}


@lru_cache(maxsize=16)
def _rechecks(names: str) -> Rechecks:
    true = _traced(names)
    return Rechecks(true["source"], statements(_definition(true["source"])), truths(true["events"], true["result"]))


@lru_cache(maxsize=16)
def _misreadings(names: str, kind: str, seed: int) -> Sequence[dict[str, Any]]:
    """The execution of the call by somebody with that misconception, made where it ends in another value; at one of a
    few places, or nowhere."""
    true = _traced(names)
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
    true = _traced(names)
    return list(sites(_definition(true["source"]), true["events"], kind))


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
