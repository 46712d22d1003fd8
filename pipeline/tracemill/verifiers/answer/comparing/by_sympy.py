"""Equality of two terms by sympy, for a child process: simplifying may take for ever.

The terms come as trees of known nodes (`equal_terms.as_json`), never as text: no reader of sympy's sees what a
model wrote. Only what its normal form and its values at points leave open comes here.

Only a child imports this module, so it loads what it needs at once: a call's deadline is for the terms alone.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Dummy, Pow, Rational, Symbol, expand, minimal_polynomial, simplify

_TOGETHER = Rational(1, 10**50)
_MOST_BITS = 10**8
_MOST_EXPANDED = 10_000
_CONSTANTS = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I}


class _TooLargeError(ArithmeticError):
    """A number that sympy would begin to work out as soon as it is written, and never finish."""


def _power(base: Any, exponent: Any) -> Any:
    if base.is_Rational and exponent.is_Rational and base not in (0, 1, -1):
        bits = max(abs(base.p), base.q).bit_length() - 1
        if bits * abs(exponent) > _MOST_BITS:
            raise _TooLargeError
    return base**exponent


def _factorial(number: Any) -> Any:
    if number.is_Integer and number * abs(number.p).bit_length() > _MOST_BITS:
        raise _TooLargeError
    return sympy.factorial(number)


_MADE: dict[str, Any] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other,
    "^": _power,
    "neg": lambda one: -one,
    "!": _factorial,
    "binom": sympy.binomial,
    "abs": sympy.Abs,
    "root": lambda base, degree: base ** (1 / degree),
    "log_base": lambda value, base: sympy.log(value) / sympy.log(base),
    "ln": sympy.log,
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
}


def compare(request: dict[str, Any]) -> dict[str, Any]:
    """Whether `request["answer"]` equals `request["gold"]`: `outcome`, `strength` and `reason`.

    Verified is `exact` where the difference expands to 0 or its minimal polynomial is that of 0, `tested` where
    simplification or 50 digits say so.
    """
    try:
        difference = _built(request["gold"]) - _built(request["answer"])
    except _TooLargeError:
        return _reply("unknown", "a number too large to work out")
    if any(map(_is_too_large_to_expand, difference.atoms(Pow))):
        return _reply("unknown", "a power too large to expand")
    difference = expand(difference)
    if difference == 0:
        return _reply("verified", "the difference expands to 0", "exact")
    difference = simplify(difference)
    if difference == 0:
        return _reply("verified", "the difference simplifies to 0", "tested")
    return _compare_to_zero(difference)


def _is_too_large_to_expand(power: Any) -> bool:
    return bool(power.base.is_Add and power.exp.is_Integer and power.exp > _MOST_EXPANDED)


def _compare_to_zero(difference: Any) -> dict[str, Any]:
    """Of two values that agree in their first digits: algebraic numbers by their minimal polynomial, others by more."""
    if difference.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        return _reply("unknown", "a side has no value")
    if difference.is_number and difference.is_algebraic:
        letter = Dummy()
        if minimal_polynomial(difference, letter) == letter:
            return _reply("verified", "the minimal polynomial of the difference is that of 0", "exact")
        return _reply("refuted", "the minimal polynomial of the difference is not that of 0", "exact")
    if difference.is_number and abs(difference.evalf(60)) < _TOGETHER:
        return _reply("verified", "equal to 50 digits", "tested")
    return _reply("unknown", "shown neither equal nor different")


def _built(term: list[Any]) -> Any:
    op, *args = term
    if op == "number":
        return Rational(args[0])
    if op == "name":
        return _CONSTANTS[args[0]] if args[0] in _CONSTANTS else Symbol(args[0], real=True)
    return (_MADE.get(op) or getattr(sympy, op))(*map(_built, args))


def _reply(outcome: str, reason: str, strength: str | None = None) -> dict[str, Any]:
    return {"outcome": outcome, "reason": reason, "strength": strength}
