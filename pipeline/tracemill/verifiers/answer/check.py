"""From a problem's check to the form of its answer."""

from __future__ import annotations

from collections.abc import Callable

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Check, Payload
from tracemill.verifiers.answer.equality import Algebra
from tracemill.verifiers.answer.expression_tree import Expression
from tracemill.verifiers.answer.forms import Choice, Exact, Form, Plan, Structured
from tracemill.verifiers.answer.numeric_form import Numeric
from tracemill.verifiers.answer.symbolic_form import Symbolic

_FORMS: dict[str, Callable[[Payload, str], Form]] = {
    "exact": Exact,
    "choice": Choice,
    "structured": Structured,
    "plan": Plan,
}


def form_of(check: Check, answer: str, prompt: str, algebra: Algebra) -> Form:
    """The form of a problem's answer.

    Raises:
        ValueError: a kind, a parameter or an expected answer that makes no sense.
    """
    if check.kind == "symbolic":
        return Symbolic(check.spec, answer, prompt, algebra)
    if check.kind == "numeric":
        return Numeric(check.spec, answer, prompt)
    if check.kind not in _FORMS:
        raise ValueError(
            f"no answer check {check.kind!r}; there are: {', '.join(sorted([*_FORMS, 'numeric', 'symbolic']))}"
        )
    return _FORMS[check.kind](check.spec, answer)


def check_gold(check: Check, answer: str, prompt: str) -> None:
    """Reads a problem's expected answer as the verifier will: to be called where problems come from.

    Raises:
        ValueError: a kind, a parameter or an expected answer that makes no sense, or an expression that cannot be read.
    """
    form = form_of(check, answer, prompt, _no_algebra)
    if isinstance(form, Symbolic) and not form.is_readable:
        raise ValueError("the expected answer cannot be read as an expression")


def _no_algebra(_gold: Expression, _answer: Expression) -> Ruling:
    raise AssertionError("nothing is compared here")
