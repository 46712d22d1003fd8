"""When what a program gave is what was expected: texts, and values of built-in types.

Everything here runs outside of the cage, over plain text and over values that were decoded from JSON, which are of
exact built-in types. Nothing that a candidate wrote is called: no `__eq__`, no `__hash__`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tracemill.verifiers.code.spec import TextComparison, ValueComparison

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_LONGEST_NUMBER = 400


def same_text(expected: str, got: str, how: TextComparison) -> bool:
    """
    >>> same_text("1 2\\n", "1  2", TextComparison())
    True
    """
    if how.by == "exact":
        return expected == got
    wanted, given = (_lines(expected), _lines(got)) if how.by == "lines" else (expected.split(), got.split())
    if len(wanted) != len(given):
        return False
    if how.order == "any":
        key = None if how.tolerance is None else _by_number
        wanted, given = sorted(wanted, key=key), sorted(given, key=key)
    return all(_same_words(one, other, how) for one, other in zip(wanted, given, strict=True))


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _same_words(expected: str, got: str, how: TextComparison) -> bool:
    if expected == got:
        return True
    if how.tolerance is None:
        return False
    wanted, given = expected.split(), got.split()
    return len(wanted) == len(given) and all(
        one == other or _near_words(one, other, how.tolerance) for one, other in zip(wanted, given, strict=True)
    )


def _near_words(expected: str, got: str, tolerance: float) -> bool:
    if max(len(expected), len(got)) > _LONGEST_NUMBER or not (_NUMBER.fullmatch(expected) and _NUMBER.fullmatch(got)):
        return False
    return _near(Fraction(expected), Fraction(got), tolerance)


def _by_number(text: str) -> list[tuple[int, Fraction, str]]:
    """An order in which words that are near numbers lie side by side, however they are written."""
    return [
        (0, Fraction(word), "") if len(word) <= _LONGEST_NUMBER and _NUMBER.fullmatch(word) else (1, Fraction(0), word)
        for word in text.split()
    ]


def _near(expected: Fraction, got: Fraction, tolerance: float) -> bool:
    """Exactly: as floats, two large whole numbers that differ would be the same."""
    return abs(expected - got) <= Fraction(tolerance) * max(Fraction(1), abs(expected))


def same_value(expected: Any, got: Any, how: ValueComparison) -> bool:
    """
    >>> same_value([1, 2], [1, True], ValueComparison())
    False
    """
    try:
        return _same(expected, got, how, how.order == "any")
    except RecursionError:
        return False


def _same(expected: Any, got: Any, how: ValueComparison, any_order: bool = False) -> bool:
    if _is_number(expected) or _is_number(got):
        return _is_number(expected) and _is_number(got) and _same_number(expected, got, how)
    if type(expected) is not type(got) and not (how.sequences == "any" and _is_row(expected) and _is_row(got)):
        return False
    if _is_row(expected):
        return _same_rows(expected, got, how, any_order)
    if isinstance(expected, set | frozenset):
        return _same_rows(list(expected), list(got), how, True)
    if isinstance(expected, dict):
        return _same_rows(list(expected.items()), list(got.items()), how, True)
    return type(expected) in (str, bytes, bytearray, type(None), range, type(...)) and bool(expected == got)


def _is_number(value: Any) -> bool:
    return type(value) in (bool, int, float, complex)


def _is_row(value: Any) -> bool:
    return type(value) in (list, tuple)


def _same_number(expected: Any, got: Any, how: ValueComparison) -> bool:
    one, other = type(expected), type(got)
    if how.numbers == "exact" and one is not other and not (how.tolerance is not None and {one, other} == {int, float}):
        return False
    if how.numbers == "float" and (one is bool) != (other is bool):
        return False
    if expected == got or (expected != expected and got != got):
        return True
    if how.tolerance is None or bool in (one, other):
        return False
    if complex in (one, other):
        return bool(abs(expected - got) <= how.tolerance * max(1.0, abs(expected)))
    if not all(math.isfinite(value) for value in (expected, got) if type(value) is float):
        return False
    return _near(Fraction(expected), Fraction(got), how.tolerance)


def _same_rows(expected: Sequence[Any], got: Sequence[Any], how: ValueComparison, any_order: bool) -> bool:
    if len(expected) != len(got):
        return False
    if any_order:
        expected, got = sorted(expected, key=_place), sorted(got, key=_place)
        if how.tolerance is not None or how.numbers != "exact":
            return _matched(expected, got, how)
    return all(_same(one, other, how) for one, other in zip(expected, got, strict=True))


_MOST_MATCHED = 2_000


def _matched(expected: Sequence[Any], got: Sequence[Any], how: ValueComparison) -> bool:
    """Whether each has a partner of its own. What lies at the same place in order is tried first, so that this takes
    long only for rows that differ."""
    left = list(got)
    for place, one in enumerate(expected[:_MOST_MATCHED]):
        partner = next((index for index, other in enumerate(left) if _same(one, other, how)), None)
        if partner is None:
            return False
        left.pop(partner)
        if place == _MOST_MATCHED - 1:
            return all(_same(*pair, how) for pair in zip(expected[_MOST_MATCHED:], left, strict=True))
    return True


def _place(value: Any) -> tuple[str, float, str]:
    """An order of all values, in which equal ones of one type lie side by side."""
    if type(value) in (bool, int, float) and value == value:
        try:
            return "", float(value), repr(type(value))
        except OverflowError:
            return "", math.copysign(math.inf, value), str(value)
    if isinstance(value, set | frozenset):
        return type(value).__name__, 0.0, repr(sorted(map(_place, value)))
    if isinstance(value, dict):
        return "dict", 0.0, repr(sorted((_place(key), _place(item)) for key, item in value.items()))
    if _is_row(value):
        return "row", 0.0, repr([_place(item) for item in value])
    return type(value).__name__, 0.0, repr(value)
