from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random
from statistics import mean

import pytest
from corrections import taken_back
from posing import Entailment, posed
from tracemill.records import Claim, Problem, Step, premise
from tracemill.tasks.linear_system.oracle import LinearSystemOracle
from tracemill.tasks.linear_system.task import LinearSystem, group_of
from tracemill.tasks.task import DETAILS, Draft, Request, Solution

DOMAIN = LinearSystem()
ORACLE = LinearSystemOracle()
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


def boxed(solution: Solution) -> str:
    found = re.findall(r"\\boxed\{([^{}]*)\}", solution.closing)
    assert len(found) == 1
    return found[0]


def wrong_solutions(count: int) -> Iterator[tuple[Problem, str, Solution]]:
    """The mistakes that can be made in the first `count` problems of each theme and level, one solution of each."""
    for theme in DOMAIN.themes:
        for level in LEVELS:
            for index in range(count):
                yield from mistakes_in(theme, level, index)


@cache
def mistakes_in(theme: str, level: float, index: int) -> list[tuple[Problem, str, Solution]]:
    """Made once for all tests that read them: this is what takes time."""
    problem = posed(DOMAIN, draft(index, theme, level), theme)
    made = [(each.name, DOMAIN.err(problem, [each.name], seeded(problem))) for each in DOMAIN.misconceptions]
    return [(problem, name, solution) for name, solution in made if solution is not None]


def seeded(problem: Problem) -> Random:
    return Random(problem.prompt)


def test_right_solutions_agree_with_the_oracle() -> None:
    for number, problem in enumerate(problems(25)):
        solution = DOMAIN.solve(problem, Random(number), DETAILS[number % 3])
        assert solution.flaw is None
        assert ORACLE.first_wrong(problem, solution.steps()) is None
        assert ORACLE.answers(problem, boxed(solution))


def test_every_claim_follows_from_exactly_what_it_uses_at_every_level_of_detail() -> None:
    for number, problem in enumerate(problems(3, (0.1, 0.5, 0.9))):
        steps = DOMAIN.solve(problem, Random(number), DETAILS[number % 3]).steps()
        logic = Entailment(problem, steps)
        for at, step in enumerate(steps):
            assert all(use < at for use in step.uses)
            assert logic.satisfiable(logic.used(step.uses))
            assert logic.follows(at, step.uses)
            for use in step.uses:
                assert not logic.follows(at, tuple(other for other in step.uses if other != use))


def test_more_detail_is_more_steps() -> None:
    for problem in problems(3, (0.5, 0.9)):
        counts = [mean(len(DOMAIN.solve(problem, Random(s), detail).lines) for s in range(6)) for detail in DETAILS]
        assert counts[0] < counts[1] < counts[2]


def test_a_correction_is_wrong_where_it_says_and_right_in_all_that_it_leaves_standing() -> None:
    texts = []
    for number, problem in enumerate(problems(2)):
        for misconception in DOMAIN.misconceptions:
            told = DOMAIN.correct(problem, [misconception.name], Random(number), DETAILS[number % 3])
            if told is None:
                continue
            assert told.detail == DETAILS[number % 3]
            assert told.flaw is not None and told.flaw.kind == misconception.name
            at, gone = taken_back(problem, told, ORACLE)
            names = problem.metadata["instance"]["names"]
            ground = [line.claim for line in told.lines if line.claim and not any(n in str(line.claim) for n in names)]
            assert not [claim for claim in ground if ground.count(claim) > 1], "a calculation is checked twice"
            assert told.turn().text.count("each name") < 2, "what the names mean is said twice"
            texts.append((at - gone[0], told.lines[at].text.split(" ")[0], len(gone)))
    assert len(texts) > 150
    for place in range(3):
        assert len({text[place] for text in texts}) > 2


def test_a_mistake_is_where_the_flaw_says_and_the_answer_is_wrong() -> None:
    for problem, name, solution in wrong_solutions(8):
        flaw = solution.flaw
        assert flaw is not None and flaw.kind == name and flaw.explanation
        assert ORACLE.first_wrong(problem, solution.steps()) == flaw.index
        assert not ORACLE.answers(problem, boxed(solution))


def test_a_wrong_step_is_told_as_the_right_one_is_but_for_what_is_wrong() -> None:
    """The same words at the same place: only numbers, unknowns and what stands between them may differ."""
    compared = 0
    for problem, _, wrong in wrong_solutions(4):
        right = DOMAIN.solve(problem, seeded(problem))
        assert wrong.flaw is not None
        at = wrong.flaw.index
        if not at or wrong.lines[:at] != right.lines[:at]:
            continue  # Perhaps told with another seed, to be as long as a right one.
        words = [re.findall(r"[A-Za-z]{3,}", told.lines[at].text) for told in (wrong, right)]
        names = set(problem.metadata["instance"]["names"])
        bare = [[word for word in found if word.lower() not in names] for found in words]
        compared += 1
        assert bare[0] == bare[1], (wrong.lines[at].text, right.lines[at].text)
    assert compared > 100


def test_lines_after_a_mistake_follow_from_it() -> None:
    for number, (problem, _, solution) in enumerate(wrong_solutions(1)):
        if number % 4 == 0 and solution.flaw is not None:
            logic = Entailment(problem, solution.steps())
            for at, line in enumerate(solution.lines):
                assert logic.follows(at, line.uses) == (at != solution.flaw.index)


def test_every_misconception_happens_in_every_theme() -> None:
    seen = {(problem.domain, name) for problem, name, _ in wrong_solutions(4)}
    assert len(seen) == len(DOMAIN.themes) * len(DOMAIN.misconceptions)
    assert {item.kind for item in DOMAIN.misconceptions} == {"wrong_rule", "slip", "dropped_case"}


def test_a_mistake_without_an_occasion_is_none() -> None:
    made = draft(0, "market", 0.1)
    instance = made.instance | {
        "names": ["apple", "pear"],
        "values": ["3", "4"],
        "equations": [[[[0, 1]], [], "3"], [[[1, 1]], [], "4"]],
        "ask": [],
    }
    problem = replace(posed(DOMAIN, made, "market"), metadata={"instance": instance})
    assert DOMAIN.err(problem, ["one_side_scaled"], Random(1)) is None


def test_difficulty_is_a_number_of_steps() -> None:
    easy, middle, hard = (
        mean(len(DOMAIN.solve(problem, Random(3)).lines) for problem in problems(40, (level,)))
        for level in (0.1, 0.5, 0.9)
    )
    assert easy + 2 < middle
    assert middle + 2 < hard


def test_fractions_come_with_difficulty() -> None:
    def fractional(level: float) -> int:
        return sum(
            "/" in value for problem in problems(40, (level,)) for value in problem.metadata["instance"]["values"]
        )

    assert fractional(0.3) == 0
    assert fractional(0.9) > 40


def test_two_solvers_tell_differently_and_one_tells_the_same() -> None:
    for problem in problems(5):
        first, again, other = (DOMAIN.solve(problem, Random(seed)) for seed in (1, 1, 2))
        assert first == again
        assert first != other


def test_the_same_request_makes_the_same_problem() -> None:
    assert [draft(i, "theatre", 0.6) for i in range(20)] == [draft(i, "theatre", 0.6) for i in range(20)]
    assert len({draft(i, "theatre", 0.1).group for i in range(200)}) > 195


def test_the_group_knows_the_equations_and_not_their_order_or_names() -> None:
    def renamed(terms: list[list[int]], to: list[int]) -> list[list[int]]:
        return [[to[index], k] for index, k in reversed(terms)]

    groups = set()
    for number, level in enumerate(LEVELS * 30):
        made = draft(number, "market", level)
        values = [Fraction(value) for value in made.instance["values"]]
        equations = [(left, right, Fraction(c)) for left, right, c in made.instance["equations"]]
        to = Random(number).sample(range(len(values)), len(values))
        moved = [values[to.index(place)] for place in range(len(values))]
        turned = [(renamed(left, to), renamed(right, to), c) for left, right, c in reversed(equations)]
        assert group_of(moved, turned) == group_of(values, equations) == made.group
        groups.add(made.group)
    assert len(groups) > 200


def test_the_prompt_says_nothing_but_the_premises_and_the_question() -> None:
    for problem in problems(10):
        instance = problem.metadata["instance"]
        formal = " ".join(claim.payload["formula"] for claim in problem.premises[1:])
        formal = re.sub(r"\(/ (\d+) (\d+)\)", r"\1/\2", formal)
        known = set(re.findall(r"\d+(?:/\d+)?", formal)) | {str(count) for _, count in instance["ask"]}
        assert set(re.findall(r"\d+(?:/\d+)?", problem.prompt)) <= known
        assert all(f"{name} = ..." in problem.prompt for name in instance["names"]) or instance["ask"]


def test_the_answer_is_in_the_checks_form() -> None:
    kinds = set()
    for problem in problems(10):
        kinds.add(problem.check.kind)
        if problem.check.kind == "numeric":
            assert ORACLE.answers(problem, problem.answer)
        else:
            pairs = json.loads(problem.answer).items()
            assert ORACLE.answers(problem, ", ".join(f"{name} = {value}" for name, value in pairs))
            assert (
                set(json.loads(problem.answer)) == set(problem.check.spec["fields"]) == set(problem.premises[0].payload)
            )
    assert kinds == {"numeric", "structured"}


def test_the_oracle_refuses_what_it_cannot_read() -> None:
    problem = posed(DOMAIN, draft(1, "market", 0.2), "market")
    for formula in ("(= apple", "(= nobody 3)", "(frob 1 2)", "(and 1 true)"):
        with pytest.raises(ValueError):
            ORACLE.first_wrong(problem, [Step(0, 0, 1, Claim("entailment", {"formula": formula}), (premise(1),))])
    with pytest.raises(ValueError):
        ORACLE.first_wrong(problem, [Step(0, 0, 1, Claim("equation", {"lhs": "1", "rhs": "1"}))])


def test_the_oracle_reads_answers_in_any_layout_and_no_near_misses() -> None:
    problem = next(p for p in problems(9, (0.9,)) if p.check.kind == "structured" and "/" in p.answer)
    right = json.loads(problem.answer)
    pairs = [f"{name} = {value}" for name, value in right.items()]
    assert ORACLE.answers(problem, ", ".join(reversed(pairs)))
    assert ORACLE.answers(problem, "\n".join(pairs)) and ORACLE.answers(problem, "; ".join(pairs))
    assert not ORACLE.answers(problem, ", ".join(pairs[1:]))
    assert not ORACLE.answers(problem, ", ".join([*pairs, pairs[0]]))
    for name in right:
        near = right | {name: str(Fraction(right[name]) + Fraction(1, 2))}
        assert not ORACLE.answers(problem, ", ".join(f"{key} = {value}" for key, value in near.items()))


def test_flawed_solutions_doubt_and_check_nearly_as_often_as_right_ones() -> None:
    """What is doubted or checked is claimed without any unknown, or is an equation of the story in numbers."""

    def share(solutions: list[Solution]) -> float:
        lines = [line.text for solution in solutions for line in solution.lines]
        return mean(bool(re.search(r"check|Wait|Hold on|once more|look|Is .* really", text)) for text in lines)

    right = share([DOMAIN.solve(problem, Random(number)) for number, problem in enumerate(problems(25))])
    flawed = share([solution for _, _, solution in wrong_solutions(8)])
    assert 0.02 < right < 0.12
    assert abs(right - flawed) < 0.02


def test_the_answer_of_a_mistake_is_one_that_the_story_can_have() -> None:
    for problem, _, solution in wrong_solutions(8):
        values = [Fraction(value) for value in re.findall(r"-?\d+(?:/\d+)?", boxed(solution))]
        assert all(value > 0 and value.denominator <= 12 for value in values)
        instance = problem.metadata["instance"]
        if instance["unit"] in ("boards", "coins", "pennies", "sheets") or instance["says"] == "whole":
            assert all(value.denominator == 1 for value in values)


def test_what_is_written_from_the_story_has_two_unknowns_or_more_also_in_mistakes() -> None:
    """No sentence of a story is about one unknown: an equation with one would be known for wrong at once."""
    for problem, _, solution in wrong_solutions(4):
        for line in solution.lines:
            if line.claim and line.uses and all(use < 0 for use in line.uses):
                formula = line.claim.payload["formula"]
                assert sum(name in formula for name in problem.metadata["instance"]["names"]) > 1, line.text


def test_whole_things_stay_whole() -> None:
    for problem in problems(60, (0.9, 1.0)):
        instance = problem.metadata["instance"]
        if instance["unit"] in ("boards", "coins", "pennies", "sheets"):
            assert not any("/" in value for value in instance["values"])


def test_no_two_sentences_of_a_story_are_about_the_same_occasion() -> None:
    occasions = ("week of spring", "opening night", "school party", "One receipt", "One evening", "travelling circus")
    for problem in problems(25, (0.5, 1.0)):
        assert all(problem.prompt.count(occasion) < 2 for occasion in occasions)


def test_no_line_is_told_twice_and_none_repeats_itself() -> None:
    told = [DOMAIN.solve(problem, Random(number)) for number, problem in enumerate(problems(10))]
    for solution in [*told, *(solution for _, _, solution in wrong_solutions(2))]:
        texts = [line.text for line in solution.lines]
        assert len(set(texts)) == len(texts)
        assert not any(re.search(r": (.+), or \1\.", text) for text in texts)


def test_one_of_a_unit_is_told_in_the_singular() -> None:
    units = sorted({unit for theme in DOMAIN.words.themes.values() for unit in theme["units"]} - {"zloty"})
    plural_after_one = re.compile(rf"(?<![\d/])1 ({'|'.join(units)})\b")
    singular = 0
    for number, problem in enumerate(problems(25)):
        text = problem.prompt + DOMAIN.solve(problem, Random(number)).closing
        assert not plural_after_one.search(text), text
        singular += bool(re.search(r"(?<![\d/])1 (coin|crown|euro|hour|sheet|board)\b", text))
    assert singular


def test_nobody_has_two_parts_in_a_story() -> None:
    for problem in problems(10):
        theme = DOMAIN.words.themes[problem.metadata["instance"]["theme"]]
        assert all(len(re.findall(rf"\b{name}\b", problem.prompt)) <= 1 for name in theme["people"])
