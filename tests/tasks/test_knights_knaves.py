from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random
from statistics import mean
from typing import Any

import pytest
from posing import Entailment, posed
from tracemill.records import Claim, Problem, Step, premise
from tracemill.tasks.kit.formulas import evaluate, read
from tracemill.tasks.knights_knaves.canonical import canonical
from tracemill.tasks.knights_knaves.logic import formula, table
from tracemill.tasks.knights_knaves.oracle import KnightsKnavesOracle
from tracemill.tasks.knights_knaves.task import KnightsKnaves
from tracemill.tasks.task import Draft, Request, Solution

DOMAIN = KnightsKnaves()
ORACLE = KnightsKnavesOracle()
LEVELS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


def draft(index: int, theme: str, level: float) -> Draft:
    made = DOMAIN.make(Request(index, theme, level, (0.0, 1.0), Random(f"{theme}/{level}/{index}")))
    assert made is not None
    return made


def problems(count: int, levels: tuple[float, ...] = LEVELS) -> Iterator[Problem]:
    """`count` problems for each theme and level."""
    for theme in DOMAIN.themes:
        for level in levels:
            for index in range(count):
                yield posed(DOMAIN, draft(index, theme, level), theme)


def answered(solution: Solution) -> str:
    before, _, answer = solution.closing.partition("Answer: ")
    assert before == "" or before.endswith("\n\n")
    return answer


def wrong_solutions(count: int, levels: tuple[float, ...]) -> Iterator[tuple[Problem, str, Solution]]:
    for number, problem in enumerate(problems(count, levels)):
        for misconception in DOMAIN.misconceptions:
            solution = DOMAIN.err(problem, misconception.name, Random(number))
            if solution is not None:
                yield problem, misconception.name, solution


def test_right_solutions_agree_with_the_oracle() -> None:
    for number, problem in enumerate(problems(6)):
        solution = DOMAIN.solve(problem, Random(number))
        assert solution.flaw is None
        assert ORACLE.first_wrong(problem, solution.steps()) is None
        assert ORACLE.answers(problem, answered(solution))


def test_a_puzzle_has_one_solution_and_the_answer_is_it() -> None:
    for problem in problems(4):
        answer = json.loads(problem.answer)
        assert ORACLE.answers(problem, ", ".join(f"{name} = {kind}" for name, kind in answer.items()))
        assert set(answer) == set(problem.check.spec["fields"]) == set(problem.premises[0].payload)
        assert 3 <= len(answer) <= 8


def test_every_claim_follows_from_exactly_what_it_uses() -> None:
    for number, problem in enumerate(problems(3, (0.1, 0.5, 0.9))):
        solution = DOMAIN.solve(problem, Random(number))
        logic = Entailment(problem, solution.steps())
        for at, line in enumerate(solution.lines):
            assert line.uses and all(use < at for use in line.uses)
            assert logic.satisfiable(logic.used(line.uses))
            assert logic.follows(at, line.uses)
            for use in line.uses:
                fewer = tuple(other for other in line.uses if other != use)
                assert not logic.follows(at, fewer)


def test_no_case_is_followed_further_than_it_is_needed() -> None:
    for number, problem in enumerate(problems(5, (0.5, 0.9))):
        steps = DOMAIN.solve(problem, Random(number)).steps()
        used = {use for step in steps for use in step.uses}
        assert all(at in used for at, step in enumerate(steps) if "(=>" in str(step.claim))


def test_a_mistake_is_where_the_flaw_says_and_the_answer_is_wrong() -> None:
    for problem, name, solution in wrong_solutions(4, (0.1, 0.5, 0.8)):
        flaw = solution.flaw
        assert flaw is not None and flaw.kind == name and flaw.explanation
        assert ORACLE.first_wrong(problem, solution.steps()) == flaw.index
        assert not ORACLE.answers(problem, answered(solution))


def test_the_flawed_claim_is_false_of_the_true_kinds() -> None:
    truthful = {"knight", "honest", "loyal"}
    for problem, _, solution in wrong_solutions(2, (0.2, 0.9)):
        model = {name: kind in truthful for name, kind in json.loads(problem.answer).items()}
        assert solution.flaw is not None
        for at, line in enumerate(solution.lines[: solution.flaw.index + 1]):
            assert line.claim is not None
            assert evaluate(read(line.claim.payload["formula"]), model) == (at < solution.flaw.index)


def test_lines_after_a_mistake_follow_from_it() -> None:
    for problem, _, solution in wrong_solutions(1, (0.3, 0.9)):
        logic = Entailment(problem, solution.steps())
        assert solution.flaw is not None
        for at, line in enumerate(solution.lines):
            assert logic.follows(at, line.uses) == (at != solution.flaw.index)


def test_every_misconception_happens_in_every_theme() -> None:
    seen = {(problem.domain, name) for problem, name, _ in wrong_solutions(10, (0.9,))}
    assert len(seen) == len(DOMAIN.themes) * len(DOMAIN.misconceptions)
    assert {item.kind for item in DOMAIN.misconceptions} == {"wrong_rule", "slip", "dropped_case"}


def test_a_mistake_without_an_occasion_is_none() -> None:
    without_or = next(
        problem
        for problem in problems(20, (0.1,))
        if all(statement[0] != "or" for _, statement in problem.metadata["instance"]["statements"])
    )
    assert all(DOMAIN.err(without_or, "or_exclusive", Random(seed)) is None for seed in range(20))


def test_difficulty_is_a_number_of_steps() -> None:
    easy, middle, hard = (
        mean(len(DOMAIN.solve(problem, Random(3)).lines) for problem in problems(30, (level,)))
        for level in (0.1, 0.5, 0.9)
    )
    assert easy + 2 < middle
    assert middle + 1.5 < hard


def test_two_solvers_tell_differently_and_one_tells_the_same() -> None:
    for problem in problems(3):
        first, again, other = (DOMAIN.solve(problem, Random(seed)) for seed in (1, 1, 2))
        assert first == again
        assert first != other


def test_the_same_request_makes_the_same_problem() -> None:
    assert [draft(i, "robots", 0.6) for i in range(20)] == [draft(i, "robots", 0.6) for i in range(20)]
    assert len({draft(i, "robots", 0.3).group for i in range(200)}) > 190


def renamed(statements: list[Any], to: list[int]) -> list[Any]:
    """The puzzle with person i called to[i], and what has no order turned round."""
    table: list[Any] = [None] * len(statements)
    for speaker, (form, *rest) in enumerate(statements):
        if form == "count":
            said = [form, [to[person] for person in reversed(rest[0])], *rest[1:]]
        else:
            people = [[to[part[0]], part[1]] if isinstance(part, list) else part for part in rest]
            people = [to[part] if type(part) is int else part for part in people]
            said = [form, *(people[::-1] if form in ("same", "differ", "and", "or") else people)]
        table[to[speaker]] = said
    return table


def test_the_group_knows_the_statements_and_not_who_is_who() -> None:
    groups = set()
    for index, level in product(range(40), LEVELS):
        made = draft(index, "island", level)
        statements = [said for _, said in sorted(made.instance["statements"], key=lambda pair: pair[0])]
        people = len(statements)
        assert canonical(statements) == made.group
        assert canonical(renamed(statements, Random(index).sample(range(people), people))) == made.group
        groups.add(made.group)
        other = [["is", (statements[0][1] if statements[0][0] == "is" else 0) or 1, True], *statements[1:]]
        assert (canonical(other) == made.group) == (other == statements)
    assert len(groups) > 250


def test_the_prompt_names_both_kinds_and_gives_none_away() -> None:
    for problem in problems(5):
        answer = json.loads(problem.answer)
        assert all(word in problem.prompt for word in set(answer.values()))
        assert all(f"{name} = ..." in problem.prompt for name in answer)
        assert not any(f"{name} = {kind}" in problem.prompt for name, kind in answer.items())


def test_the_prompt_says_how_or_and_if_are_meant() -> None:
    for problem in problems(5):
        forms = {statement[0] for _, statement in problem.metadata["instance"]["statements"]}
        assert ("or" in forms) == ('"or"' in problem.prompt.lower())
        assert ("if" in forms) == any(word in problem.prompt for word in ("onsequence", "condition is not met"))


def test_what_is_said_is_grammatical() -> None:
    wrong = re.compile(r"\bof (\w+|this unit) and I\b|\bI is\b|\bI and \w+ (are|belong)\b|\bis spies\b")
    for problem in problems(25):
        assert not wrong.search(problem.prompt), problem.prompt
        if problem.domain.endswith((".island", ".company")):
            assert not re.search(r'(?:: |, |^)"[a-z]', problem.prompt, re.MULTILINE), problem.prompt


def test_nothing_is_summed_up_twice_or_supposed_and_repeated() -> None:
    for number, problem in enumerate(problems(8)):
        solution = DOMAIN.solve(problem, Random(number))
        *before, last = [line.text for line in solution.lines]
        summary = solution.closing.partition(".\n\nAnswer: ")[0]
        assert summary not in last
        assert not any(re.search(r"[Ss]uppose that (.+)\. (?:Since )?\1[,.]", text) for text in [*before, last])


def test_right_solutions_take_somebody_at_their_word_too() -> None:
    """A liar's words, believed, must not be told in a way that only happens there."""
    taken = re.compile(r"(?:We hear from|By the words of) ")
    told = [DOMAIN.solve(problem, Random(number)) for number, problem in enumerate(problems(15))]
    assert sum(bool(taken.search(line.text)) for solution in told for line in solution.lines) > 20


def test_a_statements_table_and_its_formula_agree() -> None:
    names = ["Ana", "Bo", "Cyril", "Dora"]
    statements: list[list[Any]] = [["is", 2, False], ["same", 0, 3], ["differ", 1, 2]]
    statements += [[form, [0, True], [3, False]] for form in ("and", "or", "if")]
    statements += [["count", [0, 1, 3], how, 2, kind] for how in ("exactly", "least", "most") for kind in (True, False)]
    for statement in statements:
        for world in range(16):
            model = {name: bool(world >> at & 1) for at, name in enumerate(names)}
            assert evaluate(read(formula(statement, names)), model) == bool(table(statement, 4) >> world & 1)


def test_the_oracle_finds_a_true_claim_that_does_not_follow() -> None:
    problem = posed(DOMAIN, draft(3, "island", 0.3), "island")
    steps = list(DOMAIN.solve(problem, Random(1)).steps())
    last = len(steps) - 1
    steps[last] = replace(steps[last], uses=())
    assert ORACLE.first_wrong(problem, steps) == last


def test_the_oracle_refuses_what_it_cannot_read() -> None:
    problem = posed(DOMAIN, draft(1, "company", 0.2), "company")
    name = next(iter(problem.premises[0].payload))
    for text in ("(= Nobody true)", "(and", "(+ 1 2)", f"(+ {name} 1)"):
        with pytest.raises(ValueError):
            ORACLE.first_wrong(problem, [Step(0, 0, 1, Claim("entailment", {"formula": text}), (premise(1),))])
    with pytest.raises(ValueError):
        ORACLE.first_wrong(problem, [Step(0, 0, 1, Claim("entailment", {"formula": "true"}), (1,))])


def test_the_oracle_accepts_no_partial_or_double_answer() -> None:
    problem = posed(DOMAIN, draft(2, "island", 0.5), "island")
    pairs = [f"{name} = {kind}" for name, kind in json.loads(problem.answer).items()]
    assert ORACLE.answers(problem, "\n".join(pairs)) and ORACLE.answers(problem, "; ".join(reversed(pairs)))
    assert not ORACLE.answers(problem, ", ".join(pairs[1:]))
    assert not ORACLE.answers(problem, ", ".join([*pairs, pairs[0]]))
    flipped = pairs[0].replace("knight", "?").replace("knave", "knight").replace("?", "knave")
    assert not ORACLE.answers(problem, ", ".join([flipped, *pairs[1:]]))
