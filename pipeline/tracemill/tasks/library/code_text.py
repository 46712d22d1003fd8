"""The shown source as text in a sentence: quoting a node, the names that it reads and binds, values put into it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

MAX_CODE = 90
"""Code longer than this is described, not quoted."""
_SIMPLE = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Name, ast.Constant, ast.operator, ast.unaryop)
_SIMPLER = (*_SIMPLE, ast.cmpop, ast.boolop, ast.expr_context)


class Filled(NamedTuple):
    """`n % d` as `7 % 3`, with the names whose values were put in."""

    code: str
    filled: str
    names: tuple[str, ...]


def code_of(source: str, node: ast.AST) -> str:
    """The code of a node as it stands in the source, if that is one line."""
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", None)
    if not first or first != last:
        return ast.unparse(node)
    row = _rows(source)[first - 1]  # offsets count bytes
    return row[node.col_offset : node.end_col_offset].decode()  # type: ignore[attr-defined]


@lru_cache(maxsize=64)
def _rows(source: str) -> list[bytes]:
    return [row.encode() for row in source.split("\n")]


def quoted(source: str, node: ast.AST) -> str | None:
    """The code in backticks, if it is short enough to quote."""
    code = code_of(source, node)
    return f"`{code}`" if len(code) <= MAX_CODE and "\n" not in code and "`" not in code else None


def head_of(source: str, loop: ast.For | ast.While) -> str | None:
    """`for x in xs` in backticks, if it is short enough to quote."""
    head = f"while {code_of(source, loop.test)}" if isinstance(loop, ast.While) else ""
    head = head or f"for {code_of(source, loop.target)} in {code_of(source, loop.iter)}"  # type: ignore[union-attr]
    return f"`{head}`" if len(head) <= MAX_CODE and "`" not in head else None


def is_literally(node: ast.expr, shown: Mapping[str, Any]) -> bool:
    """Whether the code is the value itself, so that there is nothing to compute."""
    return isinstance(node, ast.Constant) or _unparsed(node) == shown.get("value")


def filled_in(source: str, node: ast.expr, known: Mapping[str, Mapping[str, Any]]) -> Filled | None:
    """The code with all its names replaced by their values, where those are whole numbers and the code is plain."""
    if not _is_plain(node):
        return None
    names = names_read(node)
    if not names or not all(name in known and _is_number(known[name]) for name in names):
        return None
    code, filled = code_of(source, node), _filled(node, tuple((name, known[name]["value"]) for name in names))
    return Filled(code, filled, names) if max(len(code), len(filled)) <= MAX_CODE else None


# Of a problem's statements, the same is asked at each of their visits, in each of its tellings.


@lru_cache(maxsize=1024)
def _unparsed(node: ast.expr) -> str:
    return ast.unparse(node)


@lru_cache(maxsize=1024)
def _is_plain(node: ast.expr) -> bool:
    return not isinstance(node, ast.Name | ast.Constant) and all(isinstance(n, _SIMPLER) for n in ast.walk(node))


@lru_cache(maxsize=1024)
def _filled(node: ast.expr, values: tuple[tuple[str, str], ...]) -> str:
    return ast.unparse(_Filler(dict(values)).visit(ast.parse(ast.unparse(node), mode="eval")))


class _Filler(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.values[node.id], mode="eval").body


def _is_number(shown: Mapping[str, Any]) -> bool:
    return "value" in shown and len(shown["value"]) <= 12 and shown["value"].lstrip("-").isdecimal()


def targets(node: ast.stmt) -> list[str]:
    """The plain names that a statement binds, in the order of its text."""
    match node:
        case ast.Assign(targets=bound):
            return [name for target in bound for name in _names(target)]
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) | ast.For(target=target):
            return _names(target)
    return []


def touched(node: ast.stmt) -> str:
    """The variable whose contents a statement may change: `x` of `x[k] = v` and of `x.add(v)`; empty for others."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
            return name
        case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name))):
            return name
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name
    return ""


def _names(target: ast.expr) -> list[str]:
    match target:
        case ast.Name(id=name):
            return [name]
        case ast.Starred(value=value):
            return _names(value)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [name for part in parts for name in _names(part)]
    return []


@lru_cache(maxsize=1024)
def names_read(node: ast.expr) -> tuple[str, ...]:
    """Without those that a lambda or a comprehension in it binds."""
    own = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    own |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    found = (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return tuple(name for name in dict.fromkeys(found) if name not in own)


def counted(count: int, noun: str) -> str:
    """`1 round`, `3 rounds`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
