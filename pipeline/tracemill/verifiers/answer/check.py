"""From a problem's check to the form of its answer."""

from __future__ import annotations

from collections.abc import Callable

from tracemill.records import Check, Payload
from tracemill.verifiers.answer.expression import Compare, Symbolic
from tracemill.verifiers.answer.forms import Choice, Exact, Form, Numeric, Plan, Structured

_FORMS: dict[str, Callable[[Payload, str], Form]] = {
    "exact": Exact,
    "numeric": Numeric,
    "choice": Choice,
    "structured": Structured,
    "plan": Plan,
}


def form_of(check: Check, answer: str, prompt: str, compare: Compare) -> Form:
    """The form of a problem's answer.

    Raises:
        ValueError: a kind, a parameter or an expected answer that makes no sense.
    """
    if check.kind == "symbolic":
        return Symbolic(check.spec, answer, prompt, compare)
    if check.kind not in _FORMS:
        raise ValueError(f"no answer check {check.kind!r}; there are: {', '.join(sorted([*_FORMS, 'symbolic']))}")
    return _FORMS[check.kind](check.spec, answer)
