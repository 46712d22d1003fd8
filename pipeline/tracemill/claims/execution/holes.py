"""A call with another first argument: what is looked for when a result is given, and what a property is tried on.

Only of made inputs, whose functions can only compute; and the argument is a literal that is read, never text that runs.
"""

from __future__ import annotations

import ast
from typing import Any

from tracemill.claims.execution.calls import FunctionCall, NotFoundError
from tracemill.claims.execution.variants import code_in_place

MAX_ARGUMENT = 2_000
"""Characters of one argument."""
_GIVEN = "__given__"


def first_argument(call: FunctionCall) -> str | None:
    """The first argument as text, if it is a literal and stands by itself."""
    arguments = _called(_parsed(call), call).args
    if call.place[0] != "input" or not arguments:
        return None
    text = ast.unparse(arguments[0])
    return text if read_argument(text) is not None else None


def read_argument(text: str) -> tuple[Any] | None:
    """The literal that a text is, in a tuple; None if it is none."""
    if len(text) > MAX_ARGUMENT:
        return None
    try:
        return (ast.literal_eval(text.strip()),)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def with_hole(call: FunctionCall, hole: str) -> str:
    """The call with `hole` in the place of its first argument."""
    expression = _parsed(call)
    _called(expression, call).args[0] = ast.Name(hole, ast.Load())
    return ast.unparse(expression)


def given(call: FunctionCall, argument: str) -> Any:
    """What the call gives with that first argument. Whatever it raises comes through.

    Raises:
        NotFoundError: the call is no made one, or the argument no literal.
    """
    value = read_argument(argument)
    if value is None or first_argument(call) is None:
        raise NotFoundError("the argument is no literal, or the call takes none")
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(call.setup, "<setup>", "exec"), space)
    space[_GIVEN] = value[0]
    with code_in_place(call):
        return eval(compile(with_hole(call, _GIVEN), "<call>", "eval"), space)


def other_arguments(call: FunctionCall) -> list[str]:
    """The arguments after the first, in a form that can be compared."""
    called = _called(_parsed(call), call)
    return [ast.dump(part) for part in [*called.args[1:], *called.keywords]]


def _parsed(call: FunctionCall) -> ast.expr:
    return ast.parse(call.expression, mode="eval").body


def _called(expression: ast.expr, call: FunctionCall) -> ast.Call:
    """The call of the function itself within the expression, such as that in `list(f(x))`."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call.function.qualname:
            return node
    raise NotFoundError("the expression does not call the function by its name")
