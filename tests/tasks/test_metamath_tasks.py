"""Solutions of the tasks over Metamath's databases are right, wrong at one step, or corrected, as they say they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from random import Random
from typing import Any

import pytest
from tracemill.claims.metamath import unifying
from tracemill.claims.metamath.system import RefusedSystem
from tracemill.records import Problem, Verdict
from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import load
from tracemill.sources.domains import problem_from
from tracemill.tasks.available import available
from tracemill.tasks.metamath import databases, missing_step_task, theorems
from tracemill.tasks.metamath.posing import conditions, posed
from tracemill.tasks.metamath.theorems import pool
from tracemill.tasks.task import DETAILS, Request, Solution, Task, as_trace
from tracemill.verifiers.answer.check import check_gold
from tracemill.verifiers.cases import as_stored, stated_answer
from tracemill.verifiers.leakage import LIMIT, leakage
from tracemill.verifiers.step_labels import step_labels
from tracemill.verifiers.verifier import judged, make_verifier

NAMES = ["proof", "missing_step", "wrong_step", "lemma"]
TASKS: dict[str, Task] = {name: load("task", f"logic.metamath.{name}")() for name in NAMES}
MISTAKES = [(name, mistake.name) for name in NAMES for mistake in TASKS[name].misconceptions]
RARE = {("lemma", "not_distinct"), ("proof", "not_distinct")}
"""The cut has hardly a rule that would apply, were its variables distinct."""


@cache
def problems(name: str, count: int = 4) -> tuple[Problem, ...]:
    return tuple(_problems(TASKS[name], count))


def _problems(task: Task, count: int) -> Iterator[Problem]:
    for place, index in product(range(len(task.themes)), range(count)):
        request = _request(task, place + index * len(task.themes))
        draft = task.make(request)
        assert draft is not None
        yield as_stored(problem_from(draft, task, request, seed=index, bench_share=0.0))


def _request(task: Task, at: int) -> Request:
    return Request(at, task.themes[at % len(task.themes)], 0.5, (0.0, 1.0), Random(f"{task.name}/{at}"))


def verdicts(problem: Problem, solution: Solution) -> tuple[Verdict, Verdict]:
    trace = as_trace(problem, solution, "test")
    steps, answer = (judged(make_verifier(name, {}), problem, trace) for name in ("steps", "answer"))
    return steps, answer


@pytest.mark.parametrize("name", NAMES)
def test_a_right_solution_follows_step_by_step(name: str) -> None:
    task = TASKS[name]
    assert task.oracle is not None
    for problem, detail in product(problems(name), DETAILS):
        check_gold(problem.check, problem.answer, problem.prompt)
        solution = task.solve(problem, Random(problem.id), detail)
        steps, answer = verdicts(problem, solution)
        assert (steps.outcome, answer.outcome) == ("verified", "verified"), (solution, steps, answer)
        assert steps.evidence["entailed_prefix"] == len(solution.lines)
        assert steps.strength == "proof"
        assert task.oracle().first_wrong(problem, solution.steps()) is None


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_mistake_is_refuted_where_it_is_made_and_spoils_the_answer(name: str, mistake: str) -> None:
    made = 0
    for problem in problems(name):
        for detail in DETAILS:
            solution = TASKS[name].err(problem, [mistake], Random(problem.id), detail)
            if solution is None:
                continue
            assert solution.flaw is not None and solution.flaw.kind == mistake
            steps, answer = verdicts(problem, solution)
            assert (steps.outcome, answer.outcome) == ("refuted", "refuted"), (solution, steps, answer)
            trace = as_trace(problem, solution, "test")
            labels, first = step_labels(trace, {"steps": steps, "answer": answer})
            assert first == solution.flaw.index and labels == [True] * first + [False]
            made += 1
    assert made or (name, mistake) in RARE


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_corrected_mistake_leaves_a_right_solution(name: str, mistake: str) -> None:
    made = [(problem, TASKS[name].correct(problem, [mistake], Random(problem.id))) for problem in problems(name)]
    assert any(solution for _, solution in made) or (name, mistake) in RARE
    for problem, solution in made:
        if solution is not None:
            steps, answer = verdicts(problem, solution)
            assert (steps.outcome, answer.outcome) == ("verified", "verified"), (solution, steps, answer)


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_shows_every_rule_that_its_solution_names(name: str) -> None:
    for problem in problems(name):
        for line in TASKS[name].solve(problem, Random(1)).lines:
            assert line.claim is not None
            assert f"- `{line.claim.payload['rule']}`: " in problem.prompt


@pytest.mark.parametrize("name", NAMES)
def test_the_same_request_makes_the_same_problem_and_the_same_solution(name: str) -> None:
    again = tuple(_problems(TASKS[name], 1))
    for problem in again:
        assert problem in problems(name)
        one, other = (TASKS[name].solve(problem, Random(5), "thorough") for _ in range(2))
        assert one == other


def test_one_theorem_has_one_group_in_all_tasks() -> None:
    groups: dict[str, set[str]] = {}
    for name in NAMES:
        for problem in problems(name):
            groups.setdefault(problem.tags[0], set()).add(problem.group_id)
    assert len(groups) > 10
    assert all(len(found) == 1 for found in groups.values())


def test_what_other_proofs_rest_on_is_never_held_out() -> None:
    task, entry = TASKS["proof"], pool()[0]
    request = Request(0, task.themes[0], 0.5, (0.0, 1.0), Random(1))
    draft = task.make(request)
    assert draft is not None
    for may, split in ((True, "bench"), (False, "train")):
        problem = problem_from(replaced(draft, may), task, request, 1, bench_share=1.0)
        assert problem.split == split
    assert entry.group


def replaced(draft, may_be_held_out: bool):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(draft, may_be_held_out=may_be_held_out)


def test_harder_theorems_have_longer_proofs() -> None:
    ordered = sorted(pool(), key=lambda entry: entry.difficulty)
    assert [entry.steps for entry in ordered] == sorted(entry.steps for entry in ordered)


def test_conditions_on_variables_are_said_together() -> None:
    problem = next(one for one in problems("proof") if one.premises[0].payload["distinct"])
    found = posed(problem.premises, problem.metadata["instance"])
    text = conditions(found.system.distinct, found.notation, "")
    assert text and text in problem.prompt
    assert "different variables" in text or "not occur" in text


def test_a_value_that_is_no_formula_is_refused_and_not_left_empty() -> None:
    problem = problems("proof")[0]
    instance = json.loads(json.dumps(problem.metadata["instance"]))
    values = next(values for _, _, values, _ in instance["moves"] if values)
    values[min(values)] = "( ("
    with pytest.raises(RefusedSystem, match="by the problem's syntax"):
        posed(problem.premises, instance)


def test_a_task_without_its_data_is_left_out_by_a_pattern_and_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("TRACEMILL_METAMATH", str(tmp_path))
    usable = available(["logic.*"])
    assert usable.names == ["logic.puzzle.knights_knaves"]
    assert len(usable.notes) == 1
    assert "logic.metamath.lemma, logic.metamath.missing_step" in usable.notes[0]
    assert "apt-get install metamath-databases" in usable.notes[0]
    with pytest.raises(UsageError, match="apt-get install metamath-databases"):
        available(["logic.metamath.proof"])
    assert databases.missing()


def test_an_instance_holds_all_that_its_solver_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("TRACEMILL_METAMATH", str(tmp_path))
    for name in NAMES:
        problem = problems(name)[0]
        assert json.loads(json.dumps(problem.metadata)) == problem.metadata
        assert TASKS[name].solve(problem, Random(1)).lines


@pytest.mark.parametrize("name", ["wrong_step", "lemma"])
def test_a_problem_whose_answer_takes_too_long_to_find_out_is_not_posed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that was given up is none that found nothing: the rule may apply all the same."""
    monkeypatch.setattr(unifying, "MAX_TRIES", 0)
    for at in range(6):
        with pytest.raises(RuntimeError, match="too long to find out"):
            TASKS[name].make(_request(TASKS[name], at))


def test_a_line_is_not_wrong_where_it_takes_too_long_to_find_out(monkeypatch: pytest.MonkeyPatch) -> None:
    task = TASKS["missing_step"]
    mistakes = [each.name for each in task.misconceptions]
    searched = [one for one in problems("missing_step") if _missing_move(one)[1]]
    assert any(task.err(one, mistakes, Random(1)) for one in searched)
    monkeypatch.setattr(unifying, "MAX_TRIES", 0)
    assert not any(task.err(one, mistakes, Random(1)) for one in searched)


def _missing_move(problem: Problem) -> list[Any]:
    """Its rule, premises, values and formula. A line without premises takes no search."""
    instance = problem.metadata["instance"]
    move: list[Any] = instance["moves"][instance["missing"]]
    return move


def test_a_line_that_the_others_do_not_determine_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing_step_task, "_is_determined", lambda shown, at: False)
    with pytest.raises(RuntimeError, match="no line of the proof is determined"):
        TASKS["missing_step"].make(_request(TASKS["missing_step"], 0))


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_a_step_do_not_say_that_it_is_wrong(name: str) -> None:
    assert not [leak for leak in leakage(TASKS[name], 90, seed=0) if leak.above(LIMIT)]


def test_right_and_wrong_solutions_of_a_problem_go_the_same_way() -> None:
    """Were the way drawn for each, a mistake that is more often possible backward would be known by that."""
    task, ways = TASKS["proof"], set[bool]()
    mistakes = [each.name for each in task.misconceptions]
    for problem, detail in product(problems("proof", 2), DETAILS):
        wrong = [task.err(problem, [one], Random(seed), detail) for one in mistakes for seed in range(2)]
        told = [task.solve(problem, Random(1), detail), *(one for one in wrong if one is not None)]
        here = {any(line.claim and "assume" in line.claim.payload for line in one.lines[:1]) for one in told}
        assert len(here) == 1
        ways |= here
    assert ways == {True, False}


def test_mistakes_keep_the_number_of_lines_of_a_proof() -> None:
    task = TASKS["proof"]
    for problem in problems("proof"):
        count = len(problem.metadata["instance"]["moves"])
        for mistake in task.misconceptions:
            solution = task.err(problem, [mistake.name], Random(problem.id))
            if solution is not None:
                assert len(stated_answer(solution.closing).splitlines()) == count


def test_a_slip_can_be_made_in_a_step_that_rests_on_nothing() -> None:
    """Else a step that names no premises would be known to be right."""
    flaws = [
        solution.lines[solution.flaw.index].uses
        for problem in problems("proof")
        if (solution := TASKS["proof"].err(problem, ["slipped"], Random(problem.id))) and solution.flaw
    ]
    assert {len(uses) == 1 for uses in flaws} == {True, False}


def test_the_minute_in_which_every_proof_is_read_is_announced_once(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name, value in {"present": ["ql.mm"], "digests": ["0"], "_rows": []}.items():
        monkeypatch.setattr(theorems, name, lambda *_, value=value: value)
    for _ in range(2):
        assert theorems.pool.__wrapped__() == ()
    assert caplog.messages == ["reading every proof of ql.mm; the first time on a machine it takes a minute"], (
        "the second time it was kept"
    )
