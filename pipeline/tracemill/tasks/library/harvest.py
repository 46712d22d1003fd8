"""The harvest: which of a function's calls are fit for a problem, and how many steps each takes.

Runs in a child process. The calls are the examples of the docstring and the inputs that are made for the function
(`made_calls`). A call is fit if it gives the same twice, by the same lines, and what its docstring says; if the result
is short and means the same everywhere; if it takes at least MIN_STEPS steps and at most MAX_LINES lines; and if a
reader could follow it: all values on the way can be written down, and all that the function reads and calls is known or
can be shown (`needs`). A step is what has to be worked out: a decision, a round of a loop, a value that is computed and
not copied, a run of what the function calls.

Of made inputs, those are kept that take different ways through the function or give different values. What else may be
asked of them is found here too (`asks`).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from types import CodeType
from typing import Any, NamedTuple

from tracemill.claims.execution.calls import Function, FunctionCall, calls, function_of, functions
from tracemill.claims.execution.chance import SEEDS, is_drawn
from tracemill.claims.execution.made_calls import ALIKE, TRIES, made_call
from tracemill.claims.execution.packages import UNSTABLE
from tracemill.claims.execution.values import same
from tracemill.tasks.library.asks import asks_of
from tracemill.tasks.library.events import Event, Shown, events_of, is_derived, statements
from tracemill.tasks.library.needs import Needs, needs_of
from tracemill.tasks.library.tracing import LongError, Looks, UntraceableError, local_values, record, shown, soon_over

MIN_STEPS = 4
MIN_OWN = 3
"""Steps in the function's own lines."""
MIN_MADE = (2, 1)
"""The same two of made inputs."""
MAX_LINES = 60
PER_FUNCTION = 6
"""Calls of one function that are kept: some docstrings list dozens of much the same."""

PER_MADE = 5
"""Made inputs of one function that are kept."""
_MOST_ALIKE = 3
"""Of them, those that differ in one argument only."""
_HOPELESS = 24
"""If so many inputs give nothing, no more are tried."""
MAX_MADE_ANSWER = 120
MAX_CALLS = 5_000

_WITHOUT_CONTENT = frozenset(
    {"generator", "map", "filter", "zip", "enumerate", "chain", "cycle", "islice", "count", "product", "_tee"}
    | {"combinations", "combinations_with_replacement", "permutations", "function", "method"}
)
"""Types of values of which a reader needs to know no more than their name: what they give is said when they give it."""
_CHANCE = frozenset(
    {"random", "seed", "rng", "time", "open", "print", "input", "environ", "getenv", "warn", "id", "hash"}
)
_LONG_FLOAT = re.compile(r"\d\.\d{7}|\de[+-]")


def harvest(request: dict[str, Any]) -> dict[str, Any]:
    """Target: {"module": name} → {"functions": [qualified name, …]}, in the order of the source; with "package" and
    "function" beside it → {"entries": [...]}, one for each fit call of that function: its examples in their order, then
    made inputs."""
    module = request["module"]
    if "function" not in request:
        return {"functions": [function.qualname for function in functions(module)]}
    function = function_of(module, request["function"])
    if function is None:
        return {"entries": []}
    examples = list(_entries(request["package"], function))
    return {"entries": [*examples, *_made_entries(request["package"], function)]}


def _entries(package: str, function: Function) -> Iterator[dict[str, Any]]:
    told = set[tuple[str, str]]()
    for call in calls(package, function):
        key = (call.setup, call.expression)
        if key in told or len(told) >= PER_FUNCTION or not _promising(call):
            continue
        ran = _ran(call)
        found = _followed(call, MIN_OWN) if ran and len(ran.lines) <= MAX_LINES else None
        if ran and found and found.steps >= MIN_STEPS:
            told.add(key)
            yield _entry(call, ran.answer, found)


class _Ran(NamedTuple):
    """The lines that a call visits, and its result."""

    call: FunctionCall
    lines: tuple[int, ...]
    answer: str


def _made_entries(package: str, function: Function) -> Iterator[dict[str, Any]]:
    if UNSTABLE.intersection([f"{function.module}:{function.qualname}"]) or not _is_steady(function):
        return
    ran = list(_made(package, function))
    least, own = MIN_MADE
    kept: list[tuple[_Ran, _Followed]] = []
    for one in _chosen(ran):
        found = _followed(one.call, own)
        if found and found.steps >= least and not _LONG_FLOAT.search(json.dumps(found.events)):
            kept.append((one, found))
            if len(kept) == PER_MADE:
                break
    told = {one.call.place[1]: one.answer for one in ran}
    ways = {one.call.place[1]: frozenset(one.lines) for one in ran}
    properties: list[tuple[str, str]] = []
    for one, found in kept:
        like = [(other.call, other.answer) for other, _ in kept if other is not one]
        yield _entry(one.call, one.answer, found) | {
            "asks": asks_of(one.call, one.answer, found.events, like, told, ways, properties)
        }


def _made(package: str, function: Function) -> Iterator[_Ran]:
    """What the made inputs give, without those that raise, hang, or give nothing that can be written down."""
    found = 0
    for number in range(TRIES):
        call = made_call(package, function, number)
        if call is None or (number == _HOPELESS and not found):
            return
        try:
            with soon_over():
                ran = _ran(call)
        except LongError:
            return  # one that has no end for one input may take hours for all
        if ran and len(ran.lines) <= MAX_LINES and _is_plain(ran.answer):
            found += 1
            yield ran


def _is_plain(answer: str) -> bool:
    """Whether an answer is short and a literal, without long floating-point numbers."""
    return len(answer) <= MAX_MADE_ANSWER and _literal(answer) and not _LONG_FLOAT.search(answer)


def _chosen(ran: list[_Ran]) -> list[_Ran]:
    """The inputs in the order in which they are taken: no two with one answer; first some that differ in one argument
    only, then those that take another way through the function, then others."""
    answers, ways = set[str](), set[tuple[int, ...]]()
    groups: dict[int, dict[str, _Ran]] = {}
    for one in ran:
        groups.setdefault(one.call.place[1] // ALIKE, {}).setdefault(one.answer, one)
    best = max(groups.values(), key=len, default={})
    alike = list(best.values())[:_MOST_ALIKE]
    first: list[_Ran] = []
    second: list[_Ran] = []
    for one in [*alike, *ran]:
        if one.answer in answers:
            continue
        answers.add(one.answer)
        (second if one.lines in ways and one not in alike else first).append(one)
        ways.add(one.lines)
    return [*first, *second]


def _entry(call: FunctionCall, answer: str, found: _Followed) -> dict[str, Any]:
    needed = found.needed
    return {
        "names": call.names,
        "source": call.function.source,
        "setup": call.setup,
        "expression": call.expression,
        "answer": answer,
        "literal": _literal(answer),
        "steps": found.steps,
        "context": "\n".join(needed.context),
        "helpers": list(needed.helpers),
        "notes": list(needed.notes),
        "trace": json.dumps({"events": found.events, "result": found.result}),
        "summary": _summary(call.function.docstring),
        "asks": {},
    }


def _summary(docstring: str) -> str:
    """What a docstring says first, if that is short and shows no values."""
    text = " ".join(docstring.strip().partition("\n\n")[0].split())
    return text if len(text) <= 300 and ">>>" not in text else ""


def _promising(call: FunctionCall) -> bool:
    wanted = call.wanted or ""
    if f"{call.function.module}:{call.function.qualname}" in UNSTABLE:
        return False
    if "\n" in wanted or "<" in wanted or "0x" in wanted or "..." in wanted or _LONG_FLOAT.search(wanted):
        return False
    return _is_steady(call.function)


def _is_steady(function: Function) -> bool:
    """Whether no name in it says that it does not give the same each time."""
    tree = function.tree
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return not names & _CHANCE and not any("rand" in name for name in names)


def _ran(call: FunctionCall) -> _Ran | None:
    """The lines of the function that run, and the result; None if the call cannot be told."""
    try:
        code = call.function.object().__code__
        if code.co_freevars:
            return None
        runs = [_once(call, code)]
        if runs[0][3] is not None:
            runs.append(_once(call, code))
    except (LongError, MemoryError):
        raise
    except UntraceableError:
        return None
    except Exception:  # noqa: BLE001  an example of somebody else's may raise anything; then it is no problem of ours
        return None
    lines, _, _, answer = runs[0]
    shown_lines = {call.function.lines[line - 1] for line in statements(call.function.tree)}
    if not shown_lines.issuperset(lines):
        return None  # an exception was caught
    # Not the result itself: in what order that writes a set differs between processes.
    if answer is None or runs[0] != runs[1] or not same(call.wanted or answer, answer):
        return None
    return _Ran(call, tuple(lines), answer)


class _Followed(NamedTuple):
    needed: Needs
    steps: int
    events: list[Event]
    result: Shown


def _followed(call: FunctionCall, least: int) -> _Followed | None:
    """The execution with what a reader needs beside the source; None if that, or a value on the way, cannot be shown,
    or if the function itself hardly does anything."""
    looks = Looks(local_values, shown, MAX_CALLS)
    run = record(call, call.function.object().__code__, looks)
    drawn = is_drawn()
    states = [*(state for _, state in run.visits), run.last]
    handed = [value for _, value in [*run.yields, *run.inner, run.end or (0, {})]]
    if not all(map(_is_told, [*(value for state in states for value in state.values()), *handed])):
        return None
    owner = statements(call.function.tree)
    numbers = {number: line for line, number in enumerate(call.function.lines, 1)}
    if any(isinstance(owner[numbers[run.visits[index][0]]], ast.For | ast.While) for index, _ in run.inner):
        return None  # called by the head of a loop: there is no round to tell it in
    events = events_of(call.function, run)
    if any(event["kind"] == "test" and event["changes"] for event in events):
        return None  # a test that binds a name: what it is then could not be claimed
    if _follows_set_order(events, owner) or (drawn and _follows_chance(call, looks, events)):
        return None
    needed = needs_of(call, run)
    own = sum(is_derived(event, owner.get(event.get("line", 0))) for event in events)
    return _Followed(needed, own + needed.runs, events, shown(run.result)) if needed and own >= least else None


def _follows_chance(call: FunctionCall, looks: Looks, events: list[Event]) -> bool:
    """Whether anything but `events` is seen where chance begins elsewhere."""
    other = record(call, call.function.object().__code__, looks, SEEDS[1])
    return events_of(call.function, other) != events


def _follows_set_order(events: list[Event], owner: dict[int, ast.stmt]) -> bool:
    """Whether a loop over a set takes its items in another order than the one in which they are written: no reader
    could tell which comes next."""
    values: dict[str, str] = {}
    left: dict[int, list[str]] = {}
    for event in events:
        node = owner.get(event.get("line", 0))
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Name) and event["kind"] == "enter":
            left[node.lineno] = _items(values.get(node.iter.id, ""))
        bound: dict[str, Shown] = event.get("changes") or event.get("values") or {}
        values |= {name: value.get("value", "") for name, value in bound.items()}
        if isinstance(node, ast.For) and event["kind"] == "round" and left.get(node.lineno):
            target = ast.unparse(node.target).strip("()")
            if "," not in target and values.get(target) != left[node.lineno].pop(0):
                return True
    return False


def _items(text: str) -> list[str]:
    """What a set holds, as it is written; nothing for another value."""
    written = ast.parse(text, mode="eval").body if text.startswith("{") else None
    return [ast.get_source_segment(text, part) or "" for part in written.elts] if isinstance(written, ast.Set) else []


def _is_told(value: Shown) -> bool:
    return "type" not in value or "holds" in value or value["type"] in _WITHOUT_CONTENT or "iterator" in value["type"]


def _once(call: FunctionCall, code: CodeType) -> tuple[list[int], int, str, str | None]:
    run = record(call, code, Looks(lambda _: None, lambda _: None, MAX_CALLS))
    return (
        [line for line, _ in run.visits],
        len(run.yields) + len(run.inner),
        repr(run.result),
        shown(run.result).get("value"),
    )


def _literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True
