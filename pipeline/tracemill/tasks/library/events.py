"""From visited lines to events: statements, decisions, rounds of loops, what they changed, what came back.

Events are plain JSON, in the order of the execution; `line` is a statement's first line in the shown source:
    arguments  values: {name: shown}                    the variables when the function begins
    run        line, visit, changes: {name: shown}      a simple statement ran for the visit-th time
    test       line, visit, taken, changes              an `if` or `while` decided
    enter      line, visit                              a loop is reached for the visit-th time
    round      line, visit, changes                     a `for` took its next item; visit counts over the whole call
    leave      line, visit, count, cut                  the loop's visit-th run had count rounds; cut: by the return
    yield      visit, value or type                     the visit-th value of a generator
    inner      visit, value or type                     what the visit-th call of the function by itself gives; before
                                                        the statement that makes it
    return     line, value or type
A *shown* value is {"value": text}, {"type": name} or {"type": name, "holds": text}.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from tracemill.claims.execution.calls import Function

Event: TypeAlias = dict[str, Any]
Shown: TypeAlias = Mapping[str, str]

_LOOPS = (ast.For, ast.While)


def statements(definition: ast.FunctionDef) -> dict[int, ast.stmt]:
    """The statement whose own lines, without those of its blocks, include a line."""
    found: dict[int, ast.stmt] = {}
    for node in ast.walk(definition):
        if isinstance(node, ast.stmt) and node is not definition:
            found.update(dict.fromkeys(range(node.lineno, _own_end(node) + 1), node))
    return found


def _own_end(node: ast.stmt) -> int:
    if isinstance(node, ast.If | ast.While):
        return node.test.end_lineno or node.lineno
    if isinstance(node, ast.For):
        return node.iter.end_lineno or node.lineno
    return node.lineno if isinstance(node, ast.Try) else node.end_lineno or node.lineno


def own_parts(node: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, without those of its blocks."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield from ast.walk(child)


def endless(node: ast.stmt) -> bool:
    return isinstance(node, ast.While) and isinstance(node.test, ast.Constant)


@dataclass(slots=True)
class Recording:
    """`visits`: arrivals at statements as (line of the file, snapshot before it ran). `yields`, `inner` (what runs
    within this one give back) and `end`: (index into visits, value). `calls`:
    who called whom meanwhile, each as (module, qualified name), and how often."""

    result: Any = None
    visits: list[tuple[int, Any]] = field(default_factory=list)
    yields: list[tuple[int, Any]] = field(default_factory=list)
    inner: list[tuple[int, Any]] = field(default_factory=list)
    end: tuple[int, Any] | None = None
    last: Any = None
    calls: Counter[tuple[tuple[str, str], tuple[str, str]]] = field(default_factory=Counter)


def is_derived(event: Event, node: ast.stmt | None) -> bool:
    """Whether an event has to be worked out: a decision, a round, a value that is computed, not copied."""
    match event["kind"]:
        case "test" | "round" | "yield" | "inner":
            return True
        case "run":
            literal = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Name)
            return bool(event["changes"]) and not literal and not isinstance(node, ast.Import | ast.ImportFrom)
        case "return":
            return isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | ast.Name | None)
    return False


@dataclass(slots=True)
class _Loop:
    node: ast.For | ast.While
    visit: int
    count: int = 0

    def covers(self, line: int) -> bool:
        return self.node.lineno <= line <= (self.node.body[-1].end_lineno or 0)


@dataclass(slots=True)
class _Writer:
    events: list[Event] = field(default_factory=list)
    open: list[_Loop] = field(default_factory=list)
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)

    def put(self, kind: str, line: int, **more: Any) -> None:
        self.seen[kind, line] += 1
        self.events.append({"kind": kind, "line": line, "visit": self.seen[kind, line], **more})

    def leave(self, line: int | None) -> None:
        """Closes the loops that `line` lies outside of; all of them where the function returned."""
        while self.open and (line is None or not self.open[-1].covers(line)):
            self.close(cut=line is None)

    def close(self, cut: bool) -> None:
        loop = self.open.pop()
        gone = {"kind": "leave", "line": loop.node.lineno, "visit": loop.visit}
        self.events.append({**gone, "count": loop.count, "cut": cut})

    def enter(self, node: ast.For | ast.While) -> _Loop:
        if not self.open or self.open[-1].node is not node:
            self.put("enter", node.lineno)
            self.open.append(_Loop(node, self.seen["enter", node.lineno]))
        return self.open[-1]


def events_of(function: Function, recording: Recording) -> list[Event]:
    """The events of a recording whose snapshots are {name: shown}."""
    arrivals = _arrivals(function, recording)
    nodes = [node for node, _, _ in arrivals]
    starts = [state for _, state, _ in arrivals]
    endless_loops = [loop for loop in ast.walk(function.tree) if isinstance(loop, ast.While) and endless(loop)]
    writer = _Writer()
    writer.events.append({"kind": "arguments", "values": dict(starts[0]) if starts else {}})
    for index, (node, state, given) in enumerate(arrivals):
        after = starts[index + 1] if index + 1 < len(starts) else recording.last
        following = nodes[index + 1] if index + 1 < len(nodes) else None
        writer.leave(node.lineno)
        _begin_round(writer, endless_loops, node)
        for kind, value in given:
            if kind == "inner" and isinstance(node, _LOOPS):
                raise ValueError("the head of a loop calls the function itself: there is no round to tell it in")
            writer.put(kind, 0, **value)
        _put(writer, node, following, _changes(state, after))
    assert recording.end is not None
    if nodes and writer.open and writer.open[-1].node is nodes[-1]:
        writer.close(cut=False)
    line = nodes[-1].lineno if nodes else 1
    writer.events.append({"kind": "return", "line": line, **recording.end[1]})
    writer.leave(None)
    return writer.events


def _arrivals(function: Function, recording: Recording) -> list[tuple[ast.stmt, Any, list[tuple[str, Shown]]]]:
    """Each statement when it is reached, with the state before it, what it yields and what runs within it give back."""
    owner = statements(function.tree)
    numbers = {number: shown for shown, number in enumerate(function.lines, 1)}
    handed: dict[int, list[tuple[str, Shown]]] = {}
    for kind, values in (("yield", recording.yields), ("inner", recording.inner)):  # never both: see `tracing`
        for index, value in values:
            handed.setdefault(index, []).append((kind, value))
    found: list[tuple[ast.stmt, Any, list[tuple[str, Shown]]]] = []
    for index, (number, state) in enumerate(recording.visits):
        node = owner[numbers[number]]
        if not isinstance(node, ast.Try):
            found.append((node, state, handed.get(index, [])))
    return found


def _begin_round(writer: _Writer, endless_loops: Sequence[ast.While], node: ast.stmt) -> None:
    """A round of `while True` shows only by its first statement."""
    for loop in endless_loops:
        if loop.body[0] is node:
            writer.enter(loop).count += 1
            writer.put("round", loop.lineno, changes={})


def _put(writer: _Writer, node: ast.stmt, following: ast.stmt | None, changes: dict[str, Any]) -> None:
    if isinstance(node, _LOOPS):
        loop = writer.enter(node)
        went_in = following is not None and _within(node.body, following.lineno)
        if isinstance(node, ast.While) and not endless(node):
            writer.put("test", node.lineno, taken=went_in, changes=changes)
        elif isinstance(node, ast.For) and went_in:
            writer.put("round", node.lineno, changes=changes)
        loop.count += went_in and not endless(node)
    elif isinstance(node, ast.If):
        taken = following is not None and _within(node.body, following.lineno)
        writer.put("test", node.lineno, taken=taken, changes=changes)
    elif not isinstance(node, ast.Return):
        writer.put("run", node.lineno, changes=changes)


def _within(body: list[ast.stmt], line: int) -> bool:
    return body[0].lineno <= line <= (body[-1].end_lineno or 0)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if before.get(name) != value}


def value_of(event: Mapping[str, Any]) -> dict[str, str]:
    """The shown value that an event or a fact carries."""
    return {key: event[key] for key in ("value", "type", "holds") if key in event}


Moment: TypeAlias = tuple[int, int]
"""A line and a visit."""


@dataclass(slots=True)
class Truths:
    """What is true of an execution, to hold single facts against; facts: `claims/execution/checker.py`.

    `after` and `before` have the variables after a statement and before a test, each as the fact that states it.
    """

    arguments: Mapping[str, Event] = field(default_factory=dict)
    after: dict[Moment, Mapping[str, Event]] = field(default_factory=dict)
    before: dict[Moment, Mapping[str, Event]] = field(default_factory=dict)
    taken: dict[Moment, bool] = field(default_factory=dict)
    counts: dict[Moment, int] = field(default_factory=dict)
    yields: list[Shown] = field(default_factory=list)
    inner: list[Shown] = field(default_factory=list)
    returned: Shown = field(default_factory=dict)
    result: Shown = field(default_factory=dict)

    def holds(self, fact: Mapping[str, Any]) -> bool:
        at = (fact.get("line", 0), fact.get("visit", 0))
        event = fact["event"]
        if event in ("branch", "loop"):
            said, true = (fact["taken"], self.taken) if event == "branch" else (fact["count"], self.counts)
            return bool(true.get(at) == said)
        if event == "run":
            return at in self.after
        return value_of(self._shown(event, at, fact)) == value_of(fact)

    def _shown(self, event: str, at: Moment, fact: Mapping[str, Any]) -> Mapping[str, Any]:
        if event in ("yield", "inner"):
            handed = self.yields if event == "yield" else self.inner
            return handed[at[1] - 1] if at[1] <= len(handed) else {}
        if event in ("return", "result"):
            return self.returned if event == "return" else self.result
        return (self.arguments if event == "argument" else self.after.get(at, {})).get(fact["name"], {})


def truths(events: list[Event], result: Shown) -> Truths:
    found = Truths(result=result)
    state: dict[str, Event] = {}
    for event in events:
        at = (event.get("line", 0), event.get("visit", 0))
        before = state
        state = state | _as_facts(event)
        match event["kind"]:
            case "arguments":
                found.arguments = state
            case "run" | "round":
                found.after[at] = state
            case "test":
                found.before[at], found.taken[at] = before, event["taken"]
                found.after[at] = state
            case "leave":
                found.counts[at] = event["count"]
            case "yield":
                found.yields.append(value_of(event))
            case "inner":
                found.inner.append(value_of(event))
            case "return":
                found.returned = value_of(event)
    return found


def _as_facts(event: Event) -> dict[str, Event]:
    """The variables that an event gives a value, each as the fact of that."""
    if event["kind"] == "arguments":
        return {name: {"event": "argument", "name": name, **shown} for name, shown in event["values"].items()}
    at: Event = {key: event[key] for key in ("line", "visit") if key in event}
    return {name: {"event": "assign", **at, "name": name, **shown} for name, shown in event.get("changes", {}).items()}
