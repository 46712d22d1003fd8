"""Whether an answer about a call is right, by running it. Runs in a child process with limits.

An argument is a literal that is read. The text of a repair is never run unless the function that it is part of only
computes (`purity`), as the installed one does.
"""

from __future__ import annotations

import ast
from typing import Any

from tracemill.claims.execution.calls import FunctionCall, NotFoundError, find, function_of
from tracemill.claims.execution.holes import given
from tracemill.claims.execution.made_calls import made_call
from tracemill.claims.execution.purity import is_pure_instead
from tracemill.claims.execution.values import look, same
from tracemill.claims.execution.variants import code_in_place, with_changes, with_source


def gives(request: dict[str, Any]) -> dict[str, Any]:
    """Target: {"call", "argument"} → {"value": what the call gives with that first argument, as text} or
    {"raised": name of the exception}."""
    call = find(request["call"])
    try:
        return {"value": look(given(call, request["argument"]))["value"]}
    except NotFoundError:
        raise
    except Exception as exc:  # noqa: BLE001  what a function raises on a strange argument is what it does
        return {"raised": type(exc).__name__}


def mends(request: dict[str, Any]) -> dict[str, Any]:
    """Target: {"call", "change": n, "line": n, "code": text, "tests": [number of an input, …]} → {"outcome", "reason",
    "tests"}: whether the function with that change does the same as without it, once `code` stands in `line`."""
    call = find(request["call"])
    broken = with_changes(call.function.source, [request["change"]])
    rows = broken.split("\n") if broken else []
    if not 0 < request["line"] <= len(rows):
        return {"outcome": "refuted", "reason": "there is no such line", "tests": 0}
    row = rows[request["line"] - 1]
    rows[request["line"] - 1] = row[: len(row) - len(row.lstrip())] + request["code"]
    source = "\n".join(rows)
    tree = _definition(source)
    if tree is None:
        return {"outcome": "refuted", "reason": "the function cannot be read any more", "tests": 0}
    if ast.dump(tree) == ast.dump(call.function.tree):
        return {"outcome": "verified", "reason": "the function is as it was", "tests": 0}
    if not is_pure_instead(call.function.object(), tree):
        return {"outcome": "unknown", "reason": "it is not run: it does more than to compute", "tests": 0}
    return _tried(call, source, request["tests"])


def _definition(source: str) -> ast.FunctionDef | None:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return body[0] if len(body) == 1 and isinstance(body[0], ast.FunctionDef) else None


def _tried(call: FunctionCall, source: str, tests: list[int]) -> dict[str, Any]:
    function = function_of(call.function.module, call.function.qualname)
    assert function is not None
    for number in tests:
        test = made_call(call.package, function, number)
        if test is None:
            raise NotFoundError(f"{function.qualname} has no input {number}")
        if not same(_value(test), _value(with_source(test, source))):
            return {"outcome": "refuted", "reason": "it does not do the same", "tests": len(tests)}
    return {"outcome": "verified", "reason": "it does the same on all tests", "tests": len(tests)}


def _value(call: FunctionCall) -> str:
    """What a call gives, or raises, as text."""
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(call.setup, "<setup>", "exec"), space)
    with code_in_place(call):
        try:
            return repr(eval(compile(call.expression, "<call>", "eval"), space))
        except Exception as exc:  # noqa: BLE001  a repair may raise anything
            return f"raises {type(exc).__name__}"
