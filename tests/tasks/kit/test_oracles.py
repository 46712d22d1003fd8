"""The oracles that tasks share."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from tracemill.records import Check, Claim, Problem, Source, Step, premise
from tracemill.tasks.kit.assignment_oracle import AssignmentOracle
from tracemill.tasks.kit.formulas import evaluate, read
from tracemill.tasks.kit.rational_oracle import RationalOracle, solution_of
from tracemill.tasks.kit.teller import entailment
from tracemill.tasks.kit.transitions import simulate


def problem(symbols: dict[str, str], *formulas: str) -> Problem:
    premises = (Claim("symbols", symbols), *(entailment(each) for each in formulas))
    return Problem("p", "g", "a.b.c.d", "", "", Check("exact"), Source("test", "1", "MIT", 0, 0), premises=premises)


def step(formula: str, *uses: int, assume: tuple[str, ...] = ()) -> Step:
    return Step(0, 0, 1, entailment(formula, assume), uses)


PUZZLE = problem({"ana": "Bool", "bo": "Bool"}, "(= ana (not bo))", "(= bo (or ana bo))")
"""Ana: Bo lies. Bo: one of us tells the truth. Both kinds are left, but for one being each."""


def test_models_are_all_that_the_premises_allow() -> None:
    assert AssignmentOracle().models(PUZZLE) == [{"ana": False, "bo": True}]


def test_a_claim_that_is_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="is a number"):
        AssignmentOracle().first_wrong(PUZZLE, [step("(+ 1 2)")])


def test_a_formula_over_sums_is_true_where_plain_evaluation_says_so() -> None:
    names = ("ana", "bo", "cy", "dot")
    counted = "(+ " + " ".join(f"(ite {name} 1 0)" for name in names) + ")"
    for formula in (
        f"(= {counted} 2)",
        f"(not (<= {counted} (ite ana 3 1)))",
        f"(= (- {counted} 1) (* 2 (ite bo 1 0)))",
    ):
        asked = problem(dict.fromkeys(names, "Bool"), formula)
        worlds = [dict(zip(names, values, strict=True)) for values in product((False, True), repeat=4)]
        assert AssignmentOracle().models(asked) == [world for world in worlds if evaluate(read(formula), world)]


def test_a_term_that_is_now_a_truth_value_and_now_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="a truth value here and a number there"):
        AssignmentOracle().first_wrong(PUZZLE, [step("(= (ite ana true 1) (+ (ite bo 1 0) 1))")])


def test_a_step_is_judged_by_what_it_uses_and_assumes() -> None:
    oracle = AssignmentOracle()
    supposed = step("ana", assume=("ana",))
    then = step("(not bo)", 0, premise(1), assume=("ana",))
    assert oracle.first_wrong(PUZZLE, [supposed, then]) is None
    assert oracle.first_wrong(PUZZLE, [step("bo", premise(1), premise(2))]) is None


def test_a_wrong_step_under_an_assumption_that_fails_is_wrong() -> None:
    oracle = AssignmentOracle()
    wrong = step("bo", 0, premise(1), assume=("ana",))
    assert oracle.first_wrong(PUZZLE, [step("ana", assume=("ana",)), wrong]) == 1
    doomed = step("false", 0, premise(1), premise(2), assume=("ana",))
    assert oracle.first_wrong(PUZZLE, [step("ana", assume=("ana",)), doomed, step("(not ana)", 1)]) is None


def test_a_step_that_only_cites_too_little_is_not_wrong() -> None:
    oracle = AssignmentOracle()
    assert oracle.first_wrong(PUZZLE, [step("bo", premise(1))]) is None
    assert oracle.first_wrong(PUZZLE, [step("(not bo)", premise(1))]) == 0
    # An assumption that can hold: the premises bear it out. One that cannot: only what was found before.
    assert oracle.first_wrong(PUZZLE, [step("(not ana)", assume=("bo",))]) is None
    doomed = step("ana", assume=("ana",)), step("(not bo)", 0, premise(1), assume=("ana",))
    assert oracle.first_wrong(PUZZLE, [*doomed, step("(or ana bo)", assume=("ana",))]) is None
    assert oracle.first_wrong(PUZZLE, [*doomed, step("bo", 0, assume=("ana",))]) == 2
    assert oracle.first_wrong(PUZZLE, [doomed[0], step("(not bo)", 0, assume=("ana",))]) == 1


def test_where_the_steps_contradict_an_assumption_a_step_must_cite_what_it_rests_on_or_say_just_that() -> None:
    oracle = AssignmentOracle()
    found = step("(not bo)", premise(1), assume=("ana",)), step("bo", premise(2), assume=("ana",))
    assert oracle.first_wrong(PUZZLE, [*found, step("false", 0, assume=("ana",))]) is None
    assert oracle.first_wrong(PUZZLE, [*found, step("bo", 0, assume=("ana",))]) == 2


def test_other_values_than_truth_can_be_tried() -> None:
    class Dice(AssignmentOracle):
        def values(self, problem: Problem) -> dict[str, list[int]]:  # type: ignore[override]
            return {name: list(range(1, 7)) for name in problem.premises[0].payload}

    dice = problem({"a": "Int", "b": "Int"}, "(= (+ a b) 11)", "(< a b)")
    assert Dice().models(dice) == [{"a": 5, "b": 6}]
    assert Dice().first_wrong(dice, [step("(>= a 5)", premise(1)), step("(= a 6)", 0, premise(1))]) == 1


def test_what_cannot_be_read_is_refused() -> None:
    oracle = AssignmentOracle()
    for bad in (step("nobody"), step("ana", 0), step("(= ana"), replace(step("ana"), claim=Claim("state", {}))):
        with pytest.raises(ValueError):
            oracle.first_wrong(PUZZLE, [bad])
    with pytest.raises(ValueError, match="claims nothing"):
        oracle.first_wrong(PUZZLE, [replace(step("ana"), claim=None), step("ana", 0)])


def test_rational_systems_have_their_solution_and_claims_are_true_in_it() -> None:
    system = problem({"x": "Real", "y": "Real"}, "(= (+ x y) 3)", "(= (- x y) (/ 1 2))")
    assert {name: str(value) for name, value in solution_of(system).items()} == {"x": "7/4", "y": "5/4"}
    assert RationalOracle().first_wrong(system, [step("(= (* 2 x) (/ 7 2))"), step("(= y 1)")]) == 1
    with pytest.raises(ValueError, match="no unique solution"):
        solution_of(problem({"x": "Real", "y": "Real"}, "(= (+ x y) 3)", "(= (+ x y) 4)"))


def test_a_run_ends_where_its_actions_lead() -> None:
    def step_by(state: int, by: int) -> int | None:
        return state + by if 0 <= state + by < 10 else None

    assert simulate(1, [3, 3, -1], step_by) == 6
    assert simulate(1, [3, 9, -9], step_by) is None


@pytest.mark.parametrize(
    "formula",
    [
        "(= ana bo (not cleo))",
        "(=> ana bo cleo)",
        "(xor ana bo cleo)",
        "(and (or ana (not bo)) (=> cleo false))",
        "(or (= ana true) (and bo))",
    ],
)
def test_a_formula_is_true_in_the_assignments_in_which_its_value_is(formula: str) -> None:
    puzzle = problem(dict.fromkeys(("ana", "bo", "cleo"), "Bool"), formula)
    every = [dict(zip(("ana", "bo", "cleo"), values, strict=True)) for values in product((False, True), repeat=3)]
    assert AssignmentOracle().models(puzzle) == [model for model in every if evaluate(read(formula), model)]


@pytest.mark.parametrize("formula", ["(and ana =)", "(not ana bo)", "(=> ana)", "(and)", "and"])
def test_a_formula_with_operators_out_of_place_is_refused(formula: str) -> None:
    with pytest.raises(ValueError, match=r"unknown symbol|no operator|not an application|is a number"):
        AssignmentOracle().models(problem({"ana": "Bool", "bo": "Bool"}, formula))
