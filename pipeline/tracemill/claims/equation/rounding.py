"""Whether the stated result of a calculation is a rounding of it: to the places that it shows, or by floating point."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from tracemill.claims.equation.arithmetic import CURRENCY, Node, evaluate, parse

_FLOAT_ERROR = Fraction(1, 2**52)
_PLAIN = re.compile(r"([-+]?)\s*(\d*)(?:\.(\d*))?\s*(%?)", re.ASCII)


def is_rounded(sides: tuple[Node, Node], values: tuple[Fraction, Fraction], texts: tuple[str, str]) -> bool:
    """Whether one side is a plain number that the other rounds to. The values differ."""
    (left, right), (lhs, rhs) = values, texts
    return (
        rounds_to(left, rhs) or rounds_to(right, lhs) or float_of(sides[0], left, rhs) or float_of(sides[1], right, lhs)
    )


def rounds_to(exact: Fraction, printed: str) -> bool:
    """Whether `printed` is a plain number to which the exact value rounds, half a unit of its last place included.

    `16.67` and `17` are roundings of 50/3; `0` is none of 1/3, for it shows no digit of it.
    """
    match = _PLAIN.fullmatch(_bare(printed))
    if not match or not (match[2] or match[3]):
        return False
    value = evaluate(parse(printed))
    unit = Fraction(1, 10 ** len(match[3] or "")) / (100 if match[4] else 1)
    return value != 0 and abs(value - exact) * 2 <= unit


def float_of(calculation: Node, exact: Fraction, printed: str) -> bool:
    """Whether `printed` is a plain number as near to the exact value as floating point brings one.

    Every number and every operation adds at most the error of the largest value that occurs: `2.3 - 2.2` in floats is
    `0.09999999999999964`.
    """
    if not _PLAIN.fullmatch(_bare(printed)):
        return False
    values = list(_values(calculation))
    allowed = len(values) * max(map(abs, values)) * _FLOAT_ERROR
    return abs(evaluate(parse(printed)) - exact) <= allowed


def _values(node: Node) -> Iterator[Fraction]:
    yield evaluate(node)
    for arg in node.args:
        yield from _values(arg)


def _bare(printed: str) -> str:
    return CURRENCY.sub("", printed).replace(",", "").strip()
