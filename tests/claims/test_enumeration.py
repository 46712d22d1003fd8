from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest
from tracemill.claims.claim_checker import Ruling
from tracemill.claims.enumeration.checker import EnumerationChecker
from tracemill.claims.enumeration.search import Search
from tracemill.claims.enumeration.terms import RefusedTerm, Texts, declared, evaluate, read
from tracemill.records import Check, Claim, Problem, Source, Step, premise
from tracemill.settings.plugins import load
from tracemill.verifiers.verifier import judged, make_verifier

CHECKER = EnumerationChecker()
ROOT, ENDING = {"letters": "aeiklnorstu", "length": [2, 5]}, {"letters": "aeiklnorstu", "length": [1, 3]}
WORDS = ('(= "natilo" (str.++ fish one))', '(= "natiku" (str.++ fish many))', '(= "seraku" (str.++ bird many))')
NOUNS = {"fish": ROOT, "bird": ROOT, "one": ENDING, "many": ENDING}


def problem_with(variables: Any, *formulas: str) -> Problem:
    return Problem(
        id="p",
        group_id="g",
        domain="linguistics.morphology.invented_language.river",
        prompt="",
        answer="",
        check=Check("exact"),
        source=Source("test", "1", "Apache-2.0", 0, 0),
        premises=(Claim("variables", variables), *(Claim("enumeration", {"formula": text}) for text in formulas)),
    )


LANGUAGE = problem_with(NOUNS, *WORDS)


def rule(*said: tuple[str, tuple[int, ...]], problem: Problem = LANGUAGE, units: int | None = None) -> Ruling:
    """The ruling on the last of some steps."""
    steps = [Step(0, 0, 0, Claim("enumeration", {"formula": text}), uses) for text, uses in said]
    checker = EnumerationChecker(units) if units else CHECKER
    return checker.rule(problem, steps, range(len(steps)))[len(steps) - 1]


FIRST, SECOND, THIRD = premise(1), premise(2), premise(3)


def test_what_holds_in_every_solution_of_what_is_used_is_verified() -> None:
    ruling = rule(('(str.prefixof fish "nati")', (FIRST, SECOND)))
    assert (ruling.outcome, ruling.strength) == ("verified", "exhaustive")


def test_what_fails_in_a_solution_is_refuted_with_that_solution() -> None:
    ruling = rule(("(= (str.len fish) 4)", (FIRST,)), problem=problem_with(NOUNS, *WORDS[:1]))
    assert (ruling.outcome, ruling.strength) == ("refuted", "exhaustive")
    solution = ruling.evidence["counterexample"]
    assert solution["fish"] + solution["one"] == "natilo" and len(solution["fish"]) != 4


def test_what_the_premises_exclude_is_refuted_whatever_is_used() -> None:
    for uses in ((), (FIRST,), (FIRST, SECOND, THIRD)):
        assert rule(('(= fish "natil")', uses)).outcome == "refuted"


def test_what_is_true_but_not_because_of_what_is_used_is_unknown() -> None:
    assert rule(('(= fish "nati")', (FIRST,))).outcome == "unknown"
    assert rule(('(= fish "nati")', (FIRST, SECOND, THIRD))).outcome == "verified"


def test_nothing_follows_from_what_has_no_solution() -> None:
    wrong = ('(= fish "natil")', (FIRST,))
    ruling = rule(wrong, ('(= many "ku")', (0, SECOND)))
    assert ruling.outcome == "unknown" and "vacuous" in ruling.reason
    assert rule(("true", (FIRST,)), problem=problem_with(NOUNS, WORDS[0], '(= "x" fish)')).outcome == "unknown"


def test_a_step_follows_from_a_wrong_step_that_it_uses() -> None:
    assert rule(('(= many "iku")', ()), ('(str.suffixof "ku" many)', (0,))).outcome == "verified"


@pytest.mark.parametrize("uses", [(0,), (1,), (-9,)])
def test_a_use_that_states_no_formula_before_the_step_is_unknown(uses: tuple[int, ...]) -> None:
    assert rule(("true", uses)).outcome == "unknown"


def test_a_search_that_is_too_long_is_unknown_and_never_refuted() -> None:
    claim = ('(= fish "nati")', (FIRST, SECOND, THIRD))
    assert rule(claim, units=20_000).outcome == "verified"
    assert rule(claim, units=20).outcome == "unknown"


@pytest.mark.parametrize(
    "formula",
    ["", "(", ")", "fish", "1", "(= fish 1)", '(= fish "a" 1)', "(not)", "(not true false)", "(frob fish)", "(=> true)",
     '(= fish "nati', "(= nobody fish)", "(ite fish fish fish)", "true true", "(str.len 3)", "((= fish fish))",
     f'(= fish "{"a" * 201}")', "(not " * 70 + "true" + ")" * 70, f"(and {'true ' * 2000})", "(= 01 1)", "(and)"],
)  # fmt: skip
def test_what_is_not_in_the_grammar_is_refused(formula: str) -> None:
    with pytest.raises(RefusedTerm):
        read(formula, declared(NOUNS))
    assert rule((formula, (FIRST,))).outcome == "unknown"


def test_a_payload_with_more_than_the_formula_is_unknown() -> None:
    """Who reads past what is assumed refutes a right inference."""
    said = Claim("enumeration", {"formula": '(= one "ilo")', "assume": ['(= fish "nat")']})
    ruling = CHECKER.rule(LANGUAGE, [Step(0, 0, 0, said, (FIRST,))], [0])[0]
    assert (ruling.outcome, ruling.reason) == (
        "unknown",
        "the formula is refused: the payload is not {'formula': text}",
    )


@pytest.mark.parametrize(
    "variables",
    [{"x": []}, {"x": [1, "a"]}, {"x": [True, 1]}, {"x": [1, 1]}, {"x": "ab"}, {"x": [[1]]}, {"x": None}, {"and": [1]},
     {"a b": [1]}, {"x": {"letters": "ab"}}, {"x": {"letters": "aa", "length": [1, 2]}},
     {"x": {"letters": "ab", "length": [2, 1]}}, {"x": {"letters": "", "length": [1, 2]}},
     {"x": {"letters": "ab", "length": [1, 999]}}, {f"x{k}": [1] for k in range(129)}, {"x": list(range(1001))},
     {"x": [10**18]}, {"x": [0, -(10**3000)]}],
)  # fmt: skip
def test_variables_of_another_form_are_refused(variables: Any) -> None:
    with pytest.raises(RefusedTerm):
        declared(variables)
    assert rule(("true", ()), problem=problem_with(variables)).outcome == "unknown"


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('(= (str.replace_all "banana" "an" "o") "booa")', True),
        ('(= (str.replace_all "ban" "" "o") "ban")', True),
        ('(= "a""b" (str.++ "a" """" "b"))', True),
        ("(= (- 5 2 1) (- (- 2)) 2)", True),
        ("(= (* 2 3 4) (+ 20 4))", True),
        ("(distinct 1 2 1)", False),
        ("(=> true false true)", True),
        ("(=> true true false)", False),
        ('(str.prefixof "na" "natilo")', True),
        ('(str.suffixof "na" "natilo")', False),
        ('(str.contains "natilo" "til")', True),
        ('(ite (< 1 2) (>= 2 2) (<= 3 2))', True),
    ],
)  # fmt: skip
def test_operators_mean_what_smt_lib_says(formula: str, value: bool) -> None:
    assert evaluate(read(formula, {}), {}) is value


def _random_formula(rng: Random, depth: int = 0) -> str:
    def text(depth: int) -> str:
        draw = rng.random()
        if draw < 0.5 or depth > 2:
            return rng.choice(["x", "y", "z", '"a"', '"ab"', '"ba"', '"aba"'])
        if draw < 0.7:
            return f"(str.++ {text(depth + 1)} {text(depth + 1)})"
        if draw < 0.85:
            pattern = rng.choice(['"a"', '"ab"', "x"])
            return f"(str.replace_all {text(depth + 1)} {pattern} {text(depth + 1)})"
        return f"(ite {_random_formula(rng, depth + 2)} {text(depth + 1)} {text(depth + 1)})"

    draw = rng.random()
    if draw < 0.5 or depth > 2:
        head = rng.choice(["=", "=", "=", "str.prefixof", "str.suffixof", "str.contains", "distinct"])
        return f"({head} {text(depth)} {text(depth)})"
    if draw < 0.6:
        return f"(< (str.len {text(depth)}) {rng.choice('123')})"
    if draw < 0.7:
        return f"(not {_random_formula(rng, depth + 1)})"
    head = rng.choice(["and", "or", "=>"])
    return f"({head} {_random_formula(rng, depth + 1)} {_random_formula(rng, depth + 1)})"


def test_the_search_finds_a_solution_exactly_where_trying_everything_does() -> None:
    domains = declared({"x": {"letters": "ab", "length": [0, 2]}, "y": ["a", "b", "bab"], "z": ["", "ab"]})
    everything = [dict(zip(domains, values, strict=True)) for values in product(*domains.values())]
    found = 0
    for seed in range(1500):
        rng = Random(seed)
        goals = [(read(_random_formula(rng), domains), rng.random() < 0.7) for _ in range(rng.randint(1, 3))]
        solution = Search(domains, 100_000).first(goals)
        wanted = [env for env in everything if all(evaluate(term, env) == value for term, value in goals)]
        assert (solution is None) == (not wanted), seed
        found += bool(wanted)
        if solution is not None:
            free = [name for name in domains if name not in solution]
            completed = {**{name: next(iter(domains[name])) for name in free}, **solution}
            assert completed in wanted, seed
    assert 300 < found < 1200


def test_a_text_may_have_been_what_is_written_for_it_or_not() -> None:
    """`mpa` comes from `npa`, and also from itself."""
    written = '(= "kumpa" (str.replace_all fish "np" "mp"))'
    for other in ("kumpa", "kunpa"):
        solution = Search(declared(NOUNS | {"fish": {"letters": "akmnpu", "length": [2, 6]}}), 1_000).first(
            [(read(text, declared(NOUNS)), True) for text in (written, f'(not (= fish "{other}"))')]
        )
        assert solution is not None and solution["fish"] != other
    assert rule((f'(=> {written} (or (= fish "kumpa") (= fish "kunpa")))', ())).outcome == "verified"


def test_what_a_text_contains_is_found_without_trying_all_texts() -> None:
    said = ('(str.contains fish "norte")', ()), ('(str.suffixof "ilo" one)', ()), ('(str.prefixof many "ku")', ())
    steps = [*said, ('(= bird "sera")', (0, 1, 2))]
    assert rule(*steps, problem=problem_with(NOUNS), units=2_000).outcome == "refuted"


def test_texts_are_those_of_their_letters_and_lengths() -> None:
    texts = Texts("ab", 1, 2)
    assert list(texts) == ["a", "b", "aa", "ab", "ba", "bb"] and texts.size == 6
    assert all(text in texts for text in texts)
    assert not any(text in texts for text in ("", "aaa", "c", 1))


def test_every_canary_gets_its_outcome() -> None:
    verifier = make_verifier("steps", {})
    canaries = list(load("claim", "enumeration")().canaries())
    assert len(canaries) > 12
    for canary in canaries:
        assert judged(verifier, canary.problem, canary.trace).outcome == canary.expected, canary.attack


def test_a_trace_of_very_many_steps_ends() -> None:
    steps = [Step(0, 0, 0, Claim("enumeration", {"formula": '(str.prefixof fish "nati")'}), (FIRST, SECOND))] * 30
    rulings = EnumerationChecker(trace_units=200).rule(LANGUAGE, steps, range(30))
    outcomes = [rulings[index].outcome for index in range(30)]
    decided = outcomes.count("verified")
    assert 0 < decided < 30 and outcomes == ["verified"] * decided + ["unknown"] * (30 - decided)
    assert "what is left of the trace's bound" in rulings[29].reason
