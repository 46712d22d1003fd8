"""From a problem's check to the form of its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Check, Payload
from tracemill.verifiers.answer.comparing.equal_terms import Algebra
from tracemill.verifiers.answer.forms.execution_forms import ArgumentForm, CounterexamplesForm, RepairForm
from tracemill.verifiers.answer.forms.form import Form
from tracemill.verifiers.answer.forms.metamath_forms import MetamathFormulaForm, MetamathProofForm
from tracemill.verifiers.answer.forms.numeric_form import Numeric
from tracemill.verifiers.answer.forms.symbolic_form import Symbolic
from tracemill.verifiers.answer.forms.text_forms import Choice, Exact, Plan, Structured
from tracemill.verifiers.answer.grammar.expression_tree import Expression

_FORMS: dict[str, Callable[[Payload, str], Form]] = {
    "exact": Exact,
    "choice": Choice,
    "structured": Structured,
    "plan": Plan,
    "metamath_formula": MetamathFormulaForm,
    "metamath_proof": MetamathProofForm,
    "argument": ArgumentForm,
    "counterexamples": CounterexamplesForm,
    "repair": RepairForm,
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
    if isinstance(form, MetamathProofForm) and not form.example_holds:
        raise ValueError("the expected answer is no proof")
    _refuse_plan(form)


def refuse_spec(check: Check) -> None:
    """Reads a check's parameters before there is any answer: to be called where a config is read.

    Raises:
        ValueError: a kind or a parameter that makes no sense.
    """
    form = form_of(check, fitting_answer(check), "", _no_algebra)
    _refuse_plan(form)


def _refuse_plan(form: Form) -> None:
    ruling = form.rule("move a to b") if isinstance(form, Plan) else None
    if ruling is not None and ruling.outcome == "unknown":
        raise ValueError(ruling.reason)


def fitting_answer(check: Check) -> str:
    """An answer that fits the check, if anything does."""
    if check.kind == "choice":
        choices = check.spec.get("choices")
        return str(next(iter(choices), "")) if isinstance(choices, Mapping) else ""
    if check.kind == "structured":
        fields = check.spec.get("fields")
        return json.dumps(dict.fromkeys(fields, "0") if isinstance(fields, Mapping) else {})
    return "0"


def _no_algebra(_gold: Expression, _answer: Expression) -> Ruling:
    raise AssertionError("nothing is compared here")
