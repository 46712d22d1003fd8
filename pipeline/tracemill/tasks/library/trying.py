"""One execution after the other, each told to its end, until one gives what is wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tracemill.records import Claim, premise
from tracemill.tasks.kit.teller import Recheck, Ref, Teller
from tracemill.tasks.library.call_task import definition_of
from tracemill.tasks.library.events import statements, truths
from tracemill.tasks.library.rechecks import Rechecks
from tracemill.tasks.library.shown_values import spoken
from tracemill.tasks.library.telling import Telling
from tracemill.tasks.library.tree import tree_of


@dataclass(frozen=True, slots=True)
class Execution:
    """A call as it really goes: its code, its events and result, and the place of its premise."""

    source: str
    expression: str
    events: list[dict[str, Any]]
    result: Mapping[str, str]
    place: int

    @property
    def value(self) -> str:
        return self.result["value"]

    @property
    def call(self) -> str:
        return " ".join(self.expression.split())


def execution(source: str, expression: str, trace: str, place: int) -> Execution:
    """From the trace that the pool keeps."""
    kept = json.loads(trace)
    return Execution(source, expression, kept["events"], kept["result"], place)


Tried: TypeAlias = tuple[int, Mapping[str, str]]
"""The place of a candidate, and what its execution is taken to give."""


def in_turn(runs: Sequence[Execution], wanted: str, mistake: str, teller: Teller) -> Iterator[Tried]:
    """Which candidates are tried, the first of `runs` being the one that gives what is `wanted`: some others, then that
    one; or, by that mistake, yet another in its place, of which it is taken to give it."""
    others = list(range(1, len(runs)))
    teller.rng.shuffle(others)
    before = others[: teller.rng.randrange(len(others))]
    yield from ((place, runs[place].result) for place in before)
    left = [place for place in others if place not in before]
    options: list[Tried] = [(place, {"value": wanted}) for place in left]

    def why(tried: Tried) -> str:
        true = runs[tried[0]]
        return f"`{true.call}` gives {spoken(true.result)} here, not {spoken({'value': wanted})}."

    right: Tried = (0, runs[0].result)
    taken = teller.site(mistake, right, options, why, doubtful=False)
    if taken != right and teller.strike is not None:
        teller.strike.recheck = _again(runs[taken[0]], wanted)
    yield taken


def _again(true: Execution, wanted: str) -> Recheck:
    """An execution whose value was got wrong, looked at again."""
    claim = Claim("execution", {"facts": [{"event": "result", **true.result}]})
    of, fact = f"what `{true.call}` gives", f"it is {spoken(true.result)}"
    return Recheck(of, fact, claim, (premise(true.place),), spoken({"value": wanted}))


def tell(teller: Teller, true: Execution, result: Mapping[str, str], before: Ref) -> Ref:
    """Tells an execution line by line, which gives `result`; the last step."""
    owner = statements(definition_of(true.source))
    events = true.events
    if result != true.result:
        *events, last = true.events
        events = [*events, last] if last["kind"] != "return" else [*events, _giving(last, true.result, result)]
    rechecks = Rechecks(true.source, owner, truths(true.events, true.result), true.place)
    telling = Telling(teller, true.source, owner, true.call, rechecks, before=before, place=true.place)
    telling.arguments(events[0]["values"])
    telling.block(tree_of(events[1:], owner))
    telling.result(result)
    return telling.before


def _giving(last: dict[str, Any], true: Mapping[str, str], result: Mapping[str, str]) -> dict[str, Any]:
    """The `return` with the believed value, where it was the call's."""
    return {**last, **result} if last.get("value") == true["value"] else last
