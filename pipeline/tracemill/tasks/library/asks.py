"""What can be asked of a made input beside what it gives, found by running the function.

    input     {"tried": [{"names", "expression", "answer", "trace", "needs"}, …]}
              other inputs, that differ in the first argument only; `needs`: what a prompt shows for them
    fault     {"change": n, "trace", "answer", "repairs": [{"change": n, "trace", "answer"}, …], "tests": [n, …]}
              a change of the function that this call betrays; changes that do not mend it; inputs to try a repair on
    property  {"key", "domain": [text, …], "values": [text, …], "broken": [index, …]}
              what is true of the first arguments in the domain but those at `broken`, and what the call gives for each
A trace is the JSON of `tracing.told`.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from tracemill.claims.execution.calls import FunctionCall
from tracemill.claims.execution.holes import first_argument, given, other_arguments, read_argument, with_hole
from tracemill.claims.execution.made_calls import ALIKE, made_call
from tracemill.claims.execution.properties import DOMAINS, OPPOSITE, PROPERTIES
from tracemill.claims.execution.variants import changed, changes, code_in_place, with_changes, with_source
from tracemill.records import fingerprint
from tracemill.tasks.library.events import Event, events_of, statements
from tracemill.tasks.library.needs import needs_of
from tracemill.tasks.library.tracing import MAX_TEXT, Looks, UntraceableError, local_values, record, shown, soon_over

MAX_EVENTS = 45
"""Of an execution that is told beside another one."""
MAX_TOLD = 110
"""Events of all executions of one solution: hardly any takes two steps to tell, and a solution ends at 150."""
_CHANGES = 10
"""Changes of one function that are tried for a call."""
_REPAIRS = 3
_TELLABLE, _OF_A_LINE = 15, 3
"""Wrong repairs among which these are chosen, and how many of one line."""
_TRIED = 3
_TESTS = 48
_RESULTS = 3
"""So many different results have the inputs that go through a faulty line, at least."""
_ASKED = 2
"""Properties that are asked about one function."""
_HALVES = (((3, 4), (4, 3)), ((2, 3), (3, 2)))
"""For how many arguments of a domain a property does not hold, and for how many it does; the larger domain if both of
its halves can be had."""
_CALLS = 5_000
_NEAR = 4
"""Events: executions whose lengths differ by less are taken to be as long as each other."""
_SIGNS = re.compile(r"[<>=!]=?|[-+*/%&|~]+|\b(?:and|or|not|in)\b")
_EASY = frozenset({"True", "False", "None"})


def asks_of(
    call: FunctionCall,
    answer: str,
    events: Sequence[Event],
    like: Sequence[tuple[FunctionCall, str]],
    told: Mapping[int, str],
    ways: Mapping[int, Collection[int]],
    properties: list[tuple[str, str]],
) -> dict[str, Any]:
    """`like`: the other inputs of the function that are kept, with what they give. `told`: what all inputs give that
    give something, `ways`: the lines of the file through which they go. `properties`: what is asked of the function's
    inputs before this one, as a call without its first argument and a key; what is asked of this one is added.
    """
    found: dict[str, Any] = {}
    number = call.place[1]
    argument = first_argument(call)
    if argument is not None:
        near = [other for other, value in like if other.place[1] // ALIKE == number // ALIKE and value != answer]
        if (
            near
            and answer not in _EASY
            and _alike(call, near[0])
            and (tried := list(_others(call, answer, len(events), told)))
        ):
            found["input"] = {"tried": tried}
        if len(properties) < _ASKED and (asked := _property(call, argument, properties)):
            found["property"] = asked
    tests = [one for one in told if one != number][:_TESTS]
    if len(events) <= MAX_EVENTS and len(tests) >= 3 and (fault := _fault(call, answer, events, told, ways)):
        found["fault"] = {**fault, "tests": [number, *tests]}
    return found


def _others(call: FunctionCall, answer: str, events: int, told: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    """Other inputs that differ in the first argument, with what they give: each another value."""
    first = call.place[1] // ALIKE * ALIKE
    answers, found = {answer}, []
    for number in range(first, first + ALIKE):
        other = made_call(call.package, call.function, number) if told.get(number, answer) not in answers else None
        run = _followed(other) if other is not None and _alike(call, other) else None
        if other is not None and run is not None:
            answers.add(told[number])
            found.append({"names": dict(other.names), "expression": other.expression, "answer": told[number], **run})
    # Somebody who takes the wrong one should not be known by a longer or shorter execution.
    nearest = sorted(found, key=lambda one: abs(_length(one) - events))[:_TRIED]
    yield from _short(nearest, events)


def _short(others: list[dict[str, Any]], events: int) -> list[dict[str, Any]]:
    """The first of other executions, so few that a solution is not too long which tells all but one of them and has
    `events` beside."""
    while len(others) > 1 and events + sum(map(_length, others)) - min(map(_length, others)) > MAX_TOLD:
        others = others[:-1]
    return others


def _length(one: Mapping[str, Any]) -> int:
    return len(json.loads(one["trace"])["events"])


def _followed(call: FunctionCall) -> dict[str, Any] | None:
    """The trace of a call, and what a reader needs; None where it is long, or a part of that cannot be shown."""
    try:
        with soon_over():
            run = record(call, call.function.object().__code__, Looks(local_values, shown, _CALLS))
        events, needs = events_of(call.function, run), needs_of(call, run)
    except (UntraceableError, Exception):  # noqa: BLE001  no input of a problem then
        return None
    text = json.dumps({"events": events, "result": shown(run.result)})
    if needs is None or len(events) > MAX_EVENTS or '"type"' in text:
        return None
    return {"trace": text, "needs": {"context": needs.context, "helpers": needs.helpers, "notes": needs.notes}}


def _alike(one: FunctionCall, other: FunctionCall) -> bool:
    """Whether two calls differ in the first argument only."""
    return other_arguments(one) == other_arguments(other) and first_argument(other) is not None


def _fault(
    call: FunctionCall,
    answer: str,
    events: Sequence[Event],
    told: Mapping[int, str],
    ways: Mapping[int, Collection[int]],
) -> dict[str, Any] | None:
    """The first change, in an order of its own for each call, that makes the call give something else, with changes of
    other lines that ran which do not mend it. A line that does no more than a constant, as far as inputs show, is not
    asked about: stating that would mend it."""
    source = call.function.source
    order = list(range(len(changes(source))))
    Random(fingerprint("change", call.names)).shuffle(order)
    for number in order[:_CHANGES]:
        trace = _traced(call, [number])
        if trace is None or trace["result"].get("value") in (None, answer):
            continue
        line = changes(source)[number].line
        if not any(event.get("line") == line for event in trace["events"]):
            continue
        through = {one: told[one] for one, lines in ways.items() if call.function.lines[line - 1] in lines}
        if len({*through.values()}) < _RESULTS or _is_constant(call, line, events, through):
            continue
        wrong = list(_wrong_repairs(call, number, answer, trace["events"], order))
        repairs = _short(_nearest(call, number, wrong, len(events)), len(events) + len(trace["events"]))
        if repairs:
            return {
                "change": number,
                "trace": json.dumps(trace),
                "answer": trace["result"]["value"],
                "repairs": repairs,
            }
    return None


def _is_constant(call: FunctionCall, line: int, events: Sequence[Event], through: Mapping[int, str]) -> bool:
    """Whether the inputs that go `through` a line give what they give with a constant in it, too."""
    rows = call.function.source.split("\n")
    row = rows[line - 1]
    indent = row[: len(row) - len(row.lstrip())]
    for text in _constants(statements(call.function.tree)[line], line, row, events):
        source = "\n".join([*rows[: line - 1], indent + text, *rows[line:]])
        tests = ((made_call(call.package, call.function, number), value) for number, value in through.items())
        if all(test is not None and _result(with_source(test, source)) == value for test, value in tests):
            return True
    return False


def _constants(node: ast.stmt, line: int, row: str, events: Sequence[Event]) -> Iterator[str]:
    """What could stand in the line of a statement that is not a constant already."""
    if isinstance(node, ast.If | ast.While):
        if node.test.end_lineno == line:
            word = row.split(maxsplit=1)[0]  # `elif`, too
            yield from (f"{word} True:", f"{word} False:")
        return
    first = next((event for event in events if event.get("line") == line), None)
    value = getattr(node, "value", None)
    if first is None or node.end_lineno != line or value is None or isinstance(value, ast.Constant):
        return
    if isinstance(node, ast.Return) and "value" in first:
        yield f"return {first['value']}"
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        for name, changed_to in (first.get("changes") or {}).items():
            if "value" in changed_to:
                yield f"{name} = {changed_to['value']}"


def _result(call: FunctionCall) -> str | None:
    """What a call to a changed function gives, as text."""
    try:
        space: dict[str, Any] = {"__name__": "example"}
        exec(compile(call.setup, "<setup>", "exec"), space)
        with soon_over(), code_in_place(call):
            return shown(eval(compile(call.expression, "<call>", "eval"), space)).get("value")
    except Exception:  # noqa: BLE001  a changed function may raise anything
        return None


def _nearest(call: FunctionCall, number: int, repairs: list[dict[str, Any]], events: int) -> list[dict[str, Any]]:
    """Those repairs, of one line each, that are of such a statement as the right one, have its signs and as many words,
    and make an execution that is as long: what is repaired is the original, and should not be known by that."""
    every, owner = changes(call.function.source), statements(call.function.tree)
    right = call.function.source.split("\n")[every[number].line - 1]

    def distance(one: dict[str, Any]) -> tuple[int, int]:
        line = every[one["change"]].line
        source = with_changes(call.function.source, [number, one["change"]])
        assert source is not None  # it ran
        row = source.split("\n")[line - 1]
        signs = Counter(_SIGNS.findall(right)), Counter(_SIGNS.findall(row))
        differing = ((signs[0] - signs[1]) + (signs[1] - signs[0])).total()
        kinds = {type(owner.get(at)) for at in (line, every[number].line)}
        words = abs(len(right.split()) - len(row.split()))
        return 2 * len(kinds) + differing + words + abs(_length(one) - events) // _NEAR, abs(_length(one) - events)

    found: dict[int, dict[str, Any]] = {}
    for one in sorted(repairs, key=distance):
        found.setdefault(every[one["change"]].line, one)
    least = min(map(distance, repairs), default=(0, 0))[0]
    return [one for one in found.values() if distance(one)[0] <= least + _NEAR][:_REPAIRS]


def _wrong_repairs(
    call: FunctionCall, number: int, answer: str, events: Sequence[Event], order: Sequence[int]
) -> Iterator[dict[str, Any]]:
    every = changes(call.function.source)
    ran = {event.get("line") for event in events} - {every[number].line}
    tried = Counter[int]()
    for other in order:
        line = every[other].line
        if tried.total() == _TELLABLE:
            return
        if line not in ran or tried[line] == _OF_A_LINE:
            continue
        trace = _traced(call, [number, other])
        if trace is not None and trace["result"].get("value") not in (None, answer):
            tried[line] += 1
            yield {"change": other, "trace": json.dumps(trace), "answer": trace["result"]["value"]}


def _traced(call: FunctionCall, numbers: Sequence[int]) -> dict[str, Any] | None:
    """The execution of the call with these changes; None if it fails, is long, or cannot be told."""
    try:
        variant = changed(call, list(numbers))
        with soon_over(), code_in_place(variant) as code:
            run = record(variant, code, Looks(local_values, shown, _CALLS))
        events = events_of(variant.function, run)
    except (UntraceableError, Exception):  # noqa: BLE001  a changed function may raise anything
        return None
    trace = {"events": events, "result": shown(run.result)}
    text = json.dumps(trace)
    return trace if len(events) <= MAX_EVENTS and '"type"' not in text and len(text) < 40 * MAX_TEXT else None


def _property(call: FunctionCall, argument: str, before: list[tuple[str, str]]) -> dict[str, Any] | None:
    """Of about half of the arguments it holds: were it few or nearly all, what a step says of one of them would tell
    how likely the step is wrong. What is asked already of this call with other first arguments is not asked again."""
    value, hole = read_argument(argument), with_hole(call, "x")
    asked = {key for other, key in before if other == hole}
    domain = DOMAINS.get(type(value[0]).__name__) if value else None
    values: list[str] = []
    for text in domain or []:
        found = _value(call, text)
        if found is None:
            return None
        values.append(found)
    if domain is None:
        return None
    pairs = [(ast.literal_eval(text), ast.literal_eval(result)) for text, result in zip(domain, values, strict=True)]
    rng = Random(fingerprint("property", call.names))
    left = {key: one for key, one in PROPERTIES.items() if not asked & {key, OPPOSITE.get(key)}}
    tried = {key: _half(_broken(one.holds, pairs), len(pairs), rng) for key, one in left.items()}
    drawn = {key: found for key, found in tried.items() if found}
    if not drawn or len(set(values)) < 2:
        return None
    key = rng.choice(list(drawn))
    places, failing = drawn[key]
    before.append((hole, key))
    return {
        "key": key,
        "domain": [domain[at] for at in places],
        "values": [values[at] for at in places],
        "broken": [number for number, at in enumerate(places) if at in failing],
    }


def _half(failing: Sequence[int] | None, size: int, rng: Random) -> tuple[list[int], Sequence[int]] | None:
    """Places of arguments, of about half of which a property does not hold, with those where it does not; None where
    there are too few of one kind. Of one more than of the other, and as often of this kind as of that where both can
    be: who goes wrong for one argument of the more (`property_task`) ends with as many as a right solution may."""
    if failing is None:
        return None
    holding = [at for at in range(size) if at not in failing]
    fitting = [
        [(broken, whole) for broken, whole in pairs if broken <= len(failing) and whole <= len(holding)]
        for pairs in _HALVES
    ]
    broken, whole = rng.choice(max(fitting, key=len)) if any(fitting) else (0, 0)
    chosen = [*rng.sample(list(failing), broken), *rng.sample(holding, whole)]
    return (sorted(chosen), failing) if chosen else None


def _broken(holds: Any, pairs: Sequence[tuple[Any, Any]]) -> list[int] | None:
    """Where a property does not hold; None where it makes no sense."""
    try:
        return [at for at, (x, result) in enumerate(pairs) if not holds(x, result)]
    except (TypeError, AttributeError, ZeroDivisionError, ValueError):
        return None


def _value(call: FunctionCall, argument: str) -> str | None:
    """What the call gives with that first argument, if it is a literal of one short line."""
    try:
        with soon_over():
            text = shown(given(call, argument)).get("value")
    except Exception:  # noqa: BLE001  a function may raise anything
        return None
    return text if text is not None and len(text) <= 40 and read_argument(text) is not None else None
