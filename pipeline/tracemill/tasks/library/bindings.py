"""How a module gets its names: `gcd` by `from math import gcd`, `dup_LC` by `dup_LC = poly_LC`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import resolve_name


@cache
def bindings(module: str) -> Mapping[str, str]:
    """The line that binds each name which the module imports or assigns at its top level; the last one counts."""
    return dict(_lines(ast.parse(inspect.getsource(import_module(module))).body, module))


def _lines(body: list[ast.stmt], module: str) -> Iterator[tuple[str, str]]:
    for node in body:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield alias.asname or alias.name.partition(".")[0], f"import {ast.unparse(alias)}"
            case ast.ImportFrom(module=source, names=names, level=level):
                origin = resolve_name("." * level + (source or ""), module.rpartition(".")[0]) if level else source
                for alias in names:
                    yield alias.asname or alias.name, f"from {origin} import {ast.unparse(alias)}"
            case ast.Assign(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name):
                        yield target.id, ast.unparse(node)
            case ast.If(body=inner, orelse=other):
                yield from _lines([*inner, *other], module)
            case ast.Try(body=inner, handlers=handlers, orelse=other):
                caught = [line for handler in handlers for line in handler.body]
                yield from _lines([*caught, *inner, *other], module)
