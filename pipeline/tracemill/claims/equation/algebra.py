"""Equations with letters and roots, by sympy: the function that `equation` calls in a process of its own.

The text is read by the grammar of `arithmetic.py` and rebuilt from allow-listed parts; sympy's own reader, which
evaluates Python, never sees it.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tracemill.claims.equation.arithmetic import (
    Irrational,
    Node,
    TooLarge,
    Undefined,
    Unreadable,
    evaluate,
    parse_sides,
)
from tracemill.claims.equation.rounding import rounds_to

MAX_EXPONENT = 64
"""Of a power beside letters or roots: its expansion has to fit."""

_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
}
_FUNCTIONS = {"ln": "log", "abs": "Abs"} | {name: name for name in ("sqrt", "exp", "sin", "cos", "tan")}
_DIGITS = 50
_SHOWN_CHARACTERS = 200


def decide(request: dict[str, Any]) -> dict[str, Any]:
    """`{"lhs", "rhs"}` in; `{"outcome", "reason", "strength", "evidence", "cpu_seconds"}` out: see `decided`. The last
    is what it took, without the import of the first call."""
    import sympy  # noqa: F401

    began = time.process_time()
    reply = decided(request)
    return {**reply, "cpu_seconds": time.process_time() - began}


def decided(request: dict[str, Any]) -> dict[str, Any]:
    """The outcome for `lhs` = `rhs` with its reason, strength and evidence.

    Letters stand for any complex number. A difference that is a number is nonzero if its first 50 digits are; one that
    is not real decides nothing, for the root of a negative number has several readings. A side that divides by what is
    always 0 has no value.
    """
    try:
        lhs, rhs = request["lhs"], request["rhs"]
        left, right = (_built(side) for side in parse_sides(lhs, rhs))
        reply = _judge(left - right)
        if reply["outcome"] == "refuted" and (_rounds(left, rhs) or _rounds(right, lhs)):
            return _reply("verified", "equal as rounded", "tested", {**reply["evidence"], "rounded": True})
        return reply
    except (TooLarge, Undefined, Unreadable, OverflowError) as exc:
        return _reply("unknown", f"not for the algebra: {exc}")


def _judge(difference: Any) -> dict[str, Any]:
    import sympy

    rest = sympy.simplify(difference)
    evidence = {"difference": str(rest)[:_SHOWN_CHARACTERS]}
    if rest == 0:
        return _reply("verified", "both sides are identical", "exact")
    if rest.has(sympy.nan, sympy.zoo, sympy.oo):
        return _reply("unknown", "a side has no value", evidence=evidence)
    if rest.free_symbols:
        return _reply("unknown", "no identity: at most for some values of the letters", evidence=evidence)
    return _judge_number(rest, evidence)


def _judge_number(rest: Any, evidence: dict[str, str]) -> dict[str, Any]:
    import sympy

    if rest.is_Rational:
        return _reply("refuted", "the sides differ by a constant", "exact", evidence)
    value = sympy.N(rest, _DIGITS)
    if not value.is_real:
        return _reply("unknown", "a side is not a real number", evidence=evidence)
    if abs(value) > sympy.Rational(1, 10 ** (_DIGITS // 2)):
        return _reply("refuted", "the sides differ by a constant", "tested", evidence)
    return _reply("unknown", "the sides agree to many digits, but are not proved equal", evidence=evidence)


def _rounds(exact: Any, printed: str) -> bool:
    import sympy

    value = sympy.N(exact, _DIGITS)
    return bool(value.is_real) and rounds_to(Fraction(str(value)), printed)


def _built(node: Node) -> Any:
    """The sympy expression of a tree.

    Raises:
        TooLarge, Undefined, Unreadable
    """
    import sympy

    if node.op == "number":
        return sympy.Rational(node.value.numerator, node.value.denominator)
    if node.op == "name":
        return sympy.pi if node.name == "pi" else sympy.Symbol(node.name)
    if node.op == "^":
        base, exponent = _built(node.args[0]), _exponent(node.args[1])
        if not exponent.is_positive:
            _refuse_zero(base)
        return base**exponent
    if node.op == "//":
        raise Unreadable("'//' beside letters or roots")
    args = [_built(arg) for arg in node.args]
    if node.op == "/":
        _refuse_zero(args[1])
    make = _OPERATORS.get(node.op) or getattr(sympy, _FUNCTIONS[node.op])
    return make(*args)


def _refuse_zero(divisor: Any) -> None:
    """sympy cancels a divisor without asking whether it is 0 in disguise.

    Raises:
        Undefined
    """
    import sympy

    if not divisor.is_Symbol and sympy.simplify(divisor) == 0:
        raise Undefined("divides by what is always 0")


def _exponent(node: Node) -> Any:
    """A letter may stand in an exponent; a number is bounded before anything is raised to it."""
    try:
        value = evaluate(node)
    except Irrational:
        return _built(node)
    if abs(value.numerator) > MAX_EXPONENT or value.denominator > MAX_EXPONENT:
        raise TooLarge(f"an exponent beyond {MAX_EXPONENT}")
    return _built(node)


def _reply(
    outcome: str, reason: str, strength: str | None = None, evidence: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"outcome": outcome, "reason": reason, "strength": strength, "evidence": evidence or {}}
