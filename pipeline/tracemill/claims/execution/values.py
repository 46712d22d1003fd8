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
    """Equal texts, or equal literals where only the order within a set differs."""
    if said == real:
        return True
    if "{" not in said or "{" not in real or len(said) > MAX_SHOWN or len(real) > MAX_SHOWN:
        return False
    try:
        return _equal(ast.literal_eval(said), ast.literal_eval(real))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False


def _equal(one: Any, two: Any) -> bool:
    """Equality that tells 1 from True and from 1.0, and one order of a dict's keys from another."""
    if type(one) is not type(two):
        return False
    if isinstance(one, dict):
        return _equal(list(one.items()), list(two.items()))
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(_equal, one, two))
    if isinstance(one, set):
        return len(one) == len(two) and sorted(map(repr, one)) == sorted(map(repr, two))
    return repr(one) == repr(two)
