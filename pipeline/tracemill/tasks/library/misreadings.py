"""How an expression is misread, and a value is got wrong."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

Rewrite = Callable[[ast.expr], ast.expr | None]
"""An expression as it is misread; None for one where that misreading is not possible."""
_LOOSE: dict[type[ast.cmpop], ast.cmpop] = {ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt()}


def _call_of(node: ast.expr, *names: str) -> ast.Call | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in names:
        return None
    return node if node.args and not node.keywords else None


def _inclusive_range(node: ast.expr) -> ast.expr | None:
    call = _call_of(node, "range")
    if call is None or len(call.args) > 2:
        return None
    *first, stop = call.args
    return ast.Call(call.func, [*first, ast.BinOp(stop, ast.Add(), ast.Constant(1))], [])


def _range_from_one(node: ast.expr) -> ast.expr | None:
    call = _call_of(node, "range")
    return ast.Call(call.func, [ast.Constant(1), *call.args], []) if call and len(call.args) == 1 else None


def _true_division(node: ast.expr) -> ast.expr | None:
    floored = isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)
    return ast.BinOp(node.left, ast.Div(), node.right) if floored else None  # type: ignore[attr-defined]


def _quotient_for_remainder(node: ast.expr) -> ast.expr | None:
    remainder = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and not isinstance(node.left, ast.Constant)
    return ast.BinOp(node.left, ast.FloorDiv(), node.right) if remainder else None  # type: ignore[attr-defined]


def _loose_comparison(node: ast.expr) -> ast.expr | None:
    if not isinstance(node, ast.Compare) or type(node.ops[0]) not in _LOOSE:
        return None
    return ast.Compare(node.left, [_LOOSE[type(node.ops[0])], *node.ops[1:]], node.comparators)


def _counted_from_one(node: ast.expr) -> ast.expr | None:
    """`x[2]` as the second item. Not `x[0]`, which nobody reads so, nor `x[-1]`."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return None
    at = node.slice
    if isinstance(at, ast.Slice | ast.Tuple | ast.UnaryOp) or (isinstance(at, ast.Constant) and at.value in (0, False)):
        return None
    return ast.Subscript(node.value, ast.BinOp(at, ast.Sub(), ast.Constant(1)), ast.Load())


def _inclusive_slice(node: ast.expr) -> ast.expr | None:
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
        return None
    upper = node.slice.upper
    if upper is None or isinstance(upper, ast.UnaryOp) or not isinstance(node.ctx, ast.Load):
        return None
    wider = ast.Slice(node.slice.lower, ast.BinOp(upper, ast.Add(), ast.Constant(1)), node.slice.step)
    return ast.Subscript(node.value, wider, ast.Load())


def _order_kept(node: ast.expr) -> ast.expr | None:
    call = _call_of(node, "reversed", "sorted")
    return ast.Call(ast.Name("list", ast.Load()), call.args, []) if call else None


REWRITES: dict[str, Rewrite] = {
    "inclusive_range": _inclusive_range,
    "range_from_one": _range_from_one,
    "true_division": _true_division,
    "quotient_for_remainder": _quotient_for_remainder,
    "loose_comparison": _loose_comparison,
    "counted_from_one": _counted_from_one,
    "inclusive_slice": _inclusive_slice,
    "order_kept": _order_kept,
}


def rewritten(node: ast.stmt, kind: str) -> None:
    """Changes the expressions of a statement, without those of its blocks, in place."""
    reader = _Misreader(REWRITES[kind])
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            setattr(node, name, reader.visit(value))


class _Misreader(ast.NodeTransformer):
    def __init__(self, rewrite: Rewrite) -> None:
        self.rewrite = rewrite

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        new = self.rewrite(node) if isinstance(node, ast.expr) else None
        return ast.copy_location(new, node) if new else node


def slipped(value: Any, turn: int) -> Any:
    """A value near to this one; the same where there is none. `turn` chooses among several.

    >>> slipped([3, 5], 0), slipped([3, 5], 1), slipped(7, 0)
    ([3], [3, 6], 6)
    """
    kind = type(value)
    if kind is bool:
        return not value
    if kind in (int, float):
        return value + (1 if turn % 2 else -1)
    return _slipped_collection(value, turn) if kind in (list, tuple, str, set, dict) and value else value


def _slipped_collection(value: Any, turn: int) -> Any:
    kind = type(value)
    if kind is dict:
        last = list(value)[-1]
        return {**value, last: slipped(value[last], turn)}
    if kind is set:
        return value - {min(value, key=repr)}
    if turn % 2 and kind is not str:
        return kind([*value[:-1], slipped(value[-1], turn)])
    return value[:-1]
