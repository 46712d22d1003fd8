"""Blocks world: its problems, solutions and mistakes, held against the oracle and the `state` checker."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise, product
from random import Random
from statistics import mean
from typing import Any

import pytest
from tracemill.claims.state.checker import StateChecker
from tracemill.claims.state.plan import judge_plan
from tracemill.records import Claim, Problem, Source, Step, canonical_json
from tracemill.settings.errors import UsageError
from tracemill.tasks.blocks_world.board import canonical, plan, works
from tracemill.tasks.blocks_world.oracle import BlocksWorldOracle
from tracemill.tasks.blocks_world.task import BlocksWorld
from tracemill.tasks.task import Draft, Request, Solution

DOMAIN, ORACLE, CHECKER = BlocksWorld(), BlocksWorldOracle(), StateChecker()
DIFFICULTIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
CASES = [
    (theme, difficulty, index) for theme, difficulty in product(DOMAIN.themes, DIFFICULTIES) for index in range(12)
]


def draft_of(theme: str, difficulty: float, index: int, seed: int = 7) -> Draft:
    draft = DOMAIN.make(Request(index, theme, difficulty, (0.0, 1.0), Random(f"{seed} {theme} {difficulty} {index}")))
    assert draft is not None
    return draft


def problem_of(theme: str, difficulty: float, index: int) -> Problem:
    draft = draft_of(theme, difficulty, index)
    return Problem(
        id=f"{theme}-{difficulty}-{index}",
        group_id=draft.group,
        domain=f"{DOMAIN.name}.{theme}",
        prompt=draft.prompt,
        answer=draft.answer,
        check=draft.check,
        source=Source("domains", "1", DOMAIN.licence, index, 7),
        premises=draft.premises,
        metadata={"instance": draft.instance},
    )


def answer_of(solution: Solution) -> str:
    return solution.closing.split("\n\nAnswer:\n")[1]


def first_refuted(problem: Problem, steps: tuple[Step, ...]) -> int | None:
    rulings = CHECKER.rule(problem, steps, range(len(steps)))
    bad = [index for index in sorted(rulings) if rulings[index].outcome != "verified"]
    assert all(rulings[index].outcome == "refuted" for index in bad[:1])
    return bad[0] if bad else None


def test_oracle_and_checker_agree_with_every_right_solution() -> None:
    for case in CASES:
        problem = problem_of(*case)
        solution = DOMAIN.solve(problem, Random(case[2]))
        steps = solution.steps()
        assert all(step.claim is not None and step.uses for step in steps)
        assert ORACLE.first_wrong(problem, steps) is None
        assert first_refuted(problem, steps) is None
        for answer in (problem.answer, answer_of(solution)):
            assert ORACLE.answers(problem, answer)
            assert judge_plan(problem.check.spec, answer).outcome == "verified"


def test_steps_are_spans_of_the_told_text() -> None:
    solution = DOMAIN.solve(problem_of("port", 0.6, 1), Random(1))
    text = solution.turn().text
    assert [text[step.start : step.end] for step in solution.steps()] == [line.text for line in solution.lines]


@pytest.mark.parametrize("name", [wrong.name for wrong in DOMAIN.misconceptions])
def test_a_mistake_is_wrong_first_where_the_flaw_says(name: str) -> None:
    made = 0
    for case in CASES:
        problem = problem_of(*case)
        solution = DOMAIN.err(problem, name, Random(case[2]))
        if solution is None:
            continue
        made += 1
        assert solution.flaw is not None
        assert solution.flaw.kind == name
        assert ORACLE.first_wrong(problem, solution.steps()) == solution.flaw.index
        assert first_refuted(problem, solution.steps()) == solution.flaw.index
    assert made >= len(CASES) / 6


def test_what_follows_a_flaw_goes_on_from_the_wrong_state() -> None:
    followed = 0
    for case, name in product(CASES[::5], ("pulls_from_middle", "carries_the_stack", "loses_track", "ignores_cover")):
        problem = problem_of(*case)
        solution = DOMAIN.err(problem, name, Random(case[2]))
        if solution is None or solution.flaw is None:
            continue
        steps = solution.steps()
        later = range(solution.flaw.index + 1, len(steps))
        followed += len(later)
        assert {ruling.outcome for ruling in CHECKER.rule(problem, steps, later).values()} == {"verified"}
    assert followed > 500


def test_the_plans_of_mistakes_fail_nearly_always_and_both_judges_agree() -> None:
    counts: Counter[bool] = Counter()
    for case, wrong in product(CASES[::2], DOMAIN.misconceptions):
        problem = problem_of(*case)
        solution = DOMAIN.err(problem, wrong.name, Random(case[2]))
        if solution is not None:
            right = judge_plan(problem.check.spec, answer_of(solution)).outcome == "verified"
            assert ORACLE.answers(problem, answer_of(solution)) == right
            counts[right] += 1
    assert counts[False] > 300
    assert counts[True] <= 0.02 * counts[False]


def test_there_is_a_mistake_of_each_kind_and_an_unknown_one_is_named() -> None:
    assert {wrong.kind for wrong in DOMAIN.misconceptions} == {"wrong_rule", "slip", "dropped_case"}
    with pytest.raises(UsageError, match="loses_track"):
        DOMAIN.err(problem_of("port", 0.2, 0), "loses_trak", Random(1))


def test_difficulty_changes_the_number_of_things_moves_and_steps() -> None:
    things, moves, steps = [], [], []
    for difficulty in DIFFICULTIES:
        problems = [problem_of(theme, difficulty, index) for theme in DOMAIN.themes for index in range(12)]
        things.append({sum(map(len, problem.premises[0].payload["stacks"])) for problem in problems})
        moves.append(mean(len(problem.answer.splitlines()) for problem in problems))
        steps.append(mean(len(DOMAIN.solve(problem, Random(1)).lines) for problem in problems))
    assert things == [{3, 4, 5}, {4, 5, 6}, {5}, {7}, {8}, {9}]
    assert all(b > a + 1 for a, b in pairwise(moves))
    assert all(b > a + 1 for a, b in pairwise(steps))
    assert moves[-1] > 5 * moves[0]


def test_easy_problems_are_many_and_no_harder_for_it() -> None:
    for difficulty, groups, moves in ((0.0, 130, 2.0), (0.1, 210, 3.0), (0.2, 230, 4.0)):
        drafts = [draft_of(DOMAIN.themes[index % 3], difficulty, index) for index in range(300)]
        assert len({draft.group for draft in drafts}) > groups
        assert mean(len(draft.answer.splitlines()) for draft in drafts) < moves


def told_by(solutions: list[Solution]) -> list[str]:
    return [line.text for solution in solutions for line in solution.lines]


def test_what_comes_before_a_broken_rule_comes_in_right_solutions_too() -> None:
    intents = re.compile(r"that is what I turn to|^Next I look at|^Now for .* which should end up")
    right = told_by([DOMAIN.solve(problem_of(*case), Random(case[2])) for case in CASES])
    assert sum(bool(intents.search(text)) for text in right) > 100


def test_phrases_agree_in_number_and_do_not_follow_each_other() -> None:
    one_of_many = re.compile(r"there is (?:still )?[^.]* and |there are (?:still )?(?![^.]* and )")
    for case in CASES:
        solution = DOMAIN.solve(problem_of(*case), Random(case[2]))
        assert not any(one_of_many.search(line.text) for line in solution.lines)
        puts = [line.text for line in solution.lines if line.claim and "move" in line.claim.payload]
        assert not any(a.startswith("So I put ") and b.startswith("So I put ") for a, b in pairwise(puts))


def test_no_plan_is_silly() -> None:
    """No thing is moved twice in a row, none more than twice, and none that the goal leaves free more than once."""
    for case in CASES:
        problem = problem_of(*case)
        goal = {thing for stack in problem.premises[1].payload["stacks"] for thing in stack}
        solution = DOMAIN.solve(problem, Random(case[2]))
        moved = [
            line.claim.payload["move"][0] for line in solution.lines if line.claim and "move" in line.claim.payload
        ]
        assert all(a != b for a, b in pairwise(moved))
        assert all(times <= (2 if thing in goal else 1) for thing, times in Counter(moved).items())


def test_nothing_is_set_aside_while_its_own_place_is_ready() -> None:
    seen = 0
    for case in CASES:
        problem = problem_of(*case)
        goal = problem.premises[1].payload["stacks"]
        below = {thing: stack[:at] for stack in goal for at, thing in enumerate(stack)}
        stacks = problem.premises[0].payload["stacks"]
        for line in DOMAIN.solve(problem, Random(case[2])).lines:
            assert line.claim is not None
            thing, place = line.claim.payload.get("move", ("", ""))
            if place is None and below.get(thing):
                seen += 1
                assert below[thing] not in stacks
            stacks = line.claim.payload.get("stacks", stacks)
    assert seen > 100


def scrambled(payload: dict[str, Any], rng: Random) -> dict[str, Any]:
    """The claim with two names exchanged in one of its keys, or with a column cut short."""
    key = rng.choice(sorted(key for key in payload if payload[key]))
    if key == "above" and rng.random() < 0.5:
        return {**payload, "above": {thing: column[:-1] for thing, column in payload["above"].items()}}
    text = canonical_json(payload[key])
    names = sorted(set(text.split('"')[1::2]))
    one, other = rng.choice(names), rng.choice(names)
    swapped = text.replace(f'"{one}"', "@").replace(f'"{other}"', f'"{one}"').replace("@", f'"{other}"')
    return {**payload, key: json.loads(swapped)}


def test_oracle_and_checker_agree_on_claims_that_were_tampered_with() -> None:
    counts: Counter[bool] = Counter()
    for case in CASES:
        problem, rng = problem_of(*case), Random(case[2])
        steps = DOMAIN.solve(problem, rng).steps()
        for index, step in enumerate(steps):
            assert step.claim is not None
            if step.claim.payload == {"missing": []}:
                continue
            changed = replace(step, claim=Claim("state", scrambled(dict(step.claim.payload), rng)))
            trace = (*steps[:index], changed)
            wrong = ORACLE.first_wrong(problem, trace)
            assert wrong in (None, index)
            assert first_refuted(problem, trace) == wrong
            counts[wrong is None] += 1
    assert min(counts.values()) > 300


def test_same_arguments_give_the_same_text_and_other_ones_another() -> None:
    assert canonical_json(vars_of(draft_of("desk", 0.5, 3))) == canonical_json(vars_of(draft_of("desk", 0.5, 3)))
    assert draft_of("desk", 0.5, 3).prompt != draft_of("desk", 0.5, 3, seed=8).prompt
    problem = problem_of("desk", 0.5, 3)
    assert DOMAIN.solve(problem, Random(4)) == DOMAIN.solve(problem, Random(4))
    told = {DOMAIN.solve(problem, Random(seed)).turn().text for seed in range(20)}
    assert len(told) == 20
    assert DOMAIN.err(problem, "loses_track", Random(4)) == DOMAIN.err(problem, "loses_track", Random(4))


def vars_of(draft: Draft) -> dict[str, object]:
    return {"prompt": draft.prompt, "answer": draft.answer, "group": draft.group, "instance": draft.instance}


def test_methods_of_solving_differ() -> None:
    problem = problem_of("kitchen", 1.0, 2)
    assert len({answer_of(DOMAIN.solve(problem, Random(seed))) for seed in range(12)}) >= 3


def test_everything_survives_json() -> None:
    for theme in DOMAIN.themes:
        problem = problem_of(theme, 0.7, 5)
        stored = json.loads(canonical_json(problem.metadata))
        again = replace(problem, metadata=stored)
        assert DOMAIN.solve(again, Random(3)) == DOMAIN.solve(problem, Random(3))
        solution = DOMAIN.solve(problem, Random(3))
        claims = [step.claim.payload for step in solution.steps() if step.claim is not None]
        read = [
            replace(step, claim=Claim("state", payload))
            for step, payload in zip(solution.steps(), json.loads(canonical_json(claims)), strict=True)
        ]
        assert first_refuted(problem, tuple(read)) is None


def test_the_prompt_shows_everything_and_gives_nothing_away() -> None:
    for case in CASES:
        problem = problem_of(*case)
        floor = problem.check.spec["floor"]
        for stack in problem.premises[0].payload["stacks"]:
            assert all(thing.casefold() in problem.prompt.casefold() for thing in stack)
        assert "`move X onto Y`" in problem.prompt
        assert f"`move X to the {floor}`" in problem.prompt
        assert problem.answer.splitlines()[0] not in problem.prompt
        assert "{" not in problem.prompt + DOMAIN.solve(problem, Random(1)).turn().text


def test_prompts_of_different_instances_are_no_near_duplicates() -> None:
    for theme, difficulty in product(DOMAIN.themes, (0.2, 0.8)):
        shingles = []
        for index in range(60):
            words = draft_of(theme, difficulty, index).prompt.casefold().split()
            shingles.append({tuple(words[at : at + 5]) for at in range(len(words) - 4)})
        near = sum(
            any(len(a & b) >= 0.8 * len(a | b) for other, b in enumerate(shingles) if other != index)
            for index, a in enumerate(shingles)
        )
        assert near <= 1


def test_the_group_forgets_names_and_the_order_of_stacks_and_nothing_else() -> None:
    initial, goal = [["a", "b", "c"], ["d", "e"], ["f"]], [["c", "e"], ["a"]]
    form = canonical(initial, goal)
    rng = Random(5)
    for _ in range(50):
        new = dict(zip("abcdef", rng.sample("uvwxyz", 6), strict=True))
        renamed = [[[new[thing] for thing in stack] for stack in rng.sample(s, len(s))] for s in (initial, goal)]
        assert canonical(*renamed) == form
    others = [
        (initial, [["c", "e"]]),
        (initial, [["e", "c"], ["a"]]),
        ([["a", "b", "c"], ["d", "e", "f"]], goal),
        ([["b", "a", "c"], ["d", "e"], ["f"]], goal),
    ]
    assert len({form, *(canonical(*other) for other in others)}) == 5


def test_works_refuses_what_cannot_be_done() -> None:
    initial, goal = [["a", "b"], ["c"]], [["b", "c"]]
    assert works(initial, goal, plan(initial, goal))
    assert works(initial, goal, [("b", None), ("c", "b")])
    for moves in ([("c", "b")], [("a", None), ("c", "b")], [("c", "a"), ("b", None)], [("b", None), ("c", "c")], []):
        assert not works(initial, goal, moves)
