"""Solutions of `area.field.name` are what they are said to be: right, wrong at one step, or corrected."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from tracemill.records import Problem, Verdict
from tracemill.settings.plugins import load
from tracemill.sources.domains import problem_from
from tracemill.tasks.task import DETAILS, Request, Solution, Task
from tracemill.tasks.task import as_trace
from tracemill.verifiers.leakage import LIMIT, leakage
from tracemill.verifiers.verifier import judged, make_verifier

TASK: Task = load("task", "area.field.name")()
MISTAKES = [each.name for each in TASK.misconceptions]


def problems() -> Iterator[Problem]:
    """Ten of each theme, from easy to hard."""
    for theme, index in product(TASK.themes, range(10)):
        request = Request(index, theme, index / 9, (0.0, 1.0), Random(f"{theme}/{index}"))
        draft = TASK.make(request)
        assert draft is not None
        yield problem_from(draft, TASK, request, seed=index, bench_share=0.0)


def verdicts(problem: Problem, solution: Solution) -> tuple[Verdict, Verdict]:
    """What the verifiers `steps` and `answer` say."""
    trace = as_trace(problem, solution, "test")
    steps, answer = (judged(make_verifier(name, {}), problem, trace) for name in ("steps", "answer"))
    return steps, answer


def test_a_right_solution_follows_step_by_step_in_every_theme_and_detail() -> None:
    for problem, detail in product(problems(), DETAILS):
        solution = TASK.solve(problem, Random(problem.id), detail)
        steps, answer = verdicts(problem, solution)
        assert (steps.outcome, answer.outcome) == ("verified", "verified"), (solution, steps, answer)
        assert steps.evidence["entailed_prefix"] == len(solution.lines)
        assert TASK.oracle is not None
        assert TASK.oracle().first_wrong(problem, solution.steps()) is None


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refuted_where_it_is_made_and_spoils_the_answer(mistake: str) -> None:
    made = [(problem, TASK.err(problem, [mistake], Random(problem.id))) for problem in problems()]
    assert any(solution for _, solution in made)
    for problem, solution in made:
        if solution is not None and solution.flaw is not None:
            steps, answer = verdicts(problem, solution)
            assert (steps.outcome, answer.outcome) == ("refuted", "refuted"), (solution, steps, answer)
            assert steps.evidence["first_refuted"] == solution.flaw.index


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_corrected_mistake_leaves_a_right_solution(mistake: str) -> None:
    made = [(problem, TASK.correct(problem, [mistake], Random(problem.id))) for problem in problems()]
    assert any(solution for _, solution in made)
    for problem, solution in made:
        if solution is not None:
            steps, answer = verdicts(problem, solution)
            assert (steps.outcome, answer.outcome) == ("verified", "verified"), (solution, steps, answer)


def test_the_words_of_a_step_do_not_say_that_it_is_wrong() -> None:
    assert not [leak for leak in leakage(TASK, 200, seed=0) if leak.above(LIMIT)]
