"""The symbolic teacher: a right solution first, then as many mistakes as its config says."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tracemill.asking.teachers.symbolic import SymbolicConfig, SymbolicTeacher
from tracemill.asking.teachers.teacher import Call, Reply, count_pieces
from tracemill.records import Problem
from tracemill.settings.errors import PluginError, TracemillError
from tracemill.sources.domains import DomainsConfig, DomainsSource
from tracemill.sources.source import Context
from tracemill.tasks.blocks_world.oracle import BlocksWorldOracle
from tracemill.tasks.blocks_world.task import BlocksWorld

ORACLE = BlocksWorldOracle()


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    config = DomainsConfig(kind="domains", select=("planning.*",), per_task=40)
    source = DomainsSource(config, Context(3, 0.0))
    return [one for item in source.items({}) for one in source.produce(item) if isinstance(one, Problem)]


def answered(teacher: SymbolicTeacher, problem: Problem, sample: int, seed: int = 5) -> Reply:
    messages = ({"role": "user", "content": problem.prompt},)
    return asyncio.run(teacher.answer(Call(problem, messages, {}, sample, seed)))


def teacher(mistakes: float) -> SymbolicTeacher:
    return SymbolicTeacher(SymbolicConfig(kind="symbolic", mistakes=mistakes))


def test_the_first_sample_is_right_and_a_flaw_in_a_later_one_is_where_it_says(problems: list[Problem]) -> None:
    wrong = 0
    for seed, problem in enumerate(problems):
        first = answered(teacher(1.0), problem, 0, seed)
        assert first.flaw is None
        assert ORACLE.first_wrong(problem, first.steps) is None
        flawed = answered(teacher(1.0), problem, 1, seed)
        assert ORACLE.first_wrong(problem, flawed.steps) == (flawed.flaw.index if flawed.flaw else None)
        wrong += flawed.flaw is not None
    assert wrong > 0.7 * len(problems)


def test_mistakes_are_as_many_as_the_config_says_and_of_every_kind(problems: list[Problem]) -> None:
    def flaws(mistakes: float) -> list[str]:
        made = [answered(teacher(mistakes), one, 1 + k, k) for one in problems for k in range(5)]
        return [reply.flaw.kind for reply in made if reply.flaw]

    always = flaws(1.0)
    assert flaws(0.0) == []
    assert 0.35 * len(always) < len(flaws(0.5)) < 0.65 * len(always)
    assert set(always) == {mistake.name for mistake in BlocksWorld().misconceptions}


def test_the_same_call_gives_the_same_reply_with_its_cost(problems: list[Problem]) -> None:
    problem = problems[0]
    reply = answered(teacher(0.5), problem, 1)
    assert reply == answered(teacher(0.5), problem, 1)
    assert reply != answered(teacher(0.5), problem, 1, seed=6)
    assert reply.completion_tokens == count_pieces(reply.turn.text)
    assert reply.prompt_tokens == count_pieces(problem.prompt)
    assert reply.metadata.keys() == {"licence", "detail"} and reply.metadata["licence"] == "Apache-2.0"
    assert [reply.turn.text[step.start : step.end] for step in reply.steps] == reply.turn.reasoning.split("\n\n")


def test_what_replies_depend_on_is_in_the_fingerprint() -> None:
    assert teacher(0.5).fingerprint == teacher(0.5).fingerprint != teacher(0.4).fingerprint


def test_a_problem_of_no_domain_has_no_samples(problems: list[Problem]) -> None:
    foreign = replace(problems[0], domain="math.arithmetic.riddle.grade_school")
    assert teacher(0.0).samples(foreign, 3) == 0
    assert teacher(0.0).samples(problems[0], 3) == 3
    with pytest.raises(TracemillError, match="knows no domain"):
        answered(teacher(0.0), foreign, 0)


def test_a_task_that_gives_no_solution_is_named_and_not_the_teacher(
    problems: list[Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BlocksWorld, "solve", lambda *_: "so")
    with pytest.raises(PluginError, match=r"^task 'planning.classical.blocks_world' .* gave str where Solution is"):
        answered(teacher(0.0), problems[0], 0)
