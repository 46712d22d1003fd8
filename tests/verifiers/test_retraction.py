"""A trace may take a mistake of its own back: then the rest of it is judged as if the mistake were not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tracemill.claims.claim_checker import Ruling
from tracemill.records import Check, Claim, Outcome, Problem, Source, premise
from tracemill.tasks.task import Line, Solution, as_trace
from tracemill.verifiers.steps import StepsConfig, StepsVerifier

FIRST, SECOND = premise(1), premise(2)
PROBLEM = Problem(
    *("p", "p", "math.test.steps.plain", "", "", Check("exact"), Source("test", "1", "MIT", 0, 0)),
    premises=(
        Claim("symbols", {"x": "Real", "y": "Real"}),
        Claim("entailment", {"formula": "(= (+ x y) 5)"}),
        Claim("entailment", {"formula": "(= (- x y) 1)"}),
    ),
)


@pytest.fixture
def verifier() -> Iterator[StepsVerifier]:
    made = StepsVerifier()
    yield made
    made.close()


def entailed(formula: str, *uses: int) -> Line:
    return Line(f"So {formula}.", Claim("entailment", {"formula": formula}), uses)


def equation(lhs: str, rhs: str, *uses: int) -> Line:
    return Line(f"{lhs} = {rhs}", Claim("equation", {"lhs": lhs, "rhs": rhs}), uses)


def back(*steps: object) -> Line:
    return Line("Wait, that is wrong.", Claim("retraction", {"steps": list(steps)}))


DOUBLED, WRONG, FOLLOWED = (
    entailed("(= (* 2 x) 6)", FIRST, SECOND),
    entailed("(= x 4)", 0),
    entailed("(= y 1)", 1, FIRST),
)
CHECK, RIGHT = entailed("(not (= (* 2 4) 6))"), entailed("(= x 3)", 0)


def rule(verifier: StepsVerifier, *lines: Line) -> Ruling:
    return verifier.rule(PROBLEM, as_trace(PROBLEM, Solution(lines, "Answer: x = 3"), "test"))


def test_a_trace_that_takes_back_all_it_claims_is_not_verified(verifier: StepsVerifier) -> None:
    found = rule(verifier, entailed("(= x 4)", FIRST), back(0))
    assert (found.outcome, found.reason) == ("unknown", "all that the trace claims is taken back")
    assert found.coverage_claims is None
    lenient = StepsVerifier(StepsConfig(coverage=0.5))
    assert rule(lenient, entailed("(= x 4)", FIRST), back(0), entailed("(= x 3)")).outcome == "unknown"


def outcomes(ruling: Ruling) -> list[Outcome]:
    return [step.outcome for step in ruling.steps]


def test_a_trace_that_repairs_its_mistake_is_verified_and_its_wrong_steps_keep_their_outcomes(
    verifier: StepsVerifier,
) -> None:
    lines = (DOUBLED, WRONG, FOLLOWED, CHECK, back(1, 2), RIGHT, entailed("(= y 2)", 5, FIRST))
    ruling = rule(verifier, *lines)
    assert (ruling.outcome, ruling.strength) == ("verified", "proof")
    assert outcomes(ruling) == ["verified", "refuted", "unknown", *["verified"] * 4]
    assert [step.evidence.get("retracted", False) for step in ruling.steps] == [False, True, True, *[False] * 4]
    assert ruling.evidence == {"first_refuted": None, "entailed_prefix": None, "retracted": [1, 2]}
    assert (ruling.coverage_claims, ruling.coverage_steps) == (1.0, 1.0)
    assert ruling.steps[4].reason == "step 1 is wrong: contradicts the problem's premises"


def test_a_retracted_step_keeps_its_own_evidence(verifier: StepsVerifier) -> None:
    ruling = rule(verifier, entailed("(> x 2)"), entailed("(> x 9)", FIRST), back(1))
    loose = verifier.rule(
        replace(PROBLEM, premises=PROBLEM.premises[:2]),
        as_trace(PROBLEM, Solution((entailed("(> x 9)", FIRST), back(0)), "x"), "test"),
    )
    assert ruling.steps[1].evidence == {"retracted": True}
    assert loose.steps[0].evidence == {"countermodel": {"x": "0", "y": "5"}, "retracted": True}


def test_a_false_alarm_is_refuted_and_takes_nothing_back(verifier: StepsVerifier) -> None:
    ruling = rule(verifier, DOUBLED, RIGHT, back(1))
    assert (ruling.outcome, outcomes(ruling)) == ("refuted", ["verified", "verified", "refuted"])
    assert ruling.reason == "step 2: takes back step 1, which is right"
    assert ruling.evidence == {"first_refuted": 2, "entailed_prefix": None}
    assert "retracted" not in ruling.steps[1].evidence


@pytest.mark.parametrize("listed", [[0], [0, 1, 2], [2, 0, 1]])
def test_the_mistake_still_refutes_where_the_first_step_taken_back_is_right(
    verifier: StepsVerifier, listed: list[int]
) -> None:
    ruling = rule(verifier, DOUBLED, WRONG, FOLLOWED, back(*listed), RIGHT)
    assert (ruling.outcome, ruling.evidence["first_refuted"]) == ("refuted", 1)
    assert outcomes(ruling)[3] == "refuted"


def test_a_dependent_step_that_is_forgotten_is_unknown_and_counts(verifier: StepsVerifier) -> None:
    ruling = rule(verifier, DOUBLED, WRONG, FOLLOWED, back(1), RIGHT)
    assert (ruling.outcome, outcomes(ruling)) == ("unknown", ["verified", "refuted", "unknown", "verified", "verified"])
    assert ruling.coverage_claims == pytest.approx(2 / 3)


@pytest.mark.parametrize("used", [equation("2*4", "8", 1), entailed("(= y 1)", 1, FIRST)])
def test_a_later_step_that_uses_a_retracted_one_is_unknown(verifier: StepsVerifier, used: Line) -> None:
    ruling = rule(verifier, DOUBLED, WRONG, back(1), used)
    assert (ruling.outcome, outcomes(ruling)[3]) == ("unknown", "unknown")


def test_what_rests_on_a_step_that_uses_a_retracted_one_is_unknown_too(verifier: StepsVerifier) -> None:
    """The step between is an equation, which counts whatever it uses, but not when that was taken back."""
    ruling = rule(verifier, equation("3*4", "13"), equation("13-1", "12", 0), back(0), equation("12", "12", 1))
    assert outcomes(ruling) == ["refuted", "unknown", "verified", "unknown"]
    assert ruling.steps[1].reason == ruling.steps[3].reason == "rests on step 0, which was taken back"


def test_what_rests_on_a_retracted_step_through_one_that_claims_nothing_is_unknown(verifier: StepsVerifier) -> None:
    remark, right = Line("So there are 13.", None, (0,)), equation("3*4", "12")
    ruling = rule(verifier, equation("3*4", "13"), back(0), right, remark, equation("13+1", "14", 3))
    assert outcomes(ruling) == ["refuted", "verified", "verified", "unknown"]


def test_a_claim_that_is_false_in_itself_stays_refuted_though_it_uses_a_retracted_step(verifier: StepsVerifier) -> None:
    ruling = rule(verifier, DOUBLED, WRONG, back(1), entailed("(= x 5)", 1))
    assert (ruling.outcome, ruling.evidence["first_refuted"]) == ("refuted", 3)


def test_the_retraction_itself_may_cite_the_step_that_it_takes_back(verifier: StepsVerifier) -> None:
    cited = Line("Wait.", Claim("retraction", {"steps": [1]}), (1, 2))
    assert rule(verifier, DOUBLED, WRONG, CHECK, cited, RIGHT).outcome == "verified"


def test_a_step_that_nobody_decided_cannot_be_taken_back(verifier: StepsVerifier) -> None:
    ruling = rule(verifier, Line("x is large.", Claim("faith")), Line("Hm."), back(0), back(1))
    assert outcomes(ruling) == ["unknown"] * 3
    assert ruling.steps[1].reason == "takes back step 0, which is unknown"
    assert ruling.steps[2].reason == "takes back step 1, which states no claim"


@pytest.mark.parametrize("listed", [(2,), (1, 2), (1, 9), (-1,), ()])
def test_only_earlier_steps_can_be_taken_back(verifier: StepsVerifier, listed: tuple[int, ...]) -> None:
    ruling = rule(verifier, DOUBLED, WRONG, back(*listed))
    assert (ruling.outcome, outcomes(ruling)) == ("refuted", ["verified", "refuted", "unknown"])
    assert ruling.evidence["first_refuted"] == 1


@pytest.mark.parametrize("payload", [{}, {"steps": 1}, {"steps": ["1"]}, {"steps": [True]}, {"steps": [1.0]}])
def test_a_retraction_without_a_list_of_indices_takes_nothing_back(verifier: StepsVerifier, payload: object) -> None:
    odd = Line("Wait.", Claim("retraction", payload))  # type: ignore[arg-type]
    ruling = rule(verifier, DOUBLED, WRONG, odd)
    assert outcomes(ruling) == ["verified", "refuted", "unknown"]
    assert ruling.steps[2].reason == "the payload is not {'steps': [index, …]}"


def test_a_second_mistake_after_the_repair_refutes(verifier: StepsVerifier) -> None:
    ruling = rule(verifier, DOUBLED, WRONG, back(1), entailed("(= x 5)", 0))
    assert (ruling.outcome, ruling.evidence["first_refuted"]) == ("refuted", 3)


def test_two_mistakes_can_be_repaired_one_after_the_other(verifier: StepsVerifier) -> None:
    ruling = rule(verifier, DOUBLED, WRONG, back(1), entailed("(= x 5)", 0), back(3), RIGHT)
    assert (ruling.outcome, ruling.evidence["retracted"]) == ("verified", [1, 3])


def test_a_false_alarm_can_be_taken_back_in_turn(verifier: StepsVerifier) -> None:
    ruling = rule(verifier, DOUBLED, RIGHT, back(1), back(2), entailed("(= y 2)", 1, FIRST))
    assert (ruling.outcome, ruling.evidence["retracted"]) == ("verified", [2])


def test_a_trace_of_nothing_but_a_retraction_is_unknown(verifier: StepsVerifier) -> None:
    assert rule(verifier, back(0)).outcome == "unknown"
