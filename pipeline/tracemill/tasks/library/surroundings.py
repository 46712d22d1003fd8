"""What code reads from around it: imports and constants of its module, attributes of other people's objects.

A reader can follow a call only if each name that the executed code reads is a builtin, its own, shown in the prompt, of
the well-known standard library, or explained by a note (`known.yaml` decides). So `gcd` is shown as
`from math import gcd`, and `ExtendedContext` as `ExtendedContext = Context(prec=9, …)`. What of it is *called* is
`helpers`' part.
"""

from __future__ import annotations

import ast
import builtins
import io
import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from importlib.util import resolve_name
from types import FunctionType, ModuleType
from typing import Any

from tracemill.tasks.library.bindings import bindings
from tracemill.tasks.library.known import is_known_standard, is_package, is_standard, note_of, note_of_attribute
from tracemill.tasks.library.tracing import shown

MAX_LINES = 12
"""Imports and constants that are shown of one module."""
MAX_LINE = 200
_COMMON = (
    *(str, bytes, int, float, complex, list, tuple, dict, set, frozenset, slice, range, type, object),
    *(Counter, OrderedDict, defaultdict, deque, Fraction, io.BytesIO, io.StringIO, FunctionType),
)
_ATTRIBUTES = frozenset(name for common in _COMMON for name in dir(common))


class UnknownNameError(Exception):
    """A reader could not know what this is."""


@dataclass(slots=True)
class Surroundings:
    """`lines`: what the prompt shows of a module, by the module. `notes`: what it says of known things.

    `shown`: names whose source the prompt shows already.
    """

    shown: frozenset[str] = frozenset()
    lines: dict[str, dict[str, None]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def read(self, module: str, nodes: Iterable[ast.AST], own: frozenset[str]) -> None:
        """Takes in what these parts of a function in `module` read; `own` are the function's variables.

        Raises:
            UnknownNameError: it could be neither shown nor known.
        """
        space = vars(import_module(module))
        parts = list(nodes)
        for name, value in sorted(_names(parts, own, space).items()):
            self._name(module, name, value)
        self._attributes(module, parts, space)
        for node in parts:
            if isinstance(node, ast.ImportFrom):
                self._imported(module, node)

    def prepared(self, module: str, code: str, space: Mapping[str, Any], target: str) -> None:
        """Takes in what the setup and the expression read. Only what is known may be called there besides `target`,
        since nobody follows it.

        Raises:
            UnknownNameError: see `read`.
        """
        parts = list(ast.walk(ast.parse(code)))
        stored = frozenset(n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        for name, value in sorted(_names(parts, stored | _owners(parts, target, space) | {target}, space).items()):
            if isinstance(value, ModuleType):
                continue  # the setup shows the import
            if isinstance(value, FunctionType) or hasattr(value, "__wrapped__"):
                self._known(value)
            else:
                self._name(module, name, value, imports=False)
        for node in parts:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr != target:
                base = _value(node.func.value, space)
                if isinstance(base, ModuleType | type) and not is_standard(getattr(base, "__name__", "")):
                    self._known(getattr(base, node.func.attr))

    def _name(self, module: str, name: str, value: Any, imports: bool = True) -> None:
        """`imports`: whether the prompt must show how the module gets it."""
        if isinstance(value, ModuleType):
            if not is_known_standard(value.__name__) and not is_package(value.__name__):
                raise UnknownNameError(name)
        elif isinstance(value, type) and issubclass(value, BaseException):
            return
        elif not callable(value):
            self._constant(module, name, value)
            return
        elif name in self.shown or _is_namedtuple(value):
            pass
        elif _is_followed(value) and not is_standard(_module(value)):
            imports = imports and _plain_name(value) != name
        elif _plain_name(value) not in self.shown:
            self._known(value)
            imports = imports and is_standard(_module(value))
        line = bindings(module).get(name, "")
        if imports and line and name not in self.shown:
            self._show(module, line)

    def _constant(self, module: str, name: str, value: Any) -> None:
        """Its value as text. An object that can change may have been changed by calls before this one."""
        if type(value).__module__ != "builtins":
            self._known(value)
            if not is_standard(type(value).__module__):
                return
        text = shown(value).get("value")
        if text is None or (type(value).__hash__ is None and type(value).__module__ != "builtins"):
            raise UnknownNameError(name)
        if isinstance(value, float) and not math.isfinite(value):
            text = f"float({text!r})"
        if "." in name:
            self.notes[f"`{name}` is `{text}`."] = None
        else:
            self._show(module, f"{name} = {text}")

    def _known(self, value: Any) -> None:
        """Notes what there is to say of a thing that readers know."""
        if is_known_standard(_module(value)):
            return
        note = note_of((_module(value), _qualname(value)))
        if note is None:
            raise UnknownNameError(f"{_module(value)}:{_qualname(value)}")
        if note:
            self.notes[note] = None

    def _attributes(self, module: str, parts: Iterable[ast.AST], space: Mapping[str, Any]) -> None:
        parts = list(parts)
        called = {id(node.func) for node in parts if isinstance(node, ast.Call)}
        for node in parts:
            if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
                continue
            base = _value(node.value, space)
            if isinstance(base, ModuleType):
                self._name(module, ast.unparse(node), getattr(base, node.attr), imports=False)
            elif id(node) not in called and node.attr not in _ATTRIBUTES | self.shown:
                note = note_of_attribute(node.attr)
                if note is None:
                    raise UnknownNameError(node.attr)
                self.notes[note] = None

    def _imported(self, module: str, node: ast.ImportFrom) -> None:
        """What the function itself imports."""
        source = import_module(resolve_name("." * node.level + (node.module or ""), module.rpartition(".")[0]))
        for alias in node.names:
            self._name(module, alias.name, getattr(source, alias.name), imports=False)

    def _show(self, module: str, line: str) -> None:
        lines = self.lines.setdefault(module, {})
        lines[line] = None
        if len(lines) > MAX_LINES or len(line) > MAX_LINE:
            raise UnknownNameError(line)


def _names(parts: Iterable[ast.AST], own: frozenset[str], space: Mapping[str, Any]) -> dict[str, Any]:
    """The names that these parts read from the module, with what they stand for."""
    read = {n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} - own
    return {name: space[name] for name in read if name in space and space[name] is not getattr(builtins, name, space)}


def _owners(parts: Iterable[ast.AST], target: str, space: Mapping[str, Any]) -> set[str]:
    """The class `Subset` where it stands only in `Subset.unrank(…)`, the call in question."""
    owned = [n.value for n in parts if isinstance(n, ast.Attribute) and n.attr == target]
    others = {n.id for n in parts if isinstance(n, ast.Name) and n not in owned}
    return {node.id for node in owned if isinstance(node, ast.Name) and isinstance(space.get(node.id), type)} - others


def _value(node: ast.expr, space: Mapping[str, Any]) -> Any:
    """What `nx.utils` stands for; None for what is no name of the module's."""
    if isinstance(node, ast.Name):
        return space.get(node.id)
    if isinstance(node, ast.Attribute):
        base = _value(node.value, space)
        return getattr(base, node.attr, None) if isinstance(base, ModuleType) else None
    return None


def _is_followed(value: Any) -> bool:
    """Whether a call of it shows in an execution: of what a cache answers, nothing does."""
    cached = hasattr(value, "cache_info")
    return not cached and (isinstance(value, FunctionType) or (callable(value) and hasattr(value, "__wrapped__")))


def _is_namedtuple(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, tuple) and hasattr(value, "_fields")


def _plain_name(value: Any) -> str:
    return str(getattr(value, "__name__", ""))


def _module(value: Any) -> str:
    if isinstance(value, ModuleType):
        return value.__name__
    owner = value if callable(value) and hasattr(value, "__qualname__") else type(value)
    return str(getattr(owner, "__module__", None) or "builtins")


def _qualname(value: Any) -> str:
    return str(getattr(value, "__qualname__", None) or type(value).__qualname__)


def variables(definition: ast.FunctionDef) -> frozenset[str]:
    """All names that a function binds, within lambdas and comprehensions too."""
    return frozenset(_bound(definition))


def _bound(definition: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(definition):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
