"""What an answer about a call does when it is run. Runs in the sandbox, from an archive; whether that is right is
decided outside.

An argument is a literal that is read. A repair is run only if the function still reads no other names and attributes
than it did, but for builtins that compute and methods of Python's own types: of a function that only computes
(`purity`), that leaves one that only computes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from symtable import symtable
from typing import Any

from tracemill.claims.execution.calls import FunctionCall, NotFoundError, function_of
from tracemill.claims.execution.holes import given
from tracemill.claims.execution.made_calls import made_call
from tracemill.claims.execution.named_calls import named
from tracemill.claims.execution.values import look
from tracemill.claims.execution.variants import code_in_place, with_changes, with_source

_BUILTINS = frozenset(
    {"abs", "all", "any", "bin", "bool", "bytes", "chr", "dict", "divmod", "enumerate", "filter", "float", "frozenset"}
    | {"hex", "int", "isinstance", "iter", "len", "list", "map", "max", "min", "next", "oct", "ord", "pow", "range"}
    | {"repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "zip"}
)
_METHODS = frozenset(
    name for kind in (str, bytes, int, float, list, tuple, dict, set) for name in dir(kind) if not name.startswith("_")
)
_NEVER = frozenset({"getattr", "setattr", "delattr", "eval", "exec", "compile", "open", "input", "globals", "vars"})
_STATEMENTS = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.ClassDef, ast.AsyncFunctionDef, ast.Await)


def gives(request: dict[str, Any]) -> dict[str, Any]:
    """{"call", "arguments": [text, …]} → {"given": [{"value": what the call gives with that first argument, as text} or
    {"raised": name of the exception}, …]}."""
    call = named(request["call"])
    return {"given": [_given(call, argument) for argument in request["arguments"]]}


def _given(call: FunctionCall, argument: str) -> dict[str, str]:
    try:
        return {"value": look(given(call, argument))["value"]}
    except NotFoundError:
        raise
    except Exception as exc:  # noqa: BLE001  what a function raises on a strange argument is what it does
        return {"raised": type(exc).__name__}


def mended(request: dict[str, Any]) -> dict[str, Any]:
    """{"call", "change": n, "line": n, "code": text, "tests": [number of an input, …]} → {"source": the function with
    that change and `code` in `line`, "wanted": [what it gives without the change, for each test]}; or {"outcome",
    "reason"} where that need not be run, or must not."""
    call = named(request["call"])
    broken = with_changes(call.function.source, [request["change"]])
    rows = broken.split("\n") if broken else []
    if not 0 < request["line"] <= len(rows):
        return {"outcome": "refuted", "reason": "there is no such line"}
    row = rows[request["line"] - 1]
    rows[request["line"] - 1] = row[: len(row) - len(row.lstrip())] + request["code"]
    source = "\n".join(rows)
    tree = _definition(source)
    if tree is None:
        return {"outcome": "refuted", "reason": "the function cannot be read any more"}
    if ast.dump(tree) == ast.dump(call.function.tree):
        return {"outcome": "verified", "reason": "the function is as it was"}
    if not _stays_within(call.function.source, source):
        return {"outcome": "unknown", "reason": "it is not run: it does more than to compute"}
    return {"source": source, "wanted": [_value(test) for test in _tests(call, request["tests"])]}


def tried(request: dict[str, Any]) -> dict[str, Any]:
    """{"call", "source", "tests"} → {"values": [what the function gives as that source defines it, for each test]}.
    Runs what somebody else wrote, in a process that knows nothing of what is wanted."""
    call, source = named(request["call"]), request["source"]
    return {"values": [_value(with_source(test, source)) for test in _tests(call, request["tests"])]}


def _definition(source: str) -> ast.FunctionDef | None:
    try:
        compile(source, "<repair>", "exec", dont_inherit=True)
        body = ast.parse(source).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return body[0] if len(body) == 1 and isinstance(body[0], ast.FunctionDef) else None


def _stays_within(before: str, after: str) -> bool:
    """Whether a function reads from around it what it read before, and beside that only what cannot but compute."""
    old, new = ast.parse(before).body[0], ast.parse(after).body[0]
    if any(isinstance(node, _STATEMENTS) for node in ast.walk(new)):
        return False
    if any(isinstance(node, ast.FunctionDef) and node is not new for node in ast.walk(new)):
        return False
    attributes = _attributes(new)
    if any(name.startswith("__") for name in attributes) or not attributes <= _attributes(old) | _METHODS:
        return False
    return _globals(after) <= (_globals(before) | _BUILTINS) - _NEVER


def _globals(source: str) -> set[str]:
    """The names that a function and all scopes within it read from the module or from Python, and not from a scope of
    their own: `[eval for eval in ()] or eval` does read `eval`."""
    waiting, found = symtable(source, "<function>", "exec").get_children(), set[str]()
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        found |= {one.get_name() for one in table.get_symbols() if one.is_referenced() and one.is_global()}
    return found


def _attributes(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _tests(call: FunctionCall, numbers: list[int]) -> Iterator[FunctionCall]:
    function = function_of(call.function.module, call.function.qualname)
    assert function is not None
    for number in numbers:
        test = made_call(call.package, function, number)
        if test is None:
            raise NotFoundError(f"{function.qualname} has no input {number}")
        yield test


def _value(call: FunctionCall) -> str:
    """What a call gives, or raises, as text."""
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(call.setup, "<setup>", "exec"), space)
    with code_in_place(call):
        try:
            return repr(eval(compile(call.expression, "<call>", "eval"), space))
        except Exception as exc:  # noqa: BLE001  a repair may raise anything
            return f"raises {type(exc).__name__}"
