"""Terms at a few fixed points, to 40 digits: enough to show that two of them differ, never that they are equal."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mpmath.ctx_mp import MPContext

from tracemill.verifiers.answer.grammar.expression_tree import Expression, names_in

DIGITS = 40
_DIGITS_OF_CONSTANTS = 1_000
_POINTS = tuple(map(Fraction, ("3/7", "11/5", "13/11", "17/3")))
_APART = Fraction(1, 10**12)
_LARGEST = 10**20
"""Of what occurs on the way: past that, the digits left do not decide."""
_LARGEST_LOG = 1_000
_LARGEST_FACTORIAL = 200

_local = threading.local()


class UndecidedError(ArithmeticError):
    """No value at this point, or none that 40 digits decide."""


def differ(left: Expression, right: Expression) -> bool:
    """Whether two terms have clearly different values at a point. All letters are positive there, for `ln(x^2)` and
    `2 ln(x)` are the same to those who write them. Points with real values decide; without one, all do."""
    names = sorted(names_in(left) | names_in(right))
    real: list[bool] = []
    others: list[bool] = []
    for shift in range(len(_POINTS) if names else 1):
        at = {name: _POINTS[(k + shift) % len(_POINTS)] + k for k, name in enumerate(names)}
        try:
            one, other = value_at(left, at), value_at(right, at)
        except UndecidedError:
            continue
        both_real = not one.imag and not other.imag
        (real if both_real else others).append(apart(one, other))
    return any(real or others)


def divides_by_zero(term: Expression) -> bool:
    """Whether a divisor in a term is 0 at every point, whatever it looks like."""
    divisor = term.args[1] if term.op == "/" else term.args[0] if term.op == "^" else None
    if divisor is not None and divisor.op not in ("number", "name") and _vanishes(divisor):
        return True
    return any(divides_by_zero(arg) for arg in term.args)


def _vanishes(term: Expression) -> bool:
    names = sorted(names_in(term))
    for shift in range(2):
        try:
            value = value_at(term, {name: _POINTS[(k + shift) % len(_POINTS)] + k for k, name in enumerate(names)})
        except UndecidedError:
            continue
        if apart(value, 0):
            return False
    return True


def apart(one: Any, other: Any) -> bool:
    return bool(abs(one - other) > (1 + abs(one)) * _mp().mpf(_APART.numerator) / _APART.denominator)


def value_at(term: Expression, at: Mapping[str, Fraction]) -> Any:
    """The complex value of a term where its letters have these values.

    Raises:
        UndecidedError
    """
    evaluation = _Evaluation({name: _number(value) for name, value in at.items()})
    try:
        value = evaluation.value(term)
    except (ZeroDivisionError, ValueError, OverflowError, TypeError) as exc:
        raise UndecidedError(str(exc)) from exc
    mp = _mp()
    if not mp.isfinite(value) or evaluation.largest > _LARGEST:
        raise UndecidedError("no value that 40 digits decide")
    value = mp.mpc(value)
    return mp.mpc(value.real, 0) if abs(value.imag) < mp.mpf(10) ** -30 * (1 + abs(value)) else value


class _Evaluation:
    def __init__(self, at: Mapping[str, Any]) -> None:
        self._at = at
        self._mp = _mp()
        self.largest: Any = 0

    def value(self, term: Expression) -> Any:
        value = self._value(term)
        self.largest = max(self.largest, abs(value))
        return value

    def _value(self, term: Expression) -> Any:
        mp = self._mp
        match term.op:
            case "number":
                return _number(term.value)
            case "name":
                constants = {"pi": mp.pi, "e": mp.e, "i": mp.j}
                return +constants[term.name] if term.name in constants else self._at[term.name]
        args = [self.value(arg) for arg in term.args]
        match term.op:
            case "+":
                return args[0] + args[1]
            case "-":
                return args[0] - args[1]
            case "*":
                return args[0] * args[1]
            case "/":
                return args[0] / args[1]
            case "neg":
                return -args[0]
            case "^":
                return self._power(args[0], args[1])
            case "root":
                return self._power(args[0], 1 / args[1])
            case "abs":
                return abs(args[0])
        return self._function(term.op, args)

    def _function(self, name: str, args: list[Any]) -> Any:
        mp = self._mp
        if name in ("!", "binom"):
            if any(abs(arg) > _LARGEST_FACTORIAL for arg in args):
                raise UndecidedError("a factorial too large")
            return mp.factorial(args[0]) if name == "!" else mp.binomial(*args)
        if name == "log_base":
            return mp.log(args[0]) / mp.log(args[1])
        (arg,) = args
        if name not in ("ln", "log") and abs(arg) > _LARGEST_LOG:
            raise UndecidedError("an argument too large")
        made = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}.get(name, name)
        return getattr(mp, made)(arg)

    def _power(self, base: Any, exponent: Any) -> Any:
        mp = self._mp
        if not base:
            if exponent.real > 0:
                return mp.mpf(0)
            raise UndecidedError("a power of 0")
        if abs(exponent) > 10**6 or abs(mp.log(abs(base))) * abs(exponent) > _LARGEST_LOG:
            raise UndecidedError("a power too large")
        return base**exponent


def _number(value: Fraction) -> Any:
    return _mp().mpf(value.numerator) / value.denominator


def _mp() -> Any:
    """A context of this thread's own: mpmath changes the precision of its contexts while it computes."""
    if not hasattr(_local, "mp"):
        mp = MPContext()
        # All threads share what mpmath keeps of its constants, and it replaces that in two steps when more digits are
        # asked for. With more digits than any term asks for, nothing is replaced while another thread reads.
        mp.dps = _DIGITS_OF_CONSTANTS
        for constant in (mp.pi, mp.e, mp.ln2, mp.ln10):
            mp.mpf(constant)
        mp.dps = DIGITS
        _local.mp = mp
    return _local.mp
