"""Blocks world: its problems, solutions and mistakes, held against the oracle and the verifiers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from random import Random
from statistics import mean
from typing import Any

import numpy as np
import pytest
from posing import posed
from tracemill.claims.claim_checker import Ruling
from tracemill.claims.state.checker import StateChecker
from tracemill.claims.state.plan import judge_plan
from tracemill.records import Claim, Problem, Step, canonical_json
from tracemill.tasks.blocks_world.board import canonical
from tracemill.tasks.blocks_world.oracle import BlocksWorldOracle
from tracemill.tasks.blocks_world.task import BlocksWorld
from tracemill.tasks.kit.narrated_task import without_retracted
from tracemill.tasks.task import DETAILS, Draft, Line, Request, Solution, as_trace
from tracemill.verifiers.answer.verifier import AnswerVerifier
from tracemill.verifiers.leakage import leakage
from tracemill.verifiers.steps import StepsVerifier

DOMAIN, ORACLE, CHECKER = BlocksWorld(), BlocksWorldOracle(), StateChecker()
DIFFICULTIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
MISTAKES = [wrong.name for wrong in DOMAIN.misconceptions]
CASES = [
    (theme, difficulty, index) for theme, difficulty in product(DOMAIN.themes, DIFFICULTIES) for index in range(12)
]


def draft_of(theme: str, difficulty: float, index: int, seed: int = 7) -> Draft:
    return DOMAIN.make(Request(index, theme, difficulty, (0.0, 1.0), Random(f"{seed} {theme} {difficulty} {index}")))


@cache
def problem_of(theme: str, difficulty: float, index: int) -> Problem:
    return posed(DOMAIN, draft_of(theme, difficulty, index), theme)


@cache
def right_solutions(every: int = 1) -> Sequence[tuple[Problem, Solution]]:
    """A right solution of every so many of the problems, in all levels of detail in turn."""
    cases = [problem_of(*case) for case in CASES[::every]]
    return [(problem, DOMAIN.solve(problem, Random(at), DETAILS[at % 3])) for at, problem in enumerate(cases)]


@cache
def wrong_solutions(name: str) -> Sequence[tuple[Problem, Solution]]:
    """A solution with this mistake of each problem in which it can be made."""
    cases = [problem_of(*case) for case in CASES]
    told = [(problem, DOMAIN.err(problem, [name], Random(at), DETAILS[at % 3])) for at, problem in enumerate(cases)]
    return [(problem, solution) for problem, solution in told if solution is not None]


def answer_of(solution: Solution) -> str:
    return solution.closing.split("Answer:\n")[1]


def moves_of(line: Line) -> list[tuple[str, str | None]]:
    """The moves that a line makes; what a check of all moves claims is none."""
    payload = {} if line.claim is None else line.claim.payload
    return [] if "on" in payload else [(thing, place) for thing, place in payload.get("moves", ())]


def plan_of(problem: Problem, lines: Sequence[Line]) -> list[str]:
    """The moves of these steps as an answer states them."""
    moves = [move for line in lines for move in moves_of(line)]
    floor = problem.check.spec["floor"]
    return [f"move {thing} to the {floor}" if place is None else f"move {thing} onto {place}" for thing, place in moves]


@pytest.fixture(scope="module")
def verifier() -> Iterator[StepsVerifier]:
    made = StepsVerifier()
    yield made
    made.close()


@pytest.fixture(scope="module")
def answers() -> Iterator[AnswerVerifier]:
    made = AnswerVerifier()
    yield made
    made.close()


def first_refuted(problem: Problem, steps: tuple[Step, ...]) -> int | None:
    rulings = CHECKER.rule(problem, steps, range(len(steps)))
    bad = [index for index in sorted(rulings) if rulings[index].outcome != "verified"]
    assert all(rulings[index].outcome == "refuted" for index in bad[:1])
    return bad[0] if bad else None


def test_right_solutions_are_verified_step_by_step_at_every_level_of_detail(
    verifier: StepsVerifier, answers: AnswerVerifier
) -> None:
    for problem, solution in right_solutions():
        trace = as_trace(problem, solution, "test")
        ruling = verifier.rule(problem, trace)
        assert (ruling.outcome, ruling.coverage_steps) == ("verified", 1.0)
        assert ruling.evidence["entailed_prefix"] == len(solution.lines)
        assert ORACLE.first_wrong(problem, solution.steps()) is None
        assert answers.rule(problem, trace).outcome == "verified"
        for answer in (problem.answer, answer_of(solution)):
            assert ORACLE.answers(problem, answer)


def test_a_second_look_at_what_is_above_a_thing_says_of_which_move_it_speaks() -> None:
    """A step between may have told another column above the same thing, so `at that point` would point nowhere."""
    looked = 0
    for _, solution in right_solutions():
        for number, line in enumerate(solution.lines):
            said = re.search(r"(at the start|once (.*) was (?:on .*),) there (?:was|were) .* above ", line.text, re.I)
            if said is None:
                assert "my idea of" not in line.text or "what is to be below" in line.text
                continue
            looked += 1
            moved = [thing for before in solution.lines[:number] for thing, _ in moves_of(before)]
            assert (said[2] is None) or any(thing.lower() in said[2].lower() for thing in moved)
    assert looked > 10


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refuted_where_the_flaw_says_and_its_answer_is_refuted(
    name: str, verifier: StepsVerifier, answers: AnswerVerifier
) -> None:
    made = Counter[str]()
    for problem, solution in wrong_solutions(name):
        flaw, trace = solution.flaw, as_trace(problem, solution, "test")
        assert flaw is not None and flaw.kind == name and "{" not in flaw.explanation
        assert ORACLE.first_wrong(problem, solution.steps()) == flaw.index
        assert verifier.rule(problem, trace).evidence["first_refuted"] == flaw.index
        assert first_refuted(problem, solution.steps()) == flaw.index
        assert answers.rule(problem, trace).outcome == "refuted"
        assert not ORACLE.answers(problem, answer_of(solution))
        made[problem.domain] += 1
    assert len(made) == len(DOMAIN.themes)
    assert made.total() >= len(CASES) / 30


@pytest.mark.parametrize("name", MISTAKES)
def test_a_correction_takes_the_mistake_back_and_the_rest_is_verified(
    name: str, verifier: StepsVerifier, answers: AnswerVerifier
) -> None:
    made = 0
    for number, case in enumerate(CASES[::2]):
        problem = problem_of(*case)
        told = DOMAIN.correct(problem, [name], Random(number), DETAILS[number % 3])
        if told is None:
            continue
        made += 1
        steps, flaw, trace = told.steps(), told.flaw, as_trace(problem, told, "test")
        assert told.relation == "self_correction" and flaw is not None and flaw.kind == name
        (at,) = [k for k, line in enumerate(told.lines) if line.claim and line.claim.kind == "retraction"]
        gone = told.lines[at].claim.payload["steps"]  # type: ignore[union-attr]
        assert gone[0] == flaw.index and not any(set(step.uses) & set(gone) for step in steps[at + 1 :])
        assert answer_of(told).splitlines() == plan_of(
            problem, [told.lines[k] for k in range(len(steps)) if k not in gone]
        )
        assert ORACLE.first_wrong(problem, steps[:at]) == flaw.index
        assert ORACLE.first_wrong(problem, without_retracted(steps)) is None
        ruling: Ruling = verifier.rule(problem, trace)
        assert (ruling.outcome, ruling.coverage_steps, ruling.evidence["retracted"]) == ("verified", 1.0, gone)
        assert answers.rule(problem, trace).outcome == "verified"
    assert made >= 5


def test_a_plan_is_what_the_steps_moved() -> None:
    for problem, solution in right_solutions():
        assert answer_of(solution).splitlines() == plan_of(problem, solution.lines)


def things_in(payload: Any) -> set[str]:
    """Every name in a claim."""
    if isinstance(payload, dict):
        # The keys of `above` are things too.
        return {key for key in payload if key not in KEYS} | things_in(list(payload.values()))
    if isinstance(payload, list):
        return {name for item in payload for name in things_in(item)}
    return {payload} if isinstance(payload, str) else set()


KEYS = {"stacks", "moves", "on", "clear", "above", "goal", "wanted", "missing", "settled"}


def test_a_step_names_the_things_that_it_claims_something_of_and_no_others() -> None:
    compared = 0
    for problem, solution in right_solutions(2):
        names = sorted(things_in(problem.premises[0].payload), key=len, reverse=True)
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
        for line in solution.lines:
            assert line.claim is not None
            if "moves" in line.claim.payload and "on" in line.claim.payload:
                continue  # a check: "all these moves"
            said = {name.casefold() for name in pattern.findall(line.text)}
            claimed = {name.casefold() for name in things_in(line.claim.payload)}
            # A doubt also names what it doubts.
            assert said >= claimed if "my idea of" in line.text else said == claimed, line.text
            compared += 1
    assert compared > 1000


WHOLE = re.compile(r"whole goal|That is all|all the conditions|for nothing else|no others")


def test_a_list_that_calls_itself_whole_claims_the_whole_goal_and_a_part_does_not() -> None:
    seen = Counter[str]()
    for _, solution in [*right_solutions(), *wrong_solutions("misreads_goal")]:
        for line in solution.lines:
            assert line.claim is not None
            assert bool(WHOLE.search(line.text)) == ("goal" in line.claim.payload), line.text
            seen.update(line.claim.payload.keys())
    assert min(seen["goal"], seen["wanted"]) > 100


def test_a_goal_without_one_of_its_conditions_is_refuted_as_the_whole_and_not_as_a_part() -> None:
    for case in CASES[::6]:
        problem = problem_of(*case)
        pairs = [
            [thing, place]
            for stack in problem.premises[1].payload["stacks"]
            for place, thing in zip([None, *stack], stack, strict=False)
        ]
        for key, size, wrong in (("goal", 0, None), ("goal", 1, 0), ("wanted", 0, None), ("wanted", 1, None)):
            if len(pairs) > 1:
                steps = (Step(0, 0, 1, Claim("state", {key: pairs[size:]}), (-2,)),)
                assert ORACLE.first_wrong(problem, steps) == first_refuted(problem, steps) == wrong


def form(problem: Problem, line: Line) -> str:
    """The words of a step without what belongs to its problem, and without the small words of lists."""
    own = {word for name in things_in(problem.premises[0].payload) for word in WORD.findall(name.casefold())}
    own |= {"the", "on", "then", "and", "onto", "is", "are", "goes", "after", "it", problem.check.spec["floor"]}
    return " ".join(word for word in WORD.findall(line.text.casefold()) if word not in own)


WORD = re.compile(r"[a-z0-9]+")


def test_a_wrong_step_is_told_in_the_words_of_right_ones() -> None:
    right = {form(problem, line) for problem, solution in right_solutions() for line in solution.lines}
    for seed in (1, 2):
        for case in CASES:
            problem = problem_of(*case)
            right |= {form(problem, line) for line in DOMAIN.solve(problem, Random(seed)).lines}
    wrong = [
        form(problem, solution.lines[solution.flaw.index])
        for name in MISTAKES
        for problem, solution in wrong_solutions(name)
        if solution.flaw is not None
    ]
    assert len(wrong) > 300
    strange = [said for said in wrong if said not in right]
    assert len(strange) < 0.03 * len(wrong), strange[:5]


def test_the_words_of_a_step_do_not_betray_that_it_is_wrong() -> None:
    leaks = leakage(DOMAIN, problems=180, seed=3)
    assert leaks[0].pairs > 110 and leaks[0].auc < 0.63
    assert {leak.mistake for leak in leaks} == {"", *MISTAKES}
    assert not [leak for leak in leaks if leak.above(0.65)]


def test_flawed_solutions_end_as_right_ones_do() -> None:
    """Neither the number of steps, nor a check, nor how it ends says that there is a mistake in it."""
    right = [solution for _, solution in right_solutions()]
    wrong = [solution for name in MISTAKES for _, solution in wrong_solutions(name)]

    def shares(solutions: list[Solution]) -> list[float]:
        checked = mean("all these moves" in solution.lines[-1].text.casefold() for solution in solutions)
        done = mean(any(line.claim == Claim("state", {"missing": []}) for line in each.lines) for each in solutions)
        return [checked, done]

    assert shares(right) == pytest.approx(shares(wrong), abs=0.1)


def test_more_detail_is_more_steps() -> None:
    for theme, difficulty in product(DOMAIN.themes, (0.4, 0.8)):
        problems = [problem_of(theme, difficulty, index) for index in range(8)]
        counts = [mean(len(DOMAIN.solve(each, Random(1), detail).lines) for each in problems) for detail in DETAILS]
        assert counts[0] < counts[1] < counts[2]


def test_difficulty_changes_the_number_of_steps() -> None:
    levels = [index / 199 for index in range(200)]
    for detail in DETAILS:
        problems = [problem_of(DOMAIN.themes[index % 3], level, index) for index, level in enumerate(levels)]
        steps = [len(DOMAIN.solve(problem, Random(1), detail).lines) for problem in problems]
        ranks = np.argsort(np.argsort(steps, kind="stable"))
        assert np.corrcoef(range(200), ranks)[0, 1] > 0.6


def test_difficulty_changes_the_number_of_things_and_moves() -> None:
    things, moves = [], []
    for difficulty in DIFFICULTIES:
        problems = [problem_of(theme, difficulty, index) for theme in DOMAIN.themes for index in range(12)]
        things.append({sum(map(len, problem.premises[0].payload["stacks"])) for problem in problems})
        moves.append(mean(len(problem.answer.splitlines()) for problem in problems))
    assert things == [{3, 4, 5}, {4, 5, 6}, {5}, {7}, {8}, {9}]
    assert all(b > a + 1 for a, b in pairwise(moves))
    assert moves[-1] > 5 * moves[0]


def test_easy_problems_are_many_and_no_harder_for_it() -> None:
    for difficulty, groups, moves in ((0.0, 130, 2.0), (0.1, 210, 3.0), (0.2, 230, 4.0)):
        drafts = [draft_of(DOMAIN.themes[index % 3], difficulty, index) for index in range(300)]
        assert len({draft.group for draft in drafts}) > groups
        assert mean(len(draft.answer.splitlines()) for draft in drafts) < moves


def test_phrases_agree_in_number_and_do_not_follow_each_other() -> None:
    one_of_many = re.compile(
        r"there is (?:still )?[^.]* and, on that|there (?:are|were) (?:still )?(?![^.]* and, on that)"
    )
    for _, solution in right_solutions():
        assert not any(one_of_many.search(line.text) for line in solution.lines)
        texts = [line.text for line in solution.lines]
        assert len(set(texts)) == len(texts) and not any("  " in text or " ." in text for text in texts)
        puts = [line.text for line in solution.lines if moves_of(line)]
        assert not any(a.startswith("So I move ") and b.startswith("So I move ") for a, b in pairwise(puts))


def test_no_plan_is_silly() -> None:
    """No thing is moved twice in a row, none more than three times (aside, aside again, to its place), and
    none that the goal leaves free more than twice."""
    for problem, solution in right_solutions():
        goal = {thing for stack in problem.premises[1].payload["stacks"] for thing in stack}
        moved = [thing for line in solution.lines for thing, _ in moves_of(line)]
        assert all(a != b for a, b in pairwise(moved))
        assert all(times <= (3 if thing in goal else 2) for thing, times in Counter(moved).items())


def test_nothing_is_set_aside_while_its_own_place_is_ready() -> None:
    seen = 0
    for problem, solution in right_solutions():
        below = {t: stack[:at] for stack in problem.premises[1].payload["stacks"] for at, t in enumerate(stack)}
        stacks = [list(stack) for stack in problem.premises[0].payload["stacks"]]
        for thing, place in (move for line in solution.lines for move in moves_of(line)):
            if place is None and below.get(thing):
                seen += 1
                assert below[thing] not in stacks
            next(stack for stack in stacks if stack and stack[-1] == thing).pop()
            next((stack for stack in stacks if stack and stack[-1] == place), stacks.append([]) or stacks[-1]).append(
                thing
            )
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
    assert DOMAIN.err(problem, ["loses_track"], Random(4)) == DOMAIN.err(problem, ["loses_track"], Random(4))


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


def test_the_oracle_refuses_plans_that_cannot_be_carried_out() -> None:
    premises = (Claim("state", {"stacks": [["a", "b"], ["c"]]}), Claim("goal", {"stacks": [["b", "c"]]}))
    spec = {"simulator": "blocks", "initial": premises[0].payload, "goal": premises[1].payload, "floor": "quay"}
    problem = problem_of("port", 0.2, 0)
    problem = replace(problem, premises=premises, check=replace(problem.check, spec=spec))
    right = ("move b to the quay\nmove c onto b", "\n".join(f"move {t} onto {d}" for t, d in (("c", "b"),)))
    for answer, reaches in zip(right, (True, False), strict=True):
        assert ORACLE.answers(problem, answer) == (judge_plan(spec, answer).outcome == "verified") == reaches
    for answer in ("", "move a to the quay\nmove c onto b", "move b to the quay\nmove c onto c", "move b onto c"):
        assert not ORACLE.answers(problem, answer)
