"""Claims of the kind `metamath`, and whole proofs as answers."""

from __future__ import annotations

import json

import pytest
from tracemill.claims.canary import claim_canary
from tracemill.claims.metamath.canaries import PREMISES, canaries
from tracemill.claims.metamath.checker import MetamathChecker
from tracemill.claims.metamath.listing import judge, read_lines
from tracemill.claims.metamath.system import RefusedSystem, system_of
from tracemill.records import Check, Claim, premise
from tracemill.tasks.task import Line, Solution, as_trace
from tracemill.verifiers.answer.check import check_gold
from tracemill.verifiers.verifier import judged, make_verifier

SYMBOLS = {"ph": "φ", "ps": "ψ", "ch": "χ", "th": "θ", "->": "→", "(": "(", ")": ")", "A.": "∀", "x": "x", "-.": "¬"}
SPEC = {"premises": PREMISES, "symbols": SYMBOLS, "goal": "( ps -> ch )"}
PROOF = "1. χ by ax-mp from h1, h2\n2. (χ → (ψ → χ)) by ax-1\n3. (ψ → χ) by ax-mp from 1, 2"


@pytest.mark.parametrize("canary", list(canaries()), ids=lambda canary: canary.attack)
def test_a_canary_comes_out_as_it_must(canary) -> None:
    assert judged(make_verifier("steps", {}), canary.problem, canary.trace).outcome == canary.expected


def test_the_evidence_is_the_substitution_and_the_strength_a_proof() -> None:
    premises = [Claim("metamath", payload) for payload in PREMISES]
    canary = claim_canary("gold", "verified", premises, [])
    step = Line("", Claim("metamath", {"formula": "ch", "rule": "ax-mp"}), (premise(1), premise(5), premise(6)))
    steps = as_trace(canary.problem, Solution((step,), ""), "test").steps
    ruling = MetamathChecker().rule(canary.problem, steps, [0])[0]
    assert (ruling.outcome, ruling.strength) == ("verified", "proof")
    assert ruling.evidence == {"substitution": {"ph": "th", "ps": "ch"}}


@pytest.mark.parametrize(
    "payload",
    [
        {"syntax": "wff ph", "variables": {}},
        {"syntax": [["wn"]], "variables": {}},
        {"syntax": [], "variables": {"ph": 1}},
        {"syntax": [], "variables": ["ph"]},
        {"syntax": [], "variables": {"ph": "wff"}, "distinct": [["ph", "ph"]]},
        {"syntax": [], "variables": {"ph": "wff"}, "distinct": [["ph", "ps"]]},
    ],
)
def test_a_system_that_makes_no_sense_is_refused(payload) -> None:
    with pytest.raises(RefusedSystem):
        system_of([Claim("metamath", payload)])


@pytest.mark.parametrize(
    ("proof", "outcome", "why"),
    [
        (PROOF, "verified", "a proof of 3 lines"),
        (PROOF.replace("φ", "ph").replace("ψ", "ps").replace("χ", "ch").replace("→", "->"), "verified", "3 lines"),
        (PROOF.replace("1. ", "(1). ").replace("from 1", "from (1)").replace(" → ", "→"), "verified", "3 lines"),
        (PROOF.replace("from 1, 2", "from 2 and 1"), "verified", "3 lines"),
        (PROOF.replace("from 1, 2", "from 1"), "refuted", "line 3 is no instance"),
        (PROOF.replace("2. (χ → (ψ → χ))", "2. (χ → (ψ → ψ))"), "refuted", "line 2 is no instance"),
        (PROOF.replace("by ax-1", "by ax-2"), "refuted", "does not show"),
        (PROOF.replace("from 1, 2", "from 1, 4"), "refuted", "not shown before"),
        (PROOF.replace("2. (χ", "1. (χ").replace("from 1, 2", "from 1"), "refuted", "the number 1"),
        ("\n".join(PROOF.splitlines()[:2]), "refuted", "not what was to be proved"),
        (PROOF.replace("(χ → (ψ → χ))", "(χ → (ψ → χ)"), "unknown", "no formula"),
        (PROOF.replace("(χ → (ψ → χ))", "(χ ⇒ (ψ ⇒ χ))"), "unknown", "no formula"),
        ("1. (ψ → χ) by ax-mp from 1", "refuted", "not shown before"),
        ("1. (ψ → ∀x ψ) by ax-5", "refuted", "no instance of ax-5"),
    ],
)
def test_a_proof_is_judged_line_by_line(proof: str, outcome: str, why: str) -> None:
    lines = read_lines(proof)
    assert lines is not None
    ruling = judge(SPEC, lines)
    assert (ruling.outcome, why in ruling.reason) == (outcome, True), ruling


@pytest.mark.parametrize("text", ["", "It is clear.", "1. χ", "1. χ by", PROOF + "\nQED", "1. χ by ax-1\n" * 500])
def test_what_is_no_listing_is_not_read(text: str) -> None:
    assert read_lines(text) is None


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("1. χ~by ax-1", ()),
        ("1.~χ by ax-1 from h1,~h2", ("h1", "h2")),
        ("~-~1. χ by~ax-1~from h1~and h2~.~", ("h1", "h2")),
    ],
)
def test_blanks_without_end_are_read_at_once(line: str, given: tuple[str, ...]) -> None:
    """Each of these takes minutes where a pattern goes back over what it has read."""
    (written,) = read_lines(line.replace("~", " " * 500_000)) or ()
    assert written == ("1", "χ", "ax-1", given)
    assert read_lines(line.replace("~", " " * 500_000).replace("ax-1", "")) is None


def test_a_gold_that_proves_nothing_is_refused_where_problems_come_from() -> None:
    check = Check("metamath_proof", json.loads(json.dumps(SPEC)))
    check_gold(check, PROOF, "")
    with pytest.raises(ValueError, match="no proof"):
        check_gold(check, PROOF.replace("by ax-1", "by ax-5"), "")
    with pytest.raises(ValueError, match="refused"):
        check_gold(Check("metamath_proof", {**SPEC, "goal": "( ps"}), PROOF, "")
    with pytest.raises(ValueError, match="no formula"):
        check_gold(Check("metamath_formula", {"symbols": SYMBOLS}), "(φ ⇒ φ)", "")
