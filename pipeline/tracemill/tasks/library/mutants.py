"""How somebody with a misconception reads a function: its tree with one thing changed, then really executed.

Runs in a child process of its own, so that no cache of a package keeps a wrong value for a right execution. Lines stay
where they are, so the execution can be told against the source as shown.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import CodeType
from typing import Any

from tracemill.claims.execution.calls import FunctionCall, find
from tracemill.tasks.library.events import Event
from tracemill.tasks.library.tracing import told

_HOOK = "__misread__"
_LOOSE: dict[type[ast.cmpop], ast.cmpop] = {ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt()}


def sites(definition: ast.FunctionDef, events: Iterable[Event], kind: str) -> Iterator[tuple[int, int]]:
    """Where, of the statements that ran, the mistake can be made: (line, visit); 0 stands for every visit."""
    nodes = {node.lineno: node for node in ast.walk(definition) if isinstance(node, ast.stmt)}
    found: dict[tuple[int, int], None] = {}
    for event in events:
        node = nodes.get(event.get("line", 0))
        if node is None or node is definition or event["kind"] in ("leave", "yield"):
            continue
        if kind in _AT_VISIT:
            if _AT_VISIT[kind](node, event):
                found[node.lineno, event["visit"]] = None
        elif any(_changed(kind, part) for part in _own_parts(node)):
            found[node.lineno, 0] = None
    yield from found


def _slips(node: ast.stmt, event: Event) -> bool:
    """An assignment of a whole number to one name."""
    if isinstance(node, ast.Assign):
        target = node.targets[0] if len(node.targets) == 1 and not isinstance(node.value, ast.Constant) else None
    else:
        target = node.target if isinstance(node, ast.AugAssign) else None
    if not isinstance(target, ast.Name) or event["kind"] != "run":
        return False
    value = event["changes"].get(target.id, {}).get("value", "")
    return isinstance(value, str) and value.lstrip("-").isdecimal()


def _returns_early(node: ast.stmt, event: Event) -> bool:
    return isinstance(node, ast.If) and bool(event.get("taken")) and isinstance(node.body[-1], ast.Return)


def _loops(node: ast.stmt, event: Event) -> bool:
    return isinstance(node, ast.For) and event["kind"] == "enter"


_AT_VISIT: dict[str, Callable[[ast.stmt, Event], bool]] = {
    "slip_in_value": _slips,
    "wrong_branch": lambda node, event: isinstance(node, ast.If) and event["kind"] == "test",
    "early_return_forgotten": _returns_early,
    "last_item_forgotten": _loops,
}


def _own_parts(node: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, without those of its blocks."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield from ast.walk(child)


def _changed(kind: str, node: ast.AST) -> bool:
    if kind == "inclusive_range":
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"
        return is_call and 1 <= len(node.args) <= 2  # type: ignore[attr-defined]
    if kind == "true_division":
        return isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)
    return kind == "loose_comparison" and isinstance(node, ast.Compare) and type(node.ops[0]) in _LOOSE


def misread(request: dict[str, Any]) -> dict[str, Any]:
    """Target: {"call": names, "kind": misconception, "line": n, "visit": k} → as `trace.trace`, of the misread
    function. Whatever that raises comes through."""
    call = find(request["call"])
    definition = ast.parse(call.function.source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    line, kind = request["line"], request["kind"]
    node = next(n for n in ast.walk(definition) if isinstance(n, ast.stmt) and n.lineno == line and n is not definition)
    _change(node, kind)
    return _executed(call, definition, _hook(kind, request["visit"]))


def _change(node: ast.stmt, kind: str) -> None:
    if kind in _AT_VISIT:
        if isinstance(node, ast.If):
            node.test = _hooked(node.test)
        elif isinstance(node, ast.For):
            node.iter = _hooked(node.iter)
        elif isinstance(node, ast.Assign):
            node.value = _hooked(node.value)
        elif isinstance(node, ast.AugAssign):
            target = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)  # type: ignore[union-attr]
            total = ast.copy_location(ast.BinOp(target, node.op, node.value), node)
            # Told as the augmented assignment it is: the events know only the line.
            node.op, node.value = ast.Add(), ast.copy_location(ast.BinOp(_hooked(total), ast.Sub(), target), node)
        return
    for part in _own_parts(node):
        if not _changed(kind, part):
            continue
        if isinstance(part, ast.Call):
            stop = min(1, len(part.args) - 1)
            part.args[stop] = ast.BinOp(part.args[stop], ast.Add(), ast.Constant(1))
        elif isinstance(part, ast.BinOp):
            part.op = ast.Div()
        elif isinstance(part, ast.Compare):
            part.ops[0] = _LOOSE[type(part.ops[0])]


def _hooked(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(_HOOK, ast.Load()), [node], [])


def _hook(kind: str, visit: int) -> Callable[[Any], Any]:
    """What becomes of a value that passes: only the visit-th is misread."""
    count = 0

    def pass_on(value: Any) -> Any:
        nonlocal count
        count += 1
        if count != visit:
            return value
        if kind == "slip_in_value":
            return value + (1 if visit % 2 else -1)
        return list(value)[:-1] if kind == "last_item_forgotten" else not value

    return pass_on


def _executed(call: FunctionCall, definition: ast.FunctionDef, hook: Callable[[Any], Any]) -> dict[str, Any]:
    """Runs the call with the changed tree as the function's code, which is put back after it."""
    function = call.function.object()
    code, original = _code(definition, function.__code__), function.__code__
    lines = tuple(range(1, len(call.function.lines) + 1))
    function.__code__ = code
    setattr(builtins, _HOOK, hook)
    try:
        return told(call, replace(call.function, lines=lines), code)
    finally:
        function.__code__ = original
        delattr(builtins, _HOOK)


def _code(definition: ast.FunctionDef, original: CodeType) -> CodeType:
    """Decorators, defaults and annotations are the function's own already; only the body is compiled anew."""
    definition.decorator_list = []
    definition.returns = None
    every = definition.args
    for argument in [*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg]:
        if argument is not None:
            argument.annotation = None
    every.defaults, every.kw_defaults = [ast.Constant(None) for _ in every.defaults], [None for _ in every.kwonlyargs]
    module = ast.fix_missing_locations(ast.Module([definition], []))
    compiled = compile(module, original.co_filename, "exec", dont_inherit=True)
    return next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))
