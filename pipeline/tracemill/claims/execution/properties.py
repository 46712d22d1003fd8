"""Properties that are asked about: what is said of them in a prompt, and whether they hold of an argument `x` and what
the function makes of it, `result`. The domains are finite, so that all of it can be tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

DOMAINS: Mapping[str, Sequence[str]] = {
    "int": [str(n) for n in range(9)],
    "str": ["''", "'a'", "'b'", "'aa'", "'ab'", "'ba'", "'aba'", "'Ab1'", "'a b'"],
    "list": ["[]", "[0]", "[1]", "[0, 1]", "[1, 0]", "[1, 1]", "[2, 0, 1]", "[0, 1, 2]", "[3, 1, 1]"],
    "float": ["-1.5", "-0.5", "0.0", "0.5", "1.0", "2.5"],
}
"""By the type of the first argument."""


def _number(*values: Any) -> None:
    if not all(type(value) in (int, float) for value in values):
        raise TypeError


def _sized(*values: Any) -> None:
    if not all(isinstance(value, list | tuple | str | dict) for value in values):
        raise TypeError


def _never_negative(_x: Any, result: Any) -> bool:
    _number(result)
    return bool(result >= 0)


def _at_least(x: Any, result: Any) -> bool:
    _number(x, result)
    return bool(result >= x)


def _at_most(x: Any, result: Any) -> bool:
    _number(x, result)
    return bool(result <= x)


def _even(_x: Any, result: Any) -> bool:
    if type(result) is not int:
        raise TypeError
    return result % 2 == 0


def _same(x: Any, result: Any) -> bool:
    if type(x) is not type(result):
        raise TypeError
    return bool(x == result)


def _no_longer(x: Any, result: Any) -> bool:
    _sized(x, result)
    return len(result) <= len(x)


def _as_long(x: Any, result: Any) -> bool:
    _sized(x, result)
    return len(result) == len(x)


def _not_empty(_x: Any, result: Any) -> bool:
    _sized(result)
    return len(result) > 0


def _sorted(_x: Any, result: Any) -> bool:
    if not isinstance(result, list | tuple):
        raise TypeError
    return list(result) == sorted(result)


def _symmetric(_x: Any, result: Any) -> bool:
    if not isinstance(result, list | tuple | str):
        raise TypeError
    return result == result[::-1]


def _true(_x: Any, result: Any) -> bool:
    if type(result) is not bool:
        raise TypeError
    return result


def _false(x: Any, result: Any) -> bool:
    return not _true(x, result)


class Property(NamedTuple):
    """As Python over `x` and `result`, and whether it holds of them. Raises where it makes no sense of these values."""

    text: str
    holds: Callable[[Any, Any], bool]


PROPERTIES: Mapping[str, Property] = {
    "never_negative": Property("result >= 0", _never_negative),
    "at_least": Property("result >= x", _at_least),
    "at_most": Property("result <= x", _at_most),
    "even": Property("result % 2 == 0", _even),
    "same": Property("result == x", _same),
    "no_longer": Property("len(result) <= len(x)", _no_longer),
    "as_long": Property("len(result) == len(x)", _as_long),
    "not_empty": Property("len(result) > 0", _not_empty),
    "sorted": Property("list(result) == sorted(result)", _sorted),
    "symmetric": Property("result == result[::-1]", _symmetric),
    "true": Property("result is True", _true),
    "false": Property("result is False", _false),
}
"""By key."""
OPPOSITE: Mapping[str, str] = {"true": "false", "false": "true"}
"""Properties of which one holds just where the other does not."""
