"""Which functions may be called with arguments that nobody chose by hand: those that only compute.

Read from the source, before anything is called. A function passes if it and all that it can reach (functions, methods
of classes that it makes, through names and attributes of modules) pass: they read plain data, builtins without effects,
parts of the standard library that do nothing but compute, and each other. They store nothing in their modules, declare
nothing `global`, and read no attribute with two underscores. Arguments are plain values and functions from our own
short list (`made_calls`), so what is called on them are methods of Python's own types.

This keeps `os.remove` from being called by accident. It is no sandbox: the code is the installed package's, which the
import of the package has run already.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import import_module
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

COMPUTING = frozenset(
    {"math", "cmath", "itertools", "functools", "operator", "collections", "string", "bisect", "heapq", "statistics"}
    | {"re", "unicodedata", "numbers", "textwrap", "typing", "collections.abc", "fractions", "keyword", "calendar"}
    | {"decimal", "enum", "dataclasses", "abc", "types", "_operator", "_functools", "_bisect", "_heapq", "copy", "html"}
    | {"contextlib", "colorsys", "base64", "binascii", "zlib", "hashlib", "json", "struct", "_struct", "datetime"}
    | {"typing_extensions", "warnings", "inspect", "_collections_abc", "_collections", "_json", "difflib", "stringprep"}
)
"""Modules of the standard library without effects that matter."""
_BUILTINS = frozenset(
    "abs all any ascii bin bool bytearray bytes callable chr classmethod complex dict divmod enumerate filter float "  # noqa: SIM905
    "format frozenset getattr hasattr hash hex id int isinstance issubclass iter len list map max memoryview min next "
    "object oct ord pow property range repr reversed round set slice sorted staticmethod str sum super tuple type zip "
    "True False None NotImplemented Ellipsis".split()
)
_TYPES = (Counter, OrderedDict, defaultdict, deque, Fraction, Decimal)
_PLAIN = (int, float, complex, str, bytes, bool, re.Pattern, Fraction, types.NoneType, types.EllipsisType)
_READING = frozenset(
    {"get", "items", "keys", "values", "index", "count", "copy", "union", "intersection", "difference"}
)
_DUNDERS = frozenset({"__name__", "__class__", "__len__", "__init__", "__iter__", "__doc__", "__eq__", "__new__"})
_MOST_REACHED = 80


class _Impure(Exception):
    """It reads, stores or calls something that may have an effect."""


def is_pure(function: types.FunctionType) -> bool:
    """Whether a function, with all that it reaches, only computes."""
    waiting: list[Any] = [function]
    seen = {id(function)}
    while waiting:
        for reached in _reached(waiting.pop()) or [None]:
            if reached is None or len(seen) > _MOST_REACHED:
                return False
            if id(reached) not in seen:
                seen.add(id(reached))
                waiting.append(reached)
    return True


@cache
def _reached(code: types.FunctionType | type) -> tuple[object, ...]:
    """The functions and classes that one of them calls or names, itself included; nothing where it is impure."""
    tree = _definitions(code.__module__).get(code.__qualname__)
    space = vars(sys.modules.get(code.__module__, builtins))
    first = None if isinstance(code, type) else code.__code__.co_firstlineno
    if tree is None or (first is not None and _first_line(tree) != first):
        return ()
    if not isinstance(code, type) and code.__code__.co_freevars:
        return ()
    try:
        return (code, *_Reader(space, code.__module__, _own(tree)).all_of(tree))
    except _Impure:
        return ()


@cache
def _definitions(module: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """The functions and classes at the top of a module, each with its tree; nothing where its source is not
    installed."""
    loaded = sys.modules.get(module)
    try:
        body = ast.parse(Path(inspect.getsourcefile(loaded) or "").read_text("utf-8")).body if loaded else []
    except (OSError, TypeError, ValueError, SyntaxError):
        return {}
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _first_line(tree: ast.FunctionDef | ast.ClassDef) -> int:
    """Where the code of a function begins, its decorators included."""
    return min([tree.lineno, *(decorator.lineno for decorator in tree.decorator_list)])


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """A node with all that is in it but annotations and decorators."""
    yield node
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _parts(child)


def _own(tree: ast.AST) -> frozenset[str]:
    names = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    names |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler | ast.FunctionDef) and n.name}
    return frozenset(names)


class _Reader:
    """Reads the parts of a function or class in a module's `space`; `own` are the names that it binds."""

    def __init__(self, space: dict[str, Any], module: str, own: frozenset[str]) -> None:
        self.space, self.module, self.own = space, module, own

    def all_of(self, tree: ast.FunctionDef | ast.ClassDef) -> Iterator[object]:
        """Decorators and annotations ran when the module was imported."""
        for node in tree.body:
            for part in _parts(node):
                yield from self._part(part)

    def _part(self, node: ast.AST) -> Iterator[object]:
        match node:
            case ast.Import() | ast.Global() | ast.Nonlocal() | ast.AsyncFunctionDef() | ast.Await():
                raise _Impure
            case ast.ImportFrom(module=source, level=level, names=names):
                package = self.module.rpartition(".")[0]
                origin = import_module(resolve_name("." * level + (source or ""), package) if level else source or "")
                for alias in names:
                    yield from _harmless(getattr(origin, alias.name, None))
            case ast.Attribute(value=value, attr=attr):
                yield from self._attribute(node, self._global(value), attr)
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()) if self._global(value) is not None:
                raise _Impure
            case ast.Name(id=name, ctx=ast.Load()) if name not in self.own:
                if name in self.space:
                    yield from _harmless(self.space[name])
                elif name not in _BUILTINS and not _is_exception(getattr(builtins, name, None)):
                    raise _Impure

    def _attribute(self, node: ast.Attribute, base: Any, attr: str) -> Iterator[object]:
        if attr.startswith("__") and attr not in _DUNDERS:
            raise _Impure
        if isinstance(base, types.ModuleType):
            found = getattr(base, attr, None)
            if base.__name__ not in COMPUTING or isinstance(found, types.ModuleType):
                yield from _harmless(found)
        elif (base is not None and isinstance(node.ctx, ast.Store | ast.Del)) or (
            isinstance(base, list | dict | set) and attr not in _READING
        ):
            raise _Impure

    def _global(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Attribute):
            base = self._global(node.value)
            return getattr(base, node.attr, None) if isinstance(base, types.ModuleType) else None
        return self.space.get(node.id) if isinstance(node, ast.Name) and node.id not in self.own else None


def _harmless(value: Any) -> Iterator[object]:
    """What has to be read to know that a value of a module is harmless."""
    inner = value if isinstance(value, type) or not callable(value) else _beneath(value)
    if isinstance(inner, types.ModuleType):
        if inner.__name__ not in COMPUTING and inner.__name__.partition(".")[0] in sys.stdlib_module_names:
            raise _Impure
    elif isinstance(inner, types.FunctionType):
        if inner.__module__ not in COMPUTING:
            yield inner
    elif isinstance(inner, type):
        if not (_is_exception(inner) or inner in _TYPES or inner.__module__ in (*COMPUTING, "builtins")):
            yield inner
    elif isinstance(inner, types.BuiltinFunctionType):
        if inner.__module__ not in COMPUTING and not (inner.__module__ == "builtins" and inner.__name__ in _BUILTINS):
            raise _Impure
    elif not _is_data(inner) and type(inner).__module__ not in (*COMPUTING, "builtins"):
        yield type(inner)


def _beneath(value: Any) -> Any:
    """The function beneath a decorator."""
    return getattr(value, "__wrapped__", None) or getattr(value, "orig_func", None) or value


def _is_exception(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def _is_data(value: Any) -> bool:
    return isinstance(value, (*_PLAIN, list, tuple, dict, set, frozenset))
