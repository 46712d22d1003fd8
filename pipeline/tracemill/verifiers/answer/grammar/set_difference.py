r"""Differences of sets that can be worked out: single numbers left out of a set of numbers, an interval, or a union."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from tracemill.verifiers.answer.grammar.expression_tree import number
from tracemill.verifiers.answer.grammar.kinds_of_reading import (
    Bound,
    Infinity,
    Items,
    Reading,
    RealInterval,
    Scalar,
    Union,
)
from tracemill.verifiers.answer.grammar.scalars import plain_value


def without(left: Reading, right: Reading) -> Reading | None:
    r"""`[0, 2] \setminus \{1\}` is `[0, 1) \cup (1, 2]`; none where a number is not written out, or a set is not known.

    >>> three, two = (Items("{}", tuple(Scalar(number(n)) for n in range(1, top))) for top in (4, 3))
    >>> without(three, two) == Items("{}", (Scalar(number(3)),))
    True
    """
    points = _values_of(right)
    if points is None:
        return None
    if isinstance(left, Items):
        values = _values_of(left)
        if values is None:
            return None
        return Items("{}", tuple(Scalar(number(value)) for value in sorted(values - points)))
    parts = left.parts if isinstance(left, Union) else (left,)
    kept: list[RealInterval] = []
    for part in parts:
        if not isinstance(part, RealInterval):
            return None
        bounds = _value_of(part.low), _value_of(part.high)
        if None in bounds:
            return None
        kept += _cut(part, [point for point in sorted(points) if bounds[0] <= point <= bounds[1]])  # type: ignore[operator]
    return kept[0] if len(kept) == 1 else Union(tuple(kept))


def _cut(part: RealInterval, points: Sequence[Fraction]) -> Iterator[RealInterval]:
    """What the points leave of an interval; a point at its end opens it."""
    low, closed = part.low, part.left
    for point in points:
        if _value_of(low) != point:
            yield RealInterval(low, number(point), closed, False, letter=part.letter)
        low, closed = number(point), False
    if _value_of(low) != _value_of(part.high) or (closed and part.right):
        yield RealInterval(low, part.high, closed, part.right, letter=part.letter)


def _values_of(reading: Reading) -> frozenset[Fraction] | None:
    """The numbers of a set of plain numbers."""
    if not isinstance(reading, Items) or reading.brackets != "{}":
        return None
    values = [plain_value(one.term) if _is_plain(one) else None for one in reading.items]  # type: ignore[union-attr]
    return None if None in values else frozenset(value for value in values if value is not None)


def _is_plain(one: Reading) -> bool:
    return isinstance(one, Scalar) and one.unit is None and not one.percent


def _value_of(bound: Bound) -> Fraction | float | None:
    if isinstance(bound, Infinity):
        return float("-inf") if bound.negative else float("inf")
    return plain_value(bound)
