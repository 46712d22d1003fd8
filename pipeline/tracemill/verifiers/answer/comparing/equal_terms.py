"""Whether two terms are equal: by their form, by their values at points, and last by a computer algebra system."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracemill.claims.claim_checker import Ruling
from tracemill.verifiers.answer.comparing.points import differ, divides_by_zero
from tracemill.verifiers.answer.comparing.polynomials import NoFormError, NoValueError, Polynomial, difference
from tracemill.verifiers.answer.grammar.expression_tree import FUNCTIONS, Expression, has_op, names_in, number

Algebra = Callable[[Expression, Expression], Ruling]
"""Compares two terms by computer algebra, in another process."""

VERIFIED = Ruling("verified", "the same value", strength="exact")
REFUTED = Ruling("refuted", "the two differ in value", strength="exact")
_HARD = FUNCTIONS | {"abs", "log_base", "root", "^", "!", "binom"}


def compare_expressions(gold: Expression, answer: Expression, algebra: Algebra) -> Ruling:
    """Whether two terms have the same value, for all values of their letters.

    Verified is `exact` where the difference is zero in normal form. Refuted is `exact` where that form is a polynomial
    in independent letters and roots, else it takes a point with positive coordinates where the two differ. What hangs
    on whether `log` is the natural logarithm or that to base 10 is unknown; `lg` is that to base 10, but where it is so
    that the two differ, and that to base 2 would make them equal.
    """
    if has_op(gold, {"lg"}) or has_op(answer, {"lg"}):
        common, binary = (
            compare_expressions(_with_log("lg", gold, base), _with_log("lg", answer, base), algebra)
            for base in (number(10), number(2))
        )
        if common.outcome == "refuted" and binary.outcome != "refuted":
            return Ruling("unknown", "equal if lg is the logarithm to base 2")
        return common
    if has_op(gold, {"log"}) or has_op(answer, {"log"}):
        natural, common = (
            _compare(_with_log("log", gold, base), _with_log("log", answer, base), algebra)
            for base in (Expression("name", name="e"), number(10))
        )
        if natural.outcome != common.outcome:
            return Ruling("unknown", "equal for one base of the logarithm only")
        return natural
    ruling = _compare(gold, answer, algebra)
    if (
        ruling.outcome == "refuted"
        and "C" in names_in(gold) | names_in(answer)
        and _compare(_folded(gold), _folded(answer), algebra).outcome == "verified"
    ):
        return Ruling("unknown", "equal if c and C are the same constant")
    return ruling


def _compare(gold: Expression, answer: Expression, algebra: Algebra) -> Ruling:
    try:
        rest = difference(gold, answer)
        if not rest:
            if _in_disguise(gold) or _in_disguise(answer):
                return Ruling("unknown", "divides by zero")
            return VERIFIED
        if _is_independent(rest):
            return REFUTED
    except NoValueError:
        return Ruling("unknown", "divides by zero")
    except NoFormError:
        pass
    if differ(gold, answer):
        return Ruling("refuted", "the two differ in value", strength="tested")
    return algebra(gold, answer)


def _in_disguise(term: Expression) -> bool:
    return has_op(term, _HARD) and divides_by_zero(term)


def _is_independent(rest: Polynomial) -> bool:
    """Whether a polynomial that is not empty cannot be 0: its atoms are letters, roots of primes, and one constant."""
    atoms = {atom for monomial in rest for atom, _ in monomial}
    return not {"pi", "e"} <= atoms and not any("(" in atom or " " in atom for atom in atoms)


def _with_log(name: str, term: Expression, base: Expression) -> Expression:
    """The term with the logarithm of that name to that base."""
    args = tuple(_with_log(name, arg, base) for arg in term.args)
    if term.op == name:
        return Expression("ln", args) if base.op == "name" else Expression("log_base", (*args, base))
    return term._replace(args=args)


def _folded(term: Expression) -> Expression:
    if term.op == "name" and term.name == "C":
        return term._replace(name="c")
    return term._replace(args=tuple(map(_folded, term.args)))


def as_json(term: Expression) -> list[Any]:
    """`["+", ["name", "x"], ["number", "1/2"]]`"""
    if term.op == "number":
        return ["number", str(term.value)]
    if term.op == "name":
        return ["name", term.name]
    return [term.op, *map(as_json, term.args)]
