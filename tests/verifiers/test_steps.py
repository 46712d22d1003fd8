from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError
from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary, ClaimCase, ClaimChecker, Ruling
from tracemill.claims.entailment.checker import EntailmentChecker
from tracemill.records import Check, Claim, Outcome, Payload, Problem, Source, Step, Strength, Trace, premise
from tracemill.settings.errors import PluginError
from tracemill.settings.plugins import TABLE, installed
from tracemill.tasks.task import Line, Solution, as_trace
from tracemill.verifiers.steps import StepsConfig, StepsVerifier
from tracemill.verifiers.verifier import JudgeCase, claim_kinds, judged, judged_many

FIRST, SECOND = premise(1), premise(2)
PROBLEM = Problem(
    *("p", "p", "math.test.steps.plain", "", "", Check("exact"), Source("test", "1", "MIT", 0, 0)),
    premises=(
        Claim("symbols", {"x": "Real", "y": "Real"}),
        Claim("entailment", {"formula": "(= (+ x y) 5)"}),
        Claim("entailment", {"formula": "(= (- x y) 1)"}),
    ),
)


class Scripted(ClaimChecker):
    """Rules as the claim's payload says."""

    kind: ClassVar[str] = "scripted"
    version: ClassVar[str] = "1"
    entails: ClassVar[bool] = False

    @property
    def judge(self) -> Payload:
        return {"script": 1}

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        rulings = {}
        for index in wanted:
            payload = steps[index].claim.payload if steps[index].claim else {}
            if payload.get("raises"):
                raise OSError("no space left")
            if payload["outcome"] != "silence":
                rulings[index] = Ruling(
                    payload["outcome"], "as scripted", strength=payload.get("strength"), isolation=payload.get("in")
                )
        return rulings


class ScriptedEntailing(Scripted):
    kind: ClassVar[str] = "scripted entailing"
    entails: ClassVar[bool] = True


@pytest.fixture(autouse=True)
def _scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(TABLE["claim"], "scripted", f"{__name__}:Scripted")
    monkeypatch.setitem(TABLE["claim"], "scripted entailing", f"{__name__}:ScriptedEntailing")
    monkeypatch.setitem(TABLE["claim"], "absent", "tracemill.verifiers.nowhere:Absent")
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.fixture
def verifier() -> Iterator[StepsVerifier]:
    made = StepsVerifier()
    yield made
    made.close()


def trace(*lines: Line) -> Trace:
    return as_trace(PROBLEM, Solution(lines, "Answer: x = 3"), "test")


def entailed(formula: str, *uses: int) -> Line:
    return Line(f"So {formula}.", Claim("entailment", {"formula": formula}), uses)


def equation(lhs: str, rhs: str) -> Line:
    return Line(f"{lhs} = {rhs}", Claim("equation", {"lhs": lhs, "rhs": rhs}))


def scripted(outcome: str, strength: Strength | None = "exact", uses: tuple[int, ...] = (), **more: str) -> Line:
    return Line("So.", Claim("scripted", {"outcome": outcome, "strength": strength, **more}), uses)


def entailing(outcome: str, *uses: int, strength: Strength = "exact") -> Line:
    return Line("So.", Claim("scripted entailing", {"outcome": outcome, "strength": strength}), uses)


GOLD = (entailed("(= (* 2 x) 6)", FIRST, SECOND), entailed("(= x 3)", 0), entailed("(= y 2)", 1, FIRST))


def step_outcomes(ruling: Ruling) -> list[Outcome]:
    return [step.outcome for step in ruling.steps]


def test_a_right_solution_is_verified_with_its_evidence(verifier: StepsVerifier) -> None:
    ruling = verifier.rule(PROBLEM, trace(*GOLD))
    assert (ruling.outcome, ruling.strength) == ("verified", "proof")
    assert ruling.evidence == {"first_refuted": None, "entailed_prefix": 3}
    assert (ruling.coverage_claims, ruling.coverage_steps) == (1.0, 1.0)
    assert [(step.step, step.turn, step.claim) for step in ruling.steps] == [
        (index, 0, line.claim) for index, line in enumerate(GOLD)
    ]


def test_what_rests_on_a_wrong_step_is_unknown_and_the_wrong_step_is_located(verifier: StepsVerifier) -> None:
    told = trace(GOLD[0], entailed("(= x 4)", 0), entailed("(= (* 2 x) 8)", 1), entailed("(= x 4)", 2), GOLD[0])
    ruling = verifier.rule(PROBLEM, told)
    assert ruling.outcome == "refuted"
    assert step_outcomes(ruling) == ["verified", "refuted", "unknown", "unknown", "verified"]
    assert ruling.steps[2].reason == "rests on step 1, which is refuted"
    assert ruling.steps[3].reason == "rests on step 2, which is unknown"
    assert ruling.evidence == {"first_refuted": 1, "entailed_prefix": 1}
    assert ruling.coverage_claims == pytest.approx(3 / 5)


@pytest.mark.parametrize("use", [1, 2, -4])
def test_a_verified_step_that_uses_what_does_not_precede_it_is_unknown(verifier: StepsVerifier, use: int) -> None:
    ruling = verifier.rule(PROBLEM, trace(entailing("verified"), entailing("verified", use), entailing("verified")))
    assert step_outcomes(ruling) == ["verified", "unknown", "verified"]
    assert ruling.evidence["entailed_prefix"] == 1


def test_a_step_that_rests_on_a_remark_is_unknown(verifier: StepsVerifier) -> None:
    ruling = verifier.rule(PROBLEM, trace(Line("Trust me."), entailing("verified", 0)))
    assert step_outcomes(ruling) == ["unknown"]
    assert ruling.steps[0].reason == "rests on step 0, which states no claim"


def test_a_true_equation_is_verified_but_not_entailed(verifier: StepsVerifier) -> None:
    ruling = verifier.rule(PROBLEM, trace(equation("3*4", "12"), *GOLD[:1]))
    assert ruling.outcome == "verified"
    assert ruling.evidence == {"first_refuted": None, "entailed_prefix": 0}


def test_a_remark_ends_the_entailed_prefix(verifier: StepsVerifier) -> None:
    ruling = verifier.rule(PROBLEM, trace(GOLD[0], Line("Nice."), entailed("(= x 3)", 0)))
    assert ruling.outcome == "verified"
    assert ruling.evidence == {"first_refuted": None, "entailed_prefix": 1}
    assert (ruling.coverage_claims, ruling.coverage_steps) == (1.0, pytest.approx(2 / 3))


def test_an_equation_is_judged_whatever_it_uses(verifier: StepsVerifier) -> None:
    ruling = verifier.rule(PROBLEM, trace(scripted("refuted"), scripted("verified", uses=(0,))))
    assert step_outcomes(ruling) == ["refuted", "verified"]


def test_no_claims_and_unknown_kinds_verify_nothing(verifier: StepsVerifier) -> None:
    silent = verifier.rule(PROBLEM, trace(Line("It is plain.")))
    assert (silent.outcome, silent.reason) == ("unknown", "the trace states no claims")
    assert (silent.coverage_claims, silent.coverage_steps) == (None, 0.0)
    strange = verifier.rule(PROBLEM, trace(Line("It is plain.", Claim("faith"))))
    assert (strange.outcome, strange.steps[0].reason) == ("unknown", "no checker for claims of kind 'faith'")
    assert verifier.rule(PROBLEM, trace()).coverage_steps is None


@pytest.mark.parametrize(
    ("outcomes", "coverage", "expected"),
    [
        (["verified", "unknown"], 1.0, "unknown"),
        (["verified", "unknown"], 0.5, "verified"),
        (["verified", "unknown", "unknown"], 0.5, "unknown"),
        (["verified", "verified", "verified", "refuted"], 0.5, "refuted"),
        (["verified", "error"], 0.5, "error"),
        (["error", "refuted"], 1.0, "refuted"),
        (["unknown", "error"], 1.0, "error"),
        (["unknown"], 0.1, "unknown"),
        (["verified"] * 7 + ["unknown"] * 18, 0.28, "verified"),
        (["verified"] * 6 + ["unknown"] * 19, 0.28, "unknown"),
    ],
)
def test_the_outcome_of_the_whole(outcomes: list[str], coverage: float, expected: Outcome) -> None:
    ruling = StepsVerifier(StepsConfig(coverage=coverage)).rule(
        PROBLEM, trace(*(scripted(outcome) for outcome in outcomes))
    )
    assert ruling.outcome == expected


@pytest.mark.parametrize("coverage", [0.0, -1.0, 1.5])
def test_a_coverage_that_is_no_share_is_a_wrong_config(coverage: float) -> None:
    with pytest.raises(ValidationError, match="coverage"):
        StepsConfig(coverage=coverage)


def test_the_strength_is_the_weakest_of_those_that_decided(verifier: StepsVerifier) -> None:
    mixed = [scripted("verified", "proof"), scripted("verified", "tested"), scripted("verified", "exact")]
    assert verifier.rule(PROBLEM, trace(*mixed)).strength == "tested"
    assert verifier.rule(PROBLEM, trace(*mixed, scripted("refuted", "exact"))).strength == "exact"
    assert verifier.rule(PROBLEM, trace(*mixed, scripted("unknown", None))).strength is None


def test_a_checker_in_trouble_makes_its_own_claims_errors(verifier: StepsVerifier) -> None:
    broken = Line("So.", Claim("scripted", {"raises": True}))
    ruling = verifier.rule(PROBLEM, trace(broken, *GOLD[:1]))
    assert (ruling.outcome, step_outcomes(ruling)) == ("error", ["error", "verified"])
    assert "no space left" in ruling.reason


def test_a_checker_that_is_silent_or_gives_no_strength_is_an_error(verifier: StepsVerifier) -> None:
    ruling = verifier.rule(PROBLEM, trace(scripted("silence"), scripted("verified", None), scripted("refuted", None)))
    assert (ruling.outcome, step_outcomes(ruling)) == ("error", ["error"] * 3)


def test_a_ruling_of_another_form_names_its_checker(verifier: StepsVerifier) -> None:
    with pytest.raises(PluginError, match=r"^claim 'scripted' .* gave the outcome 'great'"):
        verifier.rule(PROBLEM, trace(scripted("great")))


def test_a_checker_that_cannot_be_loaded_is_an_error_and_is_named_in_the_judge(verifier: StepsVerifier) -> None:
    found = judged(verifier, PROBLEM, trace(Line("So.", Claim("absent"))))
    assert found.outcome == "error"
    assert "absent" in found.judge["checkers"]["absent"]["missing"]


@pytest.mark.parametrize("payload", [None, ["a"], "a", 5])
@pytest.mark.parametrize("kind", ["entailment", "enumeration", "equation", "execution", "state", "retraction"])
def test_a_payload_that_is_no_object_is_unknown_and_no_bug_of_the_checker(
    verifier: StepsVerifier, kind: str, payload: Any
) -> None:
    step = Line("So.", Claim(kind, payload), (premise(0),))
    found = judged(verifier, PROBLEM, trace(*GOLD, step))
    assert (found.outcome, found.steps[-1].outcome) == ("unknown", "unknown")
    assert {one.outcome for one in found.steps[:-1]} == {"verified"}
    odd = judged(verifier, replace(PROBLEM, premises=(Claim("symbols", payload),)), trace(*GOLD))
    assert (odd.outcome, odd.steps[0].reason) == ("unknown", "the payload of premise 0 is not an object")


def test_a_verdict_is_keyed_by_the_checkers_of_the_claims_that_its_trace_makes(verifier: StepsVerifier) -> None:
    back = Line("Wait.", Claim("retraction", {"steps": [0]}))
    found = judged(verifier, PROBLEM, trace(*GOLD, Line("It is plain.", Claim("faith")), Line("So."), back))
    assert found.judge["coverage"] == 1.0
    assert set(found.judge["checkers"]) == {"entailment", "faith"}
    assert found.judge["checkers"]["entailment"]["solver"].startswith("z3 ")
    assert found.judge["checkers"]["entailment"]["version"] == EntailmentChecker.version
    assert found.judge["checkers"]["faith"] is None
    assert judged(verifier, PROBLEM, trace(Line("It is plain."))).judge == {"coverage": 1.0, "checkers": {}}


def test_the_key_of_a_verdict_does_not_depend_on_what_was_judged_before(verifier: StepsVerifier) -> None:
    before = judged(StepsVerifier(), PROBLEM, trace(*GOLD))
    judged(verifier, PROBLEM, trace(equation("3*4", "12")))
    assert judged(verifier, PROBLEM, trace(*GOLD)).id == before.id
    assert judged(StepsVerifier(StepsConfig(coverage=0.5)), PROBLEM, trace(*GOLD)).id != before.id


class Batching(ScriptedEntailing):
    """Takes all traces at once, and says how many there were."""

    def rule_many(self, cases: Sequence[ClaimCase]) -> Sequence[Mapping[int, Ruling]]:
        if any(case.steps[index].claim.payload.get("raises") for case in cases for index in case.wanted):
            raise OSError("no space left")
        return [
            dict.fromkeys(case.wanted, Ruling("verified", f"{len(cases)} at once", strength="exact")) for case in cases
        ]


def test_a_checker_gets_the_claims_of_many_traces_at_once(
    verifier: StepsVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLE["claim"], "scripted", f"{__name__}:Batching")
    traces = [trace(scripted("verified")), trace(*GOLD), trace(GOLD[0], scripted("verified"))]
    found = judged_many(verifier, [JudgeCase(PROBLEM, one) for one in traces])
    assert [one.outcome for one in found] == ["verified"] * 3
    assert [found[0].steps[0].reason, found[2].steps[1].reason] == ["2 at once", "2 at once"]


def test_one_claim_that_fails_in_a_batch_is_not_the_outcome_of_the_others(
    verifier: StepsVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLE["claim"], "scripted", f"{__name__}:Batching")
    bad = Line("So.", Claim("scripted", {"raises": True}))
    found = judged_many(verifier, [JudgeCase(PROBLEM, trace(one)) for one in (scripted("verified"), bad, GOLD[0])])
    assert [one.outcome for one in found] == ["verified", "error", "verified"]
    assert "no space left" in found[1].reason


def test_a_checker_that_loses_a_trace_of_a_batch_is_an_error_of_the_verifier(
    verifier: StepsVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Batching, "rule_many", lambda self, cases: [{0: Ruling("verified", "", strength="exact")}])
    monkeypatch.setattr(Batching, "rule", lambda self, *case: {0: Ruling("verified", "alone", strength="exact")})
    monkeypatch.setitem(TABLE["claim"], "scripted", f"{__name__}:Batching")
    with pytest.raises(ValueError, match=r"'scripted' gave 1 rulings on 2 cases; correct its rule_many"):
        verifier.rule_many([(PROBLEM, trace(scripted("verified")))] * 2)


def test_one_tampered_trace_in_a_batch_is_not_the_outcome_of_the_others(verifier: StepsVerifier) -> None:
    told = trace(*GOLD)
    bad = replace(told, steps=(replace(told.steps[0], end=10_000), *told.steps[1:]))
    found = judged_many(verifier, [JudgeCase(PROBLEM, told), JudgeCase(PROBLEM, bad, 2), JudgeCase(PROBLEM, told)])
    assert [(one.outcome, one.attempt) for one in found] == [("verified", 0), ("error", 2), ("verified", 0)]


def test_many_traces_at_once_get_the_verdicts_that_each_gets_alone(verifier: StepsVerifier) -> None:
    cases = [JudgeCase(canary.problem, canary.trace) for canary in verifier.canaries() if "hang" not in canary.attack]
    alone = [judged(verifier, case.problem, case.trace) for case in cases]
    assert [replace(one, seconds=0.0) for one in judged_many(verifier, cases)] == [
        replace(one, seconds=0.0) for one in alone
    ]


def test_isolation_names_every_level_that_was_needed(verifier: StepsVerifier) -> None:
    levels = [scripted("verified", **{"in": level}) for level in ("namespaces", "limited-process", "namespaces")]
    assert verifier.rule(PROBLEM, trace(*levels)).isolation == "limited-process, namespaces"
    assert verifier.rule(PROBLEM, trace(*GOLD)).isolation is None


@pytest.mark.parametrize(
    "tamper",
    [
        lambda step: replace(step, end=10_000),
        lambda step: replace(step, start=-1),
        lambda step: replace(step, start=step.end + 1),
        lambda step: replace(step, turn=1),
        lambda step: replace(step, turn=-1),
        lambda step: replace(step, start=0),
        lambda step: replace(step, start=step.start - 3),
    ],
)
def test_a_tampered_span_is_an_error(verifier: StepsVerifier, tamper: Callable[[Step], Step]) -> None:
    told = trace(*GOLD)
    bad = replace(told, steps=(*told.steps[:2], tamper(told.steps[2])))
    with pytest.raises(ValueError, match="step 2"):
        verifier.rule(PROBLEM, bad)
    assert judged(verifier, PROBLEM, bad).outcome == "error"


def test_two_claims_may_share_a_sentence(verifier: StepsVerifier) -> None:
    told = trace(equation("4+4", "8"), equation("8", "9"))
    first, second = told.steps
    shared = replace(told, steps=(first, replace(second, start=first.start, end=first.end)))
    assert step_outcomes(verifier.rule(PROBLEM, shared)) == ["verified", "refuted"]


def test_steps_may_lie_in_several_turns_in_order(verifier: StepsVerifier) -> None:
    told = trace(*GOLD)
    second = tuple(replace(step, turn=1) for step in told.steps)
    both = replace(told, turns=told.turns * 2, steps=(told.steps[0], *second[1:]))
    assert verifier.rule(PROBLEM, both).outcome == "verified"
    with pytest.raises(ValueError, match="before the step"):
        verifier.rule(PROBLEM, replace(both, steps=(second[0], told.steps[1])))


@pytest.mark.parametrize("canary", list(StepsVerifier().canaries(TABLE["claim"])), ids=lambda canary: canary.attack)
def test_every_canary_comes_out_as_expected(canary: Canary) -> None:
    verifier = StepsVerifier()
    found = judged(verifier, canary.problem, canary.trace)
    assert found.outcome == canary.expected, found.reason
    verifier.close()


def test_every_kind_of_claim_brings_canaries_that_must_be_verified_refuted_and_unknown() -> None:
    for kind in ("entailment", "enumeration", "equation", "execution", "state"):
        expected = {canary.expected for canary in StepsVerifier()._checker(kind).canaries()}
        assert expected == {"verified", "refuted", "unknown"}, kind


@pytest.mark.parametrize("coverage", [0.1, 0.5, 1.0])
def test_the_canaries_come_out_as_expected_at_every_coverage(coverage: float) -> None:
    verifier = StepsVerifier(StepsConfig(coverage=coverage))
    for canary in verifier.canaries(["entailment", "state"]):
        assert judged(verifier, canary.problem, canary.trace).outcome == canary.expected, canary.attack
    verifier.close()


class WithCanary(Scripted):
    def canaries(self) -> Iterator[Canary]:
        yield claim_canary("planted", "verified", [], [scripted("verified")])


def test_canaries_are_those_of_the_kinds_that_are_covered(
    verifier: StepsVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLE["claim"], "scripted", f"{__name__}:WithCanary")
    assert "planted" in {canary.attack for canary in verifier.canaries()}
    assert "planted" not in {canary.attack for canary in verifier.canaries(["entailment", "equation"])}
    kinds = {kind for canary in verifier.canaries(["equation"]) for kind in claim_kinds(canary.trace)}
    assert kinds == {"equation", "trust"}


def test_case_45_no_canary_verifies_a_claim_and_its_negation() -> None:
    verifier = StepsVerifier()
    (canary,) = [canary for canary in verifier.canaries() if canary.attack == "P and not P"]
    ruling = verifier.rule(canary.problem, canary.trace)
    assert step_outcomes(ruling)[-2:] == ["verified", "refuted"]
    verifier.close()


@pytest.mark.parametrize("command", ["Unset Guard Checking.", 'Redirect "out" Print nat.', 'Load "evil.v".'])
@pytest.mark.parametrize("claim", ["entailment", "equation", "rocq"])
def test_case_49_commands_of_a_prover_are_no_claims(verifier: StepsVerifier, command: str, claim: str) -> None:
    """There is no prover yet: such a command is refused by every grammar there is, and its own kind has no checker."""
    payload = {"lhs": command, "rhs": command} if claim == "equation" else {"formula": command}
    trace = as_trace(PROBLEM, Solution((Line("It follows.", Claim(claim, payload), (FIRST,)),), "x"), "49")
    ruling = verifier.rule(PROBLEM, trace)
    assert ruling.outcome == "unknown"
    assert [step.outcome for step in ruling.steps] == ["unknown"]
