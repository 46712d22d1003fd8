"""Calls of functions of installed packages, looked up by name: the source, the setup, the call.

A call is example `example` of the docstring of function `qualname` in `module`, or its made input `input`
(`made_calls`); with `variant`, a list of numbers, it is made to the function as these changes leave it (`variants`).
Nothing is executed here but the import of the module, which `packages` lists (`listed_calls`). What somebody else
named (a problem's record) is found again in the installed package and must have the same hashes: text from a record is
never run.

The shown source starts at `def`, without decorators and without the docstring, which holds the answers. Line numbers
count within it, from 1.
"""

from __future__ import annotations

import ast
import builtins
import doctest
import inspect
import os
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

from tracemill.claims.execution.chance import watched
from tracemill.records.canonical import Payload, fingerprint

MAX_SOURCE_LINES = 60
MAX_SOURCE_WIDTH = 120
MAX_SETUP_LINES = 12

_Definition = ast.FunctionDef
_REFUSED = (
    # Their lines are not visited one statement after the other, or not in the function's own frame.
    *(ast.AsyncFunctionDef, ast.ClassDef, ast.AsyncFor, ast.AsyncWith, ast.With, ast.Match, ast.YieldFrom, ast.Await),
)


class NotFoundError(Exception):
    """There is no such call in the installed packages, or it is not the one that was meant."""


@dataclass(frozen=True)
class Function:
    """A function of an installed module with its source as shown; `lines[k - 1]` is the file's number of line k."""

    module: str
    qualname: str
    source: str
    lines: tuple[int, ...]
    examples: tuple[doctest.Example, ...]
    first_line: int
    docstring: str = ""
    variant: tuple[int, ...] = ()

    @cached_property
    def tree(self) -> _Definition:
        definition = ast.parse(self.source).body[0]
        assert isinstance(definition, _Definition)
        return definition

    def object(self) -> FunctionType:
        """The function itself, beneath its decorators.

        Raises:
            NotFoundError: what the name leads to is not the function whose source was read.
        """
        found: Any = _load(self.module)
        for name in self.qualname.split("."):
            found = vars(found).get(name)
            if isinstance(found, staticmethod | classmethod):
                found = found.__func__
            if isinstance(found, property):
                found = found.fget
            if found is None:
                raise NotFoundError(f"{self.module} has no {self.qualname}")
        function = inspect.unwrap(found) if callable(found) else found
        if not isinstance(function, FunctionType) or function.__code__.co_firstlineno != self.first_line:
            raise NotFoundError(f"{self.module}.{self.qualname} is not the function of its source")
        return function


@dataclass(frozen=True)
class FunctionCall:
    """`setup` are whole statements, `expression` what is evaluated after them; `place` says where the call comes from:
    `("example", 2)` or `("input", 17)`."""

    package: str
    function: Function
    place: tuple[str, int]
    setup: str
    expression: str

    @property
    def names(self) -> Payload:
        """What a problem's premise says of it: enough to find it again, and to know that it is the same."""
        return {
            "package": self.package,
            "module": self.function.module,
            "qualname": self.function.qualname,
            self.place[0]: self.place[1],
            **({"variant": list(self.function.variant)} if self.function.variant else {}),
            "source": fingerprint(self.function.source),
            "call": fingerprint(self.setup, self.expression),
        }

    @property
    def wanted(self) -> str | None:
        """What the docstring says that it gives; None of a made input."""
        kind, number = self.place
        return self.function.examples[number].want.rstrip("\n") if kind == "example" else None


def functions(module: str) -> Iterator[Function]:
    """The functions and methods of a module that can be shown, in the order of the source."""
    for qualname in _text(module)[1]:
        function = function_of(module, qualname)
        if function is not None:
            yield function


@cache
def function_of(module: str, qualname: str) -> Function | None:
    rows, definitions = _text(module)
    node = definitions.get(qualname)
    return _function(module, qualname, node, rows) if node else None


@cache
def _text(module: str) -> tuple[list[str], Mapping[str, _Definition]]:
    """A module's source by lines, and its definitions by qualified name; of two with one name the later counts."""
    return _source(_load(module)).splitlines(), dict(_definitions(_tree(module).body, ""))


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_source(_load(module)))


def source_of(module: str, qualname: str) -> str | None:
    """The source of a function or method, with its decorators and without its docstring; None if there is none.

    Raises:
        NotFoundError: the module's source is not installed.
    """
    rows, definitions = _text(module)
    node = definitions.get(qualname)
    if node is None:
        return None
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    kept = list(range(start, (node.end_lineno or start) + 1))
    if ast.get_docstring(node) is not None and len(node.body) > 1:
        docstring = node.body[0]
        kept = [n for n in kept if not docstring.lineno <= n <= (docstring.end_lineno or 0)]
    source = textwrap.dedent("\n".join(rows[n - 1].rstrip() for n in kept if rows[n - 1].strip()))
    owner = qualname.rpartition(".")[0]
    return f"class {owner}:\n{textwrap.indent(source, '    ')}" if owner else source


def calls(package: str, function: Function) -> Iterator[FunctionCall]:
    for example in range(len(function.examples)):
        call = call_of(package, function, example)
        if call is not None:
            yield call


def call_of(package: str, function: Function, example: int) -> FunctionCall | None:
    """Example number `example` as a call, or None if it does not call the function or needs what is not there."""
    shown = function.examples[example]
    expression = _expression(shown.source)
    if expression is None or shown.exc_msg or not shown.want or not _calls(expression, function):
        return None
    setup = _setup(function, example, expression)
    if setup is None or len(setup.splitlines()) > MAX_SETUP_LINES:
        return None
    text = shown.source.strip()
    return FunctionCall(
        package, function, ("example", example), setup, ast.unparse(expression) if "#" in text else text
    )


def _load(module: str) -> ModuleType:
    # Whole numbers of sympy are Python's own, whatever faster ones are installed: their reprs are part of a trace.
    os.environ["SYMPY_GROUND_TYPES"] = "python"
    with watched():
        return import_module(module)


def _source(module: ModuleType) -> str:
    try:
        return inspect.getsource(module)
    except (OSError, TypeError) as exc:
        raise NotFoundError(f"the source of {module.__name__} is not installed") from exc


def _definitions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, _Definition]]:
    for node in body:
        if isinstance(node, _Definition):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef) and not prefix:
            yield from _definitions(node.body, f"{node.name}.")


def _function(module: str, qualname: str, node: _Definition, rows: list[str]) -> Function | None:
    doc = ast.get_docstring(node, clean=True)
    lines = tuple(_own_rows(node, doc is not None, rows))
    if not lines:
        return None
    source = textwrap.dedent("\n".join(rows[n - 1].rstrip() for n in lines))
    if len(lines) > MAX_SOURCE_LINES or any(len(row) > MAX_SOURCE_WIDTH for row in source.splitlines()):
        return None
    examples = _examples(doc or "")
    start = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    function = Function(module, qualname, source, lines, examples, start, doc or "")
    return function if _traceable(function) else None


def _own_rows(node: _Definition, has_docstring: bool, rows: list[str]) -> list[int]:
    """The numbers of a definition's lines without those of its docstring; none where both share a line, or where there
    is nothing else."""
    end = node.end_lineno or 0
    if not has_docstring:
        return list(range(node.lineno, end + 1)) if node.body[0].lineno > node.lineno else []
    docstring = node.body[0]
    if len(node.body) < 2 or docstring.lineno == node.lineno or node.body[1].lineno <= (docstring.end_lineno or 0):
        return []
    body = list(range((docstring.end_lineno or 0) + 1, end + 1))
    while not rows[body[0] - 1].strip():
        body.pop(0)
    return [*(n for n in range(node.lineno, docstring.lineno) if rows[n - 1].strip()), *body]


def _examples(doc: str) -> tuple[doctest.Example, ...]:
    try:
        return tuple(doctest.DocTestParser().get_examples(doc))
    except ValueError:
        return ()


def _traceable(function: Function) -> bool:
    """Whether each statement has a line of its own and runs in the function's own frame."""
    if ">>>" in function.source:
        return False
    try:
        definition = function.tree
    except SyntaxError:
        return False
    starts: set[int] = {definition.lineno}
    for node in ast.walk(definition):
        if isinstance(node, _REFUSED) or (isinstance(node, _Definition) and node is not definition):
            return False
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and not _plain_endless(node):
            return False
        if isinstance(node, ast.stmt) and node is not definition:
            if node.lineno in starts:
                return False
            starts.add(node.lineno)
    return not any(isinstance(node, ast.Name | ast.Attribute) and _private(node) for node in ast.walk(definition))


def _plain_endless(loop: ast.While) -> bool:
    """`while True` has no test whose visits show the rounds: its first statement must show them."""
    return len(loop.body) > 1 and not isinstance(loop.body[0], ast.For | ast.While | ast.Try)


def _private(node: ast.Name | ast.Attribute) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr
    return name.startswith("__") and not name.endswith("__")


def _expression(source: str) -> ast.expr | None:
    try:
        return ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return None


def _calls(expression: ast.expr, function: Function) -> bool:
    name = function.qualname.rpartition(".")[2]
    if name == "__init__":
        return False
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and name in (
            getattr(node.func, "id", None),
            getattr(node.func, "attr", None),
        ):
            return True
    return False


def _setup(function: Function, example: int, expression: ast.expr) -> str | None:
    """The earlier statements of the docstring that the expression needs, with the imports that it takes for granted.

    Examples that print something are left out: they are questions of their own, and show answers.
    """
    try:
        before = [
            node
            for earlier in function.examples[:example]
            if not earlier.want and not earlier.exc_msg
            for node in ast.parse(earlier.source).body
        ]
    except SyntaxError:
        return None
    kept, missing = _slice(before, _loaded(expression))
    imports = []
    for name in sorted(missing):
        line = _import(function.module, name)
        if line is None:
            return None
        imports.append(line)
    return "\n".join([*imports, *(ast.unparse(node) for node in kept)])


def _slice(before: list[ast.stmt], needed: set[str]) -> tuple[list[ast.stmt], set[str]]:
    """The statements that bind or change what is needed, in order, and the names that nothing binds. What is bound anew
    before it is read is not needed, and of imports only the names that are."""
    imported = {name for node in before if isinstance(node, ast.Import | ast.ImportFrom) for name in _bound(node)}
    kept: list[ast.stmt] = []
    needed, bound = set(needed), set[str]()
    for node in reversed(before):
        binds, loads = _bound(node), _loaded(node)
        changes = not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign) or not binds
        if binds & needed or (changes and (loads - imported) & needed):
            kept.insert(0, _trimmed(node, needed))
            needed = (needed - binds if isinstance(node, ast.Assign) else needed) | loads
            bound |= binds
    return kept, {name for name in needed - bound if not hasattr(builtins, name)}


def _trimmed(node: ast.stmt, needed: set[str]) -> ast.stmt:
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return node
    names = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) in needed]
    return ast.Import(names) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, names, node.level)


def _bound(node: ast.stmt) -> set[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {n.name for n in ast.walk(node) if isinstance(n, _Definition | ast.ClassDef)}
    if isinstance(node, ast.Import | ast.ImportFrom):
        names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return names


def _loaded(node: ast.AST) -> set[str]:
    """Names that are read, less those that a lambda or a comprehension within binds itself."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    inner = {arg.arg for n in ast.walk(node) if isinstance(n, ast.Lambda | _Definition) for arg in n.args.args}
    for n in ast.walk(node):
        if isinstance(n, ast.comprehension):
            inner |= {t.id for t in ast.walk(n.target) if isinstance(t, ast.Name)}
    return names - inner


def _import(module: str, name: str) -> str | None:
    """How a reader gets a name that the docstring takes for granted."""
    if name == "nx" and module.startswith("networkx."):
        return "import networkx as nx"
    return f"from {module} import {name}" if hasattr(_load(module), name) else None


def source_tree(module: str, qualname: str) -> tuple[ast.FunctionDef, ast.Module, FunctionType]:
    """A function of a module with its tree and the module's.

    Raises:
        NotFoundError: there is no such function at the module's top.
    """
    function = function_of(module, qualname)
    if function is None or "." in qualname:
        raise NotFoundError(f"{module} has no {qualname} that can be shown")
    return _text(module)[1][qualname], _tree(module), function.object()
