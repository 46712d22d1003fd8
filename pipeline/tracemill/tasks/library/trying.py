"""One execution after the other, each told to its end, until one gives what is wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


def believed(true: Execution, wanted: str | None, mistake: str, teller: Teller) -> Mapping[str, str]:
    """What the teller takes an execution to give: what it gives, or, by that mistake, what is `wanted`."""
    if wanted is None or true.value == wanted:
        return true.result

    def again() -> Recheck:
        claim = Claim("execution", {"facts": [{"event": "result", **true.result}]})
        return Recheck(f"what `{true.call}` gives", f"it is {spoken(true.result)}", claim, (premise(true.place),))

    why = f"`{true.call}` does not give {spoken({'value': wanted})} here, but {spoken(true.result)}."
    return teller.site(
        mistake, true.result, [{"value": wanted}], why, again, lambda shown: spoken(shown), doubtful=False
    )


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
