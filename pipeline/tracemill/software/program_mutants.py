"""Wrong versions of a program in Python: its tree with one thing changed.

Each mutant is what somebody might write by mistake: another operator or comparison, a number off by one, a condition
left out, arguments in the wrong order, another value returned. Not every mutant is wrong: whether it differs is found
out by running (`suite.py`). The mutants of a program are always the same, in the same order.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracemill.software.python_source import parsed

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


def mutants_of(program: str, most: int | None = None, lines: range | None = None) -> list[ProgramMutant]:
    """The mutants, spread over kinds and lines where there are more than `most`; none of what is no Python. `lines`:
    only those of what begins in them."""
    tree = parsed(program)
    original = "" if tree is None else _text_of(tree)
    if tree is None or not original:
        return []
    left_alone = _left_alone(tree)
    places = [
        _Place(getattr(node, "lineno", 0), kind, number, change)
        for number, node in enumerate(ast.walk(tree))
        if id(node) not in left_alone and (lines is None or getattr(node, "lineno", 0) in lines)
        for kind, change in _changes(node)
    ]
    found: dict[str, ProgramMutant] = {}
    for place in _spread(sorted(places, key=lambda one: (one.line, one.kind))):
        if len(found) == most:
            break
        mutant = _mutated(tree, place)
        if mutant is not None and mutant.text != original:
            found.setdefault(mutant.text, mutant)
    return list(found.values())


Change = Callable[[ast.AST], ast.AST | None]


class _Place(NamedTuple):
    """Where a program can be changed, and how; `number` is the node's, as `ast.walk` goes."""

    line: int
    kind: str
    number: int
    change: Change


def _spread(places: Sequence[_Place]) -> list[_Place]:
    """The first of each kind in turn, then the second of each, …"""
    turns: Counter[str] = Counter()
    ranked = []
    for place in places:
        ranked.append((turns[place.kind], place.kind, place))
        turns[place.kind] += 1
    return [place for *_, place in sorted(ranked, key=lambda one: one[:2])]


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


def _mutated(tree: ast.Module, place: _Place) -> ProgramMutant | None:
    try:
        copied = copy.deepcopy(tree)
    except RecursionError:
        return None
    target = list(ast.walk(copied))[place.number]
    other = place.change(target)
    if other is not None:
        _replace(copied, target, other)
    text = _text_of(ast.fix_missing_locations(copied))
    return ProgramMutant(place.kind, place.line, text) if text and parsed(text) is not None else None


def _text_of(tree: ast.Module) -> str:
    """Empty where it is nested too deep to be written, or cannot be."""
    try:
        return ast.unparse(tree)
    except (ValueError, RecursionError):
        return ""


def _left_alone(tree: ast.Module) -> set[int]:
    """What no result depends on, by `id`: constants that stand alone, such as docstrings, and annotations; and the
    constants of f-strings."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.append(node.value)
        if isinstance(node, ast.JoinedStr | ast.FormattedValue):
            found += [inner for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            found += ast.walk(annotation) if annotation is not None else ()
    return {id(node) for node in found}


def _replace(tree: ast.Module, target: ast.AST, other: ast.AST) -> None:
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if value is target:
                setattr(node, field, other)
                return
            if isinstance(value, list) and any(one is target for one in value):
                setattr(node, field, [other if one is target else one for one in value])
                return
