"""Whether the stated result of a calculation is a rounding of it: to the places that it shows, or by floating point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from tracemill.claims.equation.arithmetic import CURRENCY, Node, combined, evaluate, parse

_FLOAT_ERROR = Fraction(1, 2**52)
_EXACT_WHOLE = 2**53
"""Whole numbers up to here have no error in floating point."""
_ERROR_BITS = 32
_PLAIN = re.compile(r"([-+]?)\s*(\d*)(?:\.(\d*))?\s*(%?)", re.ASCII)


def is_rounded(sides: tuple[Node, Node], values: tuple[Fraction, Fraction], texts: tuple[str, str]) -> bool:
    """Whether one side is a plain number and the other a calculation that rounds to it. The values differ: of two
    plain numbers, such as 5 and 5.4, neither is a rounding of the other."""
    both = (0, 1), (1, 0)
    return any(
        not _plain(texts[exact])
        and (rounds_to(values[exact], texts[printed]) or float_of(sides[exact], values[exact], texts[printed]))
        for exact, printed in both
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

    `2.3 - 2.2` in floats is `0.09999999999999964`. The error is followed through the calculation, operation by
    operation (N. Higham, Accuracy and Stability of Numerical Algorithms, section 3): a large number within it allows
    no more than it leaves in the end, so that `7^20/7^19` is 7 and not 8.
    """
    if not _plain(printed):
        return False
    return abs(evaluate(parse(printed)) - exact) <= _error(calculation).most


class _Erring(NamedTuple):
    """A value, and how far from it floating point may be at the most."""

    value: Fraction
    most: Fraction


def _error(node: Node) -> _Erring:
    args = [_error(arg) for arg in node.args]
    value = combined(node, [arg.value for arg in args])
    if node.op == "neg":
        return _Erring(value, args[0].most)
    whole = value.denominator == 1 and abs(value) <= _EXACT_WHOLE
    if whole and not any(arg.most for arg in args):
        return _Erring(value, Fraction(0))
    return _Erring(value, _short(_carried(node.op, value, args) + abs(value) * _FLOAT_ERROR))


def _carried(op: str, value: Fraction, args: Sequence[_Erring]) -> Fraction:
    """How far the errors of its operands bring the value of an operation from what it is, terms of second order left
    out: `_FLOAT_ERROR` is twice the error of one operation."""
    if not args:
        return Fraction(0)
    left, right = args
    if op in "+-":
        return left.most + right.most
    if op == "*":
        return left.most * abs(right.value) + right.most * abs(left.value)
    if op == "^":
        return abs(value) * abs(right.value) * left.most / abs(left.value) if left.value else Fraction(0)
    return (left.most + abs(value) * right.most) / abs(right.value)


def _short(error: Fraction) -> Fraction:
    """The error rounded up to some ten digits, so that it does not grow longer with each operation."""
    if not error:
        return error
    unit = Fraction(2) ** (error.numerator.bit_length() - error.denominator.bit_length() - _ERROR_BITS)
    return -(-error // unit) * unit


def _plain(printed: str) -> bool:
    return _PLAIN.fullmatch(_bare(printed)) is not None


def _bare(printed: str) -> str:
    return CURRENCY.sub("", printed).replace(",", "").strip()
