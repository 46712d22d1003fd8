"""Wrong versions of a program in Python: its tree with one thing changed.

Each mutant is what somebody might write by mistake: another operator or comparison, a number off by one, a condition
left out, arguments in the wrong order, another value returned. Not every mutant is wrong: whether it differs is found
out by running (`suite.py`). The mutants of a program are always the same, in the same order.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracemill.verifiers.code.finding import parsed

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProgramMutant:
    """`kind`: what was changed (`operator`, `comparison`, `off_by_one`, …); `line`: where, in the original."""

    kind: str
    line: int
    text: str


def mutants_of(program: str, most: int | None = None) -> list[ProgramMutant]:
    """The mutants, spread over kinds and lines where there are more than `most`; none of what is no Python."""
    tree = parsed(program)
    if tree is None:
        return []
    found: dict[str, ProgramMutant] = {}
    for number, node in enumerate(ast.walk(tree)):
        for kind, change in _changes(node):
            mutant = _mutated(tree, number, kind, change)
            if mutant is not None and mutant.text != ast.unparse(tree):
                found.setdefault(mutant.text, mutant)
    return _spread(sorted(found.values(), key=lambda one: (one.line, one.kind, one.text)), most)


def _spread(mutants: list[ProgramMutant], most: int | None) -> list[ProgramMutant]:
    """The first of each kind in turn, then the second of each, …"""
    if most is None or len(mutants) <= most:
        return mutants
    by_kind: dict[str, list[ProgramMutant]] = {}
    for mutant in mutants:
        by_kind.setdefault(mutant.kind, []).append(mutant)
    turns = [(place, kind) for kind in sorted(by_kind) for place in range(len(by_kind[kind]))]
    return [by_kind[kind][place] for place, kind in sorted(turns)[:most]]


Change = Callable[[ast.AST], ast.AST | None]


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """The kinds of change that can be made at a node. Each changes a copy of it in place, or gives what replaces it."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        yield "operator", _set("op", _OPERATORS[type(node.op)]())
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARISONS.get(type(node.ops[0]), ()):
            yield "comparison", _set("ops", [other()])
    if isinstance(node, ast.Constant):
        yield from _of_constant(node.value)
    if isinstance(node, ast.BoolOp):
        yield "condition", _set("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        yield "condition", _set("values", node.values[:-1] if len(node.values) > 2 else [node.values[0]] * 2)
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.Constant):
        yield "condition", _set("test", ast.UnaryOp(ast.Not(), copy.deepcopy(node.test)))
        if not isinstance(node, ast.While):
            yield "condition", _set("test", ast.Constant(False))
    if isinstance(node, ast.Call) and len(node.args) >= 2 and not isinstance(node.args[0], ast.Starred):
        yield "arguments", _set("args", [node.args[1], node.args[0], *node.args[2:]])
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "return", _set("value", ast.Constant(None))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield "operator", lambda copied: copied.operand  # type: ignore[attr-defined]


def _set(field: str, value: object) -> Change:
    def change(node: ast.AST) -> None:
        setattr(node, field, value)

    return change


def _of_constant(value: object) -> Iterator[tuple[str, Change]]:
    if value is True or value is False:
        yield "constant", _set("value", not value)
    elif type(value) is int and abs(value) < 10**9:
        yield "off_by_one", _set("value", value + 1)
        yield "off_by_one", _set("value", value - 1)
    elif type(value) is float:
        yield "constant", _set("value", value * 2 + 1)
    elif type(value) is str and value and not value.isspace():
        yield "constant", _set("value", "")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _mutated(tree: ast.Module, number: int, kind: str, change: Change) -> ProgramMutant | None:
    copied = copy.deepcopy(tree)
    nodes: Sequence[ast.AST] = list(ast.walk(copied))
    target = nodes[number]
    line = getattr(target, "lineno", 0)
    if _is_text_of_nobody(copied, target):
        return None
    other = change(target)
    if other is not None:
        _replace(copied, target, other)
    try:
        text = ast.unparse(ast.fix_missing_locations(copied))
    except (ValueError, RecursionError):
        return None
    return ProgramMutant(kind, line, text) if parsed(text) is not None else None


def _is_text_of_nobody(tree: ast.Module, target: ast.AST) -> bool:
    """A docstring, or a constant that stands alone, or what stands in an annotation or in an f-string's format."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and node.value is target:
            return True
        formatted = isinstance(node, ast.JoinedStr | ast.FormattedValue) and isinstance(target, ast.Constant)
        if formatted and any(inner is target for inner in ast.walk(node)):
            return True
    return False


def _replace(tree: ast.Module, target: ast.AST, other: ast.AST) -> None:
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if value is target:
                setattr(node, field, other)
                return
            if isinstance(value, list) and any(one is target for one in value):
                setattr(node, field, [other if one is target else one for one in value])
                return
