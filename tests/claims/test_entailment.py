from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

import pytest
from tracemill.claims.claim_checker import Ruling
from tracemill.claims.entailment import solver
from tracemill.claims.entailment.checker import EntailmentChecker
from tracemill.claims.entailment.smt import Sort, declared, evaluate, read
from tracemill.claims.entailment.solver import Session
from tracemill.records import Check, Claim, Problem, Source, Step, premise

FIRST, SECOND, THIRD = premise(1), premise(2), premise(3)
XY: dict[str, str] = {"x": "Real", "y": "Real"}
HARD = {
    "Int": "(= (+ (* x x x) (* y y y) (* z z z)) 114)",
    "Real": "(and (= (* x x x y) (+ z 1)) (= (* y y y z) (+ x 2)) (= (* z z z x) (+ y 3)) (> (* x y z) 11))",
}
LINEAR = (XY, ["(= (+ x y) 5)", "(= (- x y) 1)"])


def problem(symbols: Mapping[str, str], formulas: Sequence[str]) -> Problem:
    premises = (Claim("symbols", symbols), *(Claim("entailment", {"formula": formula}) for formula in formulas))
    source = Source("test", "1", "MIT", 0, 0)
    return Problem("p", "p", "math.test.smt.plain", "", "", Check("exact"), source, premises=premises)


def step(formula: str, *uses: int) -> Step:
    return Step(0, 0, 0, Claim("entailment", {"formula": formula}), uses)


def local(formula: str, assumed: Sequence[str], *uses: int) -> Step:
    return Step(0, 0, 0, Claim("entailment", {"formula": formula, "assume": list(assumed)}), uses)


def rule(theory: tuple[Mapping[str, str], Sequence[str]], *steps: Step) -> list[Ruling]:
    rulings = EntailmentChecker().rule(problem(*theory), steps, range(len(steps)))
    return [rulings[index] for index in range(len(steps))]


def outcomes(rulings: Sequence[Ruling]) -> list[str]:
    return [ruling.outcome for ruling in rulings]


def test_steps_that_follow_from_what_they_use_are_proved() -> None:
    rulings = rule(LINEAR, step("(= (* 2 x) 6)", FIRST, SECOND), step("(= x 3)", 0), step("(= y 2)", 1, FIRST))
    assert [(ruling.outcome, ruling.strength) for ruling in rulings] == [("verified", "proof")] * 3


def test_case_45_a_false_statement_is_never_verified() -> None:
    (ruling,) = rule(LINEAR, step("(= x 4)", FIRST, SECOND))
    assert (ruling.outcome, ruling.strength) == ("refuted", "proof")
    assert ruling.reason == "contradicts the problem's premises"


def test_case_45_a_claim_and_its_negation_are_never_both_verified() -> None:
    rng = random.Random(45)
    names = ["a", "b", "c"]
    decided = 0
    for _ in range(60):
        claim = formula_text(rng, names, 3)
        theory = (dict.fromkeys(names, "Bool"), [formula_text(rng, names, 2) for _ in range(2)])
        found = outcomes(rule(theory, step(claim, FIRST, SECOND), step(f"(not {claim})", FIRST, SECOND)))
        assert found != ["verified", "verified"]
        decided += "verified" in found
    assert decided > 10


def test_case_46_the_verdict_does_not_come_from_text() -> None:
    forged = ['(= x 4)) (echo "unsat") (exit', "(= x 4) (exit)", '(echo "unsat")', "(set-option :produce-proofs true)"]
    for ruling in rule(LINEAR, *(step(text, FIRST, SECOND) for text in forged)):
        assert ruling.outcome == "unknown"
        assert ruling.reason.startswith("the formula is refused")


@pytest.mark.parametrize("name", ["and", "true", "echo"])
def test_case_46_a_reserved_symbol_refuses_the_whole_problem(name: str) -> None:
    (ruling,) = rule(({name: "Bool", "p": "Bool"}, ["p"]), step("p", FIRST))
    assert ruling.outcome == "unknown"
    assert "reserved" in ruling.reason


def test_case_47_contradictory_premises_verify_nothing() -> None:
    rulings = rule((XY, ["(< x 1)", "(> x 2)"]), step("(= x 7)", FIRST, SECOND), step("(< x 1)", FIRST))
    assert [ruling.reason for ruling in rulings] == ["the problem's premises are unsatisfiable"] * 2
    assert outcomes(rulings) == ["unknown", "unknown"]


def test_case_47_a_context_that_contradicts_itself_verifies_nothing() -> None:
    rulings = rule(LINEAR, step("(= x 4)", FIRST), step("(= y 9)", 0, FIRST, SECOND))
    assert outcomes(rulings) == ["refuted", "unknown"]
    assert rulings[1].reason == "vacuous: what it uses contradicts itself"


def test_case_48_what_the_solver_does_not_decide_is_unknown() -> None:
    cubes = ({"x": "Int", "y": "Int", "z": "Int"}, ["(> x 0)"])
    (ruling,) = rule(cubes, step(f"(not {HARD['Int']})", FIRST))
    assert ruling.outcome == "unknown"
    assert "undecided within the bound" in ruling.reason


def test_case_48_premises_that_the_solver_cannot_decide_leave_all_unknown() -> None:
    cubes = ({"x": "Int", "y": "Int", "z": "Int"}, [HARD["Int"]])
    (ruling,) = rule(cubes, step("(= x x)"))
    assert (ruling.outcome, ruling.strength) == ("unknown", None)


def test_case_48_an_exhausted_bound_is_unknown_though_more_would_prove_it() -> None:
    names = [f"x{index}" for index in range(6)]
    holes = [f"(or {' '.join(f'(= {name} {hole})' for hole in range(5))})" for name in names]
    uses = tuple(premise(index) for index in range(1, 7))
    pigeons, claim = problem(dict.fromkeys(names, "Int"), holes), step(f"(not (distinct {' '.join(names)}))", *uses)
    found = [EntailmentChecker(units).rule(pigeons, [claim], [0])[0].outcome for units in (3_000, 1_000_000)]
    assert found == ["unknown", "verified"]


def test_case_48_a_trace_of_hard_steps_ends() -> None:
    hard, easy = step(f"(not {HARD['Int']})", FIRST), step("(> x 0)", FIRST)
    cubes = ({"x": "Int", "y": "Int", "z": "Int"}, ["(> x 0)"])
    assert outcomes(rule(cubes, hard, hard, easy)) == ["unknown", "unknown", "verified"]
    assert outcomes(rule(cubes, hard, hard, hard, easy)) == ["unknown"] * 4


def test_case_48_a_trace_of_very_many_steps_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "TRACE_UNITS", 2_000)
    steps = [step("(= x 3)", FIRST, SECOND), step("(= x 4)", FIRST, SECOND)] * 50
    rulings = EntailmentChecker(resource_units=500).rule(problem(*LINEAR), steps, range(100))
    found = outcomes([rulings[index] for index in range(100)])
    assert found[:2] == ["verified", "refuted"]
    assert set(found[found.index("unknown") :]) == {"unknown"}


@pytest.mark.parametrize("sort", ["Int", "Real"])
def test_case_48_cpu_time_is_the_backstop(monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    monkeypatch.setattr(solver, "BACKSTOP_SECONDS", 0.02)
    endless = EntailmentChecker(resource_units=2**32 - 1)
    rulings = endless.rule(problem(dict.fromkeys("xyz", sort), []), [step(f"(not {HARD[sort]})")], [0])
    assert rulings[0].outcome == "unknown"


def test_a_claim_that_the_premises_leave_open_is_refuted_by_a_countermodel() -> None:
    (ruling,) = rule((XY | {"p": "Bool"}, ["(> (+ x y) 5)", "(or p (> x 7))"]), step("(> x 2)", FIRST))
    assert (ruling.outcome, ruling.reason) == ("refuted", "does not follow from the problem's premises")
    model = ruling.evidence["countermodel"]
    assert (model["x"], model["p"]) == ("0", "true")
    assert Fraction(model["y"]) > 5


def test_the_countermodel_is_small_and_the_same_whatever_was_judged_before() -> None:
    theory = ({"a": "Bool", "b": "Bool", "c": "Bool", "n": "Int"}, ["(=> a (or b c))", "(> n (ite a 4 (- 9)))"])
    claim = step("(and a b)", FIRST)
    alone = rule(theory, claim)[0].evidence
    assert alone == {"countermodel": {"a": "false", "b": "false", "c": "false", "n": "0"}}
    checker = EntailmentChecker()
    for formula in ("(> n 2)", "(= a b)", "(distinct n 5)"):
        checker.rule(problem(*theory), [step(formula, SECOND)], [0])
    assert checker.rule(problem(*theory), [claim], [0])[0].evidence == alone


def test_a_forced_fraction_and_an_irrational_in_countermodels() -> None:
    fraction = rule((XY, ["(= (* 7 x) 3)", "(> y 0)"]), step("(> y 5)", FIRST))[0]
    assert fraction.evidence == {"countermodel": {"x": "3/7", "y": "1"}}
    irrational = rule((XY, ["(= (* x x) 2)", "(> y 0)"]), step("(> y 5)", FIRST))[0]
    assert (irrational.outcome, irrational.evidence) == ("refuted", {})


def test_a_countermodel_that_our_own_arithmetic_denies_is_trouble_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "evaluate", lambda term, model: True)
    with pytest.raises(RuntimeError, match="countermodel"):
        rule((XY, ["(> x 0)"]), step("(> y 5)", FIRST))


def test_a_true_claim_that_cites_too_little_is_unknown() -> None:
    (ruling,) = rule(LINEAR, step("(= x 3)", FIRST))
    assert (ruling.outcome, ruling.reason) == ("unknown", "true, but does not follow from the steps it cites")


def test_steps_that_rest_on_a_wrong_one_are_judged_locally() -> None:
    rulings = rule(LINEAR, step("(= x 4)", FIRST, SECOND), step("(= (* 2 x) 8)", 0), step("(= y 1)", 0, FIRST))
    assert outcomes(rulings) == ["refuted", "verified", "verified"]


def test_references_forward_to_itself_and_to_nothing_are_unknown() -> None:
    rulings = rule(LINEAR, step("(= x 3)", 0), step("(= x 3)", 2), step("(= x 3)", premise(9)))
    assert outcomes(rulings) == ["unknown"] * 3
    assert "does not come before" in rulings[0].reason
    assert "does not come before" in rulings[1].reason
    assert "premise 9" in rulings[2].reason


def test_a_used_step_of_another_kind_or_without_a_claim_is_unknown() -> None:
    other = Step(0, 0, 0, Claim("equation", {"lhs": "1", "rhs": "1"}))
    steps = [other, Step(0, 0, 0), step("(= x x)", 0), step("(= x x)", 1)]
    rulings = EntailmentChecker().rule(problem(*LINEAR), steps, [2, 3])
    assert {index: ruling.outcome for index, ruling in rulings.items()} == {2: "unknown", 3: "unknown"}


def test_the_declaration_of_symbols_may_be_cited_and_adds_nothing() -> None:
    rulings = rule(LINEAR, step("(= (+ y x) 5)", premise(0), FIRST), step("(= x 3)", premise(0)))
    assert outcomes(rulings) == ["verified", "unknown"]


def test_a_problem_without_symbols_or_with_a_bad_premise_is_unknown() -> None:
    bare = Problem("p", "p", "d", "", "", Check("exact"), Source("t", "1", "MIT", 0, 0))
    assert EntailmentChecker().rule(bare, [step("true")], [0])[0].outcome == "unknown"
    (ruling,) = rule((XY, ["(= x 1)", "(= z 1)"]), step("(= x 1)", FIRST))
    assert ruling.outcome == "unknown"
    assert "premise 2" in ruling.reason


def test_two_problems_in_turn_do_not_share_premises() -> None:
    checker = EntailmentChecker()
    first, second = problem(XY, ["(= x 1)"]), problem(XY, ["(= x 2)"])
    claim = [step("(= x 1)", FIRST)]
    found = [checker.rule(which, claim, [0])[0].outcome for which in (first, second, first)]
    assert found == ["verified", "refuted", "verified"]


def test_outcomes_agree_with_enumeration_over_random_boolean_traces() -> None:
    rng = random.Random(7)
    names = ["a", "b", "c"]
    symbols = declared(dict.fromkeys(names, "Bool"))
    seen = set()
    for _ in range(80):
        texts = [formula_text(rng, names, 2) for _ in range(3)]
        claim, uses = formula_text(rng, names, 2), sorted(rng.sample([0, 1, 2], 2))
        (ruling,) = rule((symbols, texts), step(claim, *(premise(1 + use) for use in uses)))
        assert ruling.outcome == enumerated(symbols, texts, claim, uses)
        seen.add(ruling.outcome)
    assert seen == {"verified", "refuted", "unknown"}


def test_the_solver_means_what_our_evaluator_means() -> None:
    rng = random.Random(11)
    symbols = declared({"x": "Real", "n": "Int", "p": "Bool"})
    for _ in range(120):
        text = f"({rng.choice(['=', '<', '<=', '>', '>=', 'distinct'])} {number_text(rng, 2)} {number_text(rng, 2)})"
        x, n, p = rng.randint(-3, 3), rng.randint(-3, 3), rng.random() < 0.5
        fixed = [f"(= x (- {-x}))" if x < 0 else f"(= x {x})", f"(= n (- {-n}))" if n < 0 else f"(= n {n})"]
        terms = [read(source, symbols) for source in (*fixed, "p" if p else "(not p)", text)]
        session = Session(symbols, 1_000_000, backstop=True)
        expected = "sat" if evaluate(terms[-1], {"x": x, "n": n, "p": p}) else "unsat"
        assert session.check(terms) == expected
        session.close()


def test_threads_do_not_meet() -> None:
    checker, found = EntailmentChecker(), {}

    def work(number: int) -> None:
        claims = [step(f"(= x {number})", FIRST), step(f"(= x {number + 1})", FIRST)]
        for _ in range(10):
            rulings = checker.rule(problem(XY, [f"(= x {number})"]), claims, [0, 1])
            found.setdefault(number, set()).add((rulings[0].outcome, rulings[1].outcome))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: {("verified", "refuted")} for number in range(4)}


def enumerated(symbols: dict[str, Sort], texts: Sequence[str], claim: str, uses: Sequence[int]) -> str:
    """What the outcome must be, by all assignments."""
    terms, wanted = [read(text, symbols) for text in texts], read(claim, symbols)
    models = [dict(zip(symbols, values, strict=True)) for values in product((False, True), repeat=len(symbols))]
    allowed = [model for model in models if all(evaluate(term, model) for term in terms)]
    used = [model for model in models if all(evaluate(terms[use], model) for use in uses)]
    if not allowed:
        return "unknown"
    if all(evaluate(wanted, model) for model in used):
        return "verified"
    return "unknown" if all(evaluate(wanted, model) for model in allowed) else "refuted"


def formula_text(rng: random.Random, names: Sequence[str], depth: int) -> str:
    if depth == 0:
        return rng.choice([*names, f"(not {rng.choice(names)})"])
    op = rng.choice(["and", "or", "=>", "=", "xor", "ite", "distinct"])
    count = 3 if op == "ite" else rng.choice([2, 2, 3])
    return f"({op} {' '.join(formula_text(rng, names, depth - 1) for _ in range(count))})"


def number_text(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(["x", "n", "2", "(- 3)", "1.5", "(/ 7 2)"])
    op = rng.choice(["+", "-", "*", "ite", "/", "neg"])
    left, right = number_text(rng, depth - 1), number_text(rng, depth - 1)
    shapes = {"ite": f"(ite p {left} {right})", "/": f"(/ {left} 2 (- 5))", "neg": f"(- {left})"}
    return shapes.get(op, f"({op} {left} {right})")


# Under assumptions

ISLAND: tuple[dict[str, str], list[str]] = (
    {"Ana": "Bool", "Bo": "Bool", "Cy": "Bool"},
    ["(= Ana (not Bo))", "(= Bo (and (not Ana) (not Bo)))", "(= Cy (or Ana Cy))"],
)
"""Ana: "Bo lies." Bo: "We both lie." Cy: "Ana is truthful, or I am." So Ana is truthful and Bo lies."""

LIES = ["(not Ana)"]
"""A doomed assumption: nothing in these premises allows it."""


def test_an_assumption_that_happens_to_be_true_is_no_flaw() -> None:
    rulings = rule(ISLAND, local("Ana", ["Ana"]), local("(not Bo)", ["Ana"], 0, FIRST))
    assert [(ruling.outcome, ruling.strength) for ruling in rulings] == [("verified", "proof")] * 2


def test_a_right_inference_under_a_doomed_assumption_is_verified() -> None:
    rulings = rule(ISLAND, local("(not Ana)", LIES), local("Bo", LIES, 0, FIRST))
    assert outcomes(rulings) == ["verified", "verified"]


def test_a_wrong_inference_under_a_doomed_assumption_is_refuted_by_a_countermodel_of_what_it_rests_on() -> None:
    (ruling,) = rule(ISLAND, local("(not Bo)", LIES, FIRST))
    assert (ruling.outcome, ruling.strength) == ("refuted", "proof")
    assert ruling.reason == "does not follow from what it uses and assumes"
    assert ruling.evidence == {"countermodel": {"Ana": "false", "Bo": "true"}}


def test_a_wrong_inference_under_a_true_assumption_is_refuted() -> None:
    assert outcomes(rule(ISLAND, local("Bo", ["Ana"], FIRST))) == ["refuted"]


def test_a_contradiction_under_an_assumption_is_verified_and_what_follows_may_use_it() -> None:
    found = rule(ISLAND, local("Bo", LIES, FIRST), local("false", LIES, 0, SECOND), step("Ana", 1))
    assert outcomes(found) == ["verified"] * 3
    assert found[1].reason == "what it assumes contradicts what it uses"


def test_a_contradiction_where_there_is_none_is_refuted() -> None:
    (ruling,) = rule(ISLAND, local("false", LIES, FIRST))
    assert (ruling.outcome, ruling.evidence) == ("refuted", {"countermodel": {"Ana": "false", "Bo": "true"}})


@pytest.mark.parametrize("claim", ["Cy", "(not Cy)", "(and Ana (not Ana))"])
def test_anything_but_false_from_a_contradiction_is_unknown(claim: str) -> None:
    (ruling,) = rule(ISLAND, local(claim, LIES, FIRST, SECOND))
    assert (ruling.outcome, ruling.reason) == ("unknown", "vacuous: what it assumes contradicts what it uses")


def test_a_contradiction_among_wrong_steps_alone_says_nothing_of_the_assumption() -> None:
    wrong = [step("(not Ana)", FIRST), step("(not Bo)", 0), local("false", ["Cy"], 0, 1, FIRST)]
    assert rule(ISLAND, *wrong)[2] == Ruling("unknown", "vacuous: what it uses contradicts itself")


BADLY_CITED = "holds under its assumptions, but does not follow from the steps it cites"


def test_a_local_claim_that_cites_too_little_is_unknown_as_a_plain_one_is() -> None:
    (ruling,) = rule(ISLAND, local("(not Bo)", ["Ana"]))
    assert (ruling.outcome, ruling.reason) == ("unknown", BADLY_CITED)


def test_a_local_claim_that_the_premises_leave_open_is_refuted_by_a_countermodel_of_them() -> None:
    (ruling,) = rule(ISLAND, local("Cy", ["Ana"], FIRST))
    assert (ruling.outcome, ruling.strength) == ("unknown", None)  # true by the third premise
    (ruling,) = rule((ISLAND[0], ISLAND[1][:2]), local("Cy", ["Ana"], FIRST))
    assert ruling.evidence == {"countermodel": {"Ana": "true", "Bo": "false", "Cy": "false"}}


def test_under_a_doomed_assumption_earlier_steps_can_bear_out_a_claim_that_cites_too_little() -> None:
    opened, found = local("(not Ana)", LIES), local("Bo", LIES, 0, FIRST)
    assert rule(ISLAND, opened, found, local("(or Bo Cy)", LIES, 0))[2].reason == BADLY_CITED
    assert outcomes(rule(ISLAND, opened, found, local("Cy", LIES, 0))) == ["verified", "verified", "refuted"]
    # Without the step that found it, nothing but the premises says so, and under this assumption they say anything.
    assert outcomes(rule(ISLAND, opened, local("(or Bo Cy)", LIES, 0))) == ["verified", "refuted"]


def test_once_the_steps_contradict_an_assumption_only_what_a_step_cites_bears_out_its_claim() -> None:
    theory = (dict.fromkeys("abc", "Bool"), ["(=> a b)", "(=> a (not b))"])
    doomed = [local("b", ["a"], FIRST), local("(not b)", ["a"], SECOND)]
    found = rule(theory, *doomed, local("c", ["a"], 0), local("false", ["a"], 0), local("false", ["a"], 0, 1))
    assert outcomes(found) == ["verified", "verified", "refuted", "unknown", "verified"]
    assert found[3].reason == "its assumptions are contradicted, but not by the steps it cites"


def test_nested_assumptions() -> None:
    theory = ({"a": "Bool", "b": "Bool", "c": "Bool"}, ["(=> a b)", "(=> b (not c))", "(or a c)"])
    found = rule(
        theory,
        local("a", ["a"]),
        local("b", ["a"], 0, FIRST),
        local("c", ["a", "c"]),
        local("false", ["a", "c"], 1, 2, SECOND),
        local("(not c)", ["a"], 3),
        step("(=> a (not c))", 4),
        step("(not c)", 4),
    )
    assert outcomes(found) == [*["verified"] * 6, "refuted"]


def test_a_later_step_uses_a_local_one_as_an_implication() -> None:
    found = rule(ISLAND, local("Cy", ["Ana"], THIRD), step("(=> Ana Cy)", 0), step("Cy", 0), step("(not Cy)", 0))
    assert outcomes(found) == ["verified", "verified", "unknown", "refuted"]
    assert found[2].reason == "true, but does not follow from the steps it cites"


def test_both_cases_of_a_split_give_what_holds_in_each() -> None:
    theory = ({"x": "Int", "y": "Int"}, ["(or (= x 1) (= x 2))", "(= y (* x (- 3 x)))"])
    cases = [local("(= y 2)", [f"(= x {value})"], SECOND) for value in (1, 2)]
    assert outcomes(rule(theory, *cases, step("(= y 2)", FIRST, 0, 1))) == ["verified"] * 3


def test_a_payload_with_a_key_that_is_not_read_is_unknown() -> None:
    misspelt = Step(0, 0, 0, Claim("entailment", {"formula": "(= x 4)", "assumes": ["(= x 4)"]}), (FIRST,))
    assert rule(LINEAR, misspelt)[0].outcome == "unknown"


@pytest.mark.parametrize("assumed", ["Ana", ["Ana", 3], [""], ["(not Dan)"], ["Ana Bo"], {"Ana": True}])
def test_assumptions_outside_the_grammar_refuse_the_claim(assumed: object) -> None:
    strange = Step(0, 0, 0, Claim("entailment", {"formula": "Ana", "assume": assumed}))
    (ruling,) = rule(ISLAND, strange)
    assert ruling.outcome == "unknown"
    assert ruling.reason.startswith("the formula is refused")


def test_what_the_solver_does_not_decide_under_an_assumption_is_unknown() -> None:
    cubes = ({"x": "Int", "y": "Int", "z": "Int"}, ["(> x 0)"])
    hard = HARD["Int"]
    assert outcomes(rule(cubes, local("(> x 1)", [hard], FIRST))) == ["unknown"]
    assert outcomes(rule(cubes, local(f"(not {hard})", ["(> x 1)"], FIRST))) == ["unknown"]


def test_no_local_claim_and_its_negation_are_both_verified() -> None:
    rng = random.Random(46)
    names = ["a", "b", "c"]
    decided = 0
    for _ in range(60):
        theory = (dict.fromkeys(names, "Bool"), [formula_text(rng, names, 2) for _ in range(2)])
        claim, assumed = formula_text(rng, names, 2), formula_text(rng, names, 2)
        pair = [local(text, [assumed], FIRST, SECOND) for text in (claim, f"(not {claim})")]
        found = outcomes(rule(theory, *pair))
        assert found != ["verified", "verified"]
        decided += "verified" in found
    assert decided > 10


def test_a_local_verdict_is_that_of_all_assignments() -> None:
    """The checker against plain enumeration of what the step uses and assumes."""
    rng = random.Random(47)
    names = ["a", "b", "c"]
    seen = set()
    for _ in range(80):
        sorts: dict[str, Sort] = dict.fromkeys(names, "Bool")
        used, assumed, claim = (formula_text(rng, names, 2) for _ in range(3))
        (ruling,) = rule((dict(sorts), [used]), local(claim, [assumed], FIRST))
        models = [dict(zip(names, values, strict=True)) for values in product((False, True), repeat=3)]
        if not any(evaluate(read(used, sorts), model) for model in models):
            continue
        context = [m for m in models if evaluate(read(used, sorts), m) and evaluate(read(assumed, sorts), m)]
        holds = all(evaluate(read(claim, sorts), model) for model in context)
        expected = "unknown" if not context else "verified" if holds else "refuted"
        assert ruling.outcome == expected, (used, assumed, claim)
        seen.add(expected)
    assert seen == {"verified", "refuted", "unknown"}
