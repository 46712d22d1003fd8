"""Calls by name, of whatever module: its example or made input, and as changes leave the function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracemill.claims.execution.calls import FunctionCall, NotFoundError, call_of, function_of
from tracemill.claims.execution.made_calls import made_call
from tracemill.claims.execution.variants import changed


def named(names: Mapping[str, Any]) -> FunctionCall:
    """The installed call that `names` means, of whatever module: only for names of which `listed_calls` knows that
    their module is listed.

    Raises:
        NotFoundError: no such call, or its source or example differs from what was meant.
    """
    match dict(names):
        case {"package": str(package), "module": str(module), "qualname": str(qualname), **place}:
            pass
        case _:
            raise NotFoundError("the call is not named in full")
    function, call = function_of(module, qualname), None
    match place:
        case {"example": int(number)} if function and 0 <= number < len(function.examples):
            call = call_of(package, function, number)
        case {"input": int(number)} if function:
            call = made_call(package, function, number)
    if call is None:
        raise NotFoundError(f"{module}.{qualname} has no such example or input that calls it")
    if "variant" in place:
        call = changed(call, place["variant"])
    if dict(call.names) != dict(names):
        raise NotFoundError(f"{module}.{qualname} is installed, but its source or its example is another one")
    return call
