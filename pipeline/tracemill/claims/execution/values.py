"""Values as the checker of executions sees them, and whether what a claim says of one is so. Runs in a child."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import ItemsView, KeysView, Mapping, ValuesView
from io import BytesIO, StringIO
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, TypeAlias

MAX_SHOWN = 2_000
Seen: TypeAlias = dict[str, str]
"""Of a value: its repr (`value`), the name of its class (`type`), what it contains (`holds`)."""


def look(value: Any) -> Seen:
    return {"value": repr(value), "type": type(value).__name__, "holds": _contents(value)}


def _contents(value: Any) -> str:
    """What is stated as `holds`; empty for what contains nothing that could be said."""
    if type(value).__module__.partition(".")[0] == "networkx" and hasattr(value, "adjacency"):
        beside = {node: dict(found) for node, found in value.adjacency()}
        bare = not any(data for found in beside.values() for data in found.values())
        return repr({node: list(found) for node, found in beside.items()} if bare else beside)
    match value:
        case Mapping():
            return repr(dict(value))
        case deque() | KeysView() | ValuesView() | ItemsView():
            return repr(list(value))
        case BytesIO() | StringIO():
            return repr(value.getvalue()[value.tell() :])
        case FunctionType() | BuiltinFunctionType() | ModuleType() | type():
            return value.__name__
    return ""


def same(said: str, real: str) -> bool:
    """Equal texts, or equal expressions where only the order within a set differs: `frozenset({1, 2})` for
    `frozenset({2, 1})`. Nothing is evaluated, so `{'a': 2, 'a': 1}` is not `{'a': 1}`."""
    if said == real:
        return True
    if "{" not in said or "{" not in real or len(said) > MAX_SHOWN or len(real) > MAX_SHOWN:
        return False
    try:
        return _ordered(said) == _ordered(real)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False


def _ordered(text: str) -> str:
    """The tree of an expression, the items of each set in one order. It tells 1 from True and from 1.0."""
    return ast.dump(_InOrder().visit(ast.parse(text, mode="eval")))


class _InOrder(ast.NodeTransformer):
    def visit_Set(self, node: ast.Set) -> ast.Set:
        self.generic_visit(node)
        node.elts.sort(key=ast.dump)
        return node
