"""Equations, inequalities and unions of intervals: equal by form, or different at a point that is named."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from typing import Any

from tracemill.claims.claim_checker import Ruling
from tracemill.verifiers.answer.comparing.points import UndecidedError, apart, value_at
from tracemill.verifiers.answer.comparing.polynomials import NoFormError, Polynomial, quotient, rational
from tracemill.verifiers.answer.grammar.expression_tree import Expression, names_in, substituted
from tracemill.verifiers.answer.grammar.kinds_of_reading import (
    Bound,
    Inequality,
    Infinity,
    RealInterval,
    StatedEquation,
)

_POINTS = tuple(map(Fraction, ("3/7", "-11/5", "13/11", "-17/3", "1/9", "7/2")))
_UNSURE = Ruling("unknown", "relations that could not be shown equal")


def compare_equations(gold: StatedEquation, answer: StatedEquation) -> Ruling:
    """Equal where one is a multiple of the other; different where a point of one is clearly none of the other."""
    try:
        one, other = (quotient(_difference(equation)).over for equation in (gold, answer))
    except NoFormError:
        return _UNSURE
    if one and other and _factor(one, other) is not None:
        return Ruling("verified", "one equation is a multiple of the other", strength="exact")
    names = sorted(names_in(_difference(gold)) | names_in(_difference(answer)))
    if _misses(gold, answer, names) or _misses(answer, gold, names):
        return Ruling("refuted", "a point solves one equation only", strength="tested")
    return _UNSURE


def compare_inequalities(gold: Inequality, answer: Inequality) -> Ruling:
    """Equal where one is a positive multiple of the other; different where a point is in one of them only."""
    sides = [Expression("-", (one.left, one.right)) for one in (gold, answer)]
    try:
        forms = [quotient(side) for side in sides]
    except NoFormError:
        return _UNSURE
    plain = all(list(form.under) == [()] for form in forms)
    factor = _factor(forms[0].over, forms[1].over) if plain else None
    if factor is not None and factor * forms[0].under[()] * forms[1].under[()] > 0:
        same = gold.strict == answer.strict
        return Ruling("verified" if same else "refuted", "a multiple of the other", strength="exact")
    names = sorted(names_in(sides[0]) | names_in(sides[1]))
    for shift in range(len(_POINTS)):
        at = {name: _POINTS[(k + shift) % len(_POINTS)] * (k + 1) for k, name in enumerate(names)}
        try:
            one, other = (value_at(side, at) for side in sides)
        except UndecidedError:
            continue
        real = not one.imag and not other.imag and apart(one, 0) and apart(other, 0)
        if real and (one.real < 0) != (other.real < 0):
            return Ruling("refuted", "a point is in one of the two only", strength="tested")
    return _UNSURE


def members_differ(gold: Sequence[RealInterval], answer: Sequence[RealInterval]) -> bool:
    """Whether a number is in one union of intervals and clearly not in the other."""
    try:
        bounds = sorted({value for one in (*gold, *answer) for value in _values(one)})
        parts = [[(_placed(one.low), _placed(one.high), one) for one in union] for union in (gold, answer)]
    except UndecidedError:
        return False
    if any(not apart(one, other) for one, other in pairwise(bounds)):
        return False
    edges = [bounds[0] - 1, *bounds, bounds[-1] + 1] if bounds else [0]
    between = [(one + other) / 2 for one, other in pairwise(edges)]
    return any(_holds(parts[0], point) != _holds(parts[1], point) for point in (*edges, *between))


def _holds(parts: Sequence[tuple[Any, Any, RealInterval]], point: Any) -> bool:
    return any(
        (low < point or (low == point and one.left)) and (point < high or (point == high and one.right))
        for low, high, one in parts
    )


def _values(interval: RealInterval) -> list[Any]:
    return [_placed(bound) for bound in (interval.low, interval.high) if not isinstance(bound, Infinity)]


def _placed(bound: Bound) -> Any:
    if isinstance(bound, Infinity):
        return float("-inf") if bound.negative else float("inf")
    value = value_at(bound, {}) if not names_in(bound) else None
    if value is None or value.imag:
        raise UndecidedError("no real bound")
    return value.real


def _difference(equation: StatedEquation) -> Expression:
    return Expression("-", (equation.left, equation.right))


def _factor(one: Polynomial, other: Polynomial) -> Fraction | None:
    """What `one` is to be multiplied by to be `other`."""
    if not one or one.keys() != other.keys():
        return None
    factors = {other[monomial] / one[monomial] for monomial in one}
    return factors.pop() if len(factors) == 1 else None


def _misses(equation: StatedEquation, other: StatedEquation, names: Sequence[str]) -> bool:
    """Whether a real point of `equation` is clearly none of `other`. The point is found along a letter in which the
    equation is linear or quadratic."""
    one, against = _difference(equation), _difference(other)
    for name in sorted(names_in(one)):
        for shift in range(2):
            at = {rest: _POINTS[(k + shift) % len(_POINTS)] + k for k, rest in enumerate(names)}
            point = _point(one, name, at)
            if point is None:
                continue
            try:
                value = value_at(against, {**at, name: point})
            except UndecidedError:
                continue
            if apart(value, 0):
                return True
    return False


def _point(term: Expression, name: str, at: dict[str, Fraction]) -> Fraction | None:
    """A real value of a letter where a term is 0, to 30 digits; none where the term is no polynomial of degree 1 or 2
    in it, or has no such value."""
    values = []
    for value in (0, 1, -1, 2):
        try:
            values.append(rational(substituted(term, {**at, name: Fraction(value)})))
        except NoFormError:
            return None
    zero, one, minus, two = values
    if zero is None or one is None or minus is None or two is None:
        return None
    square, linear = (one + minus) / 2 - zero, (one - minus) / 2
    if two != 4 * square + 2 * linear + zero or not (square or linear):
        return None
    if not square:
        return -zero / linear
    discriminant = linear * linear - 4 * square * zero
    return (_root(discriminant) - linear) / (2 * square) if discriminant >= 0 else None


def _root(value: Fraction) -> Fraction:
    scale = 10**60
    return Fraction(isqrt(value.numerator * scale // value.denominator), 10**30)
