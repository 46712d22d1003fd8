"""How somebody with a misconception reads a function: its tree with one thing changed, then really executed.

Runs in a child process of its own, so that no cache of a package keeps a wrong value for a right execution. Lines stay
where they are, so the execution can be told against the source as shown.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from tracemill.claims.execution.calls import FunctionCall
from tracemill.claims.execution.listed_calls import find
from tracemill.claims.execution.variants import body_code
from tracemill.tasks.library.events import Event, is_derived, own_parts
from tracemill.tasks.library.misreadings import REWRITES, rewritten, slipped
from tracemill.tasks.library.tracing import told

_HOOK = "__misread__"


def sites(definition: ast.FunctionDef, events: Iterable[Event], kind: str) -> Iterator[tuple[int, int]]:
    """Where, of the statements that ran, the mistake can be made: (line, visit); 0 stands for every visit."""
    nodes = {node.lineno: node for node in ast.walk(definition) if isinstance(node, ast.stmt)}
    found: dict[tuple[int, int], None] = {}
    rewrites: dict[int, bool] = {}
    """By line, whether a part of its statement can be rewritten."""
    for event in events:
        node = nodes.get(event.get("line", 0))
        if node is None or node is definition or event["kind"] in ("leave", "yield", "inner"):
            continue
        if kind in _AT_VISIT:
            if _AT_VISIT[kind](node, event):
                found[node.lineno, event.get("visit", 1)] = None
            continue
        if node.lineno not in rewrites:
            parts = (part for part in own_parts(node) if isinstance(part, ast.expr))
            rewrites[node.lineno] = any(map(REWRITES[kind], parts))
        if rewrites[node.lineno]:
            found[node.lineno, 0] = None
    yield from found


def _slips(node: ast.stmt, event: Event) -> bool:
    """A value that is worked out and given to one name, or back."""
    if event["kind"] not in ("run", "return") or not is_derived(event, node):
        return False
    if isinstance(node, ast.Return):
        return "value" in event
    target = _only_target(node)
    return target is not None and "value" in event["changes"].get(target.id, {})


def _only_target(node: ast.stmt) -> ast.Name | None:
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    target = node.target if isinstance(node, ast.AugAssign) else target
    return target if isinstance(target, ast.Name) else None


def _decides(node: ast.stmt, event: Event) -> bool:
    """A loop can only be left too early: what would go on too long may go on for ever."""
    if event["kind"] != "test":
        return False
    return isinstance(node, ast.If) or bool(event["taken"])


def _returns_early(node: ast.stmt, event: Event) -> bool:
    return isinstance(node, ast.If) and bool(event.get("taken")) and isinstance(node.body[-1], ast.Return)


def _takes_items(node: ast.stmt, event: Event) -> bool:
    kind: str = event["kind"]
    if isinstance(node, ast.For):
        return kind == "enter"
    return kind in ("run", "return") and _comprehension(node) is not None


def _comprehension(node: ast.stmt) -> ast.comprehension | None:
    return next((part for part in own_parts(node) if isinstance(part, ast.comprehension)), None)


_AT_VISIT: dict[str, Callable[[ast.stmt, Event], bool]] = {
    "slip_in_value": _slips,
    "wrong_branch": _decides,
    "early_return_forgotten": _returns_early,
    "last_item_forgotten": _takes_items,
}


def misread(request: dict[str, Any]) -> dict[str, Any]:
    """Target: {"call": names, "kind": misconception, "line": n, "visit": k} → as `tracing.told`, of the
    misread function. Whatever that raises comes through."""
    call = find(request["call"])
    definition = ast.parse(call.function.source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    line, kind = request["line"], request["kind"]
    node = next(n for n in ast.walk(definition) if isinstance(n, ast.stmt) and n.lineno == line and n is not definition)
    _change(node, kind)
    return _executed(call, definition, _hook(kind, line, request["visit"]))


def _change(node: ast.stmt, kind: str) -> None:
    if kind not in _AT_VISIT:
        rewritten(node, kind)
    elif isinstance(node, ast.If | ast.While):
        node.test = _hooked(node.test)
    elif kind == "last_item_forgotten":
        taker = node if isinstance(node, ast.For) else _comprehension(node)
        assert taker is not None
        taker.iter = _hooked(taker.iter)
    elif isinstance(node, ast.Assign | ast.Return) and node.value is not None:
        node.value = _hooked(node.value)
    elif isinstance(node, ast.AugAssign):
        target = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)  # type: ignore[union-attr]
        total = ast.copy_location(ast.BinOp(target, node.op, node.value), node)
        # Told as the augmented assignment it is: the events know only the line.
        node.op, node.value = ast.Add(), ast.copy_location(ast.BinOp(_hooked(total), ast.Sub(), target), node)


def _hooked(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(_HOOK, ast.Load()), [node], [])


def _hook(kind: str, line: int, visit: int) -> Callable[[Any], Any]:
    """What becomes of a value that passes: only the visit-th is misread."""
    count = 0

    def pass_on(value: Any) -> Any:
        nonlocal count
        count += 1
        if count != visit:
            return value
        if kind == "slip_in_value":
            return slipped(value, line + visit)
        return list(value)[:-1] if kind == "last_item_forgotten" else not value

    return pass_on


def _executed(call: FunctionCall, definition: ast.FunctionDef, hook: Callable[[Any], Any]) -> dict[str, Any]:
    """Runs the call with the changed tree as the function's code, which is put back after it."""
    function = call.function.object()
    code, original = body_code(definition, function.__code__), function.__code__
    lines = tuple(range(1, len(call.function.lines) + 1))
    function.__code__ = code
    setattr(builtins, _HOOK, hook)
    try:
        return told(replace(call, function=replace(call.function, lines=lines)), code)
    finally:
        function.__code__ = original
        delattr(builtins, _HOOK)
