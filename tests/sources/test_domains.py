"""The domains source: the same problem at an index whoever makes it, over the band and the themes evenly."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from statistics import mean

import pytest
from pydantic import ValidationError
from tracemill.records import Decision, Problem
from tracemill.settings.errors import PluginError, UsageError
from tracemill.settings.plugins import load
from tracemill.sources.domains import ITEM_SIZE, DomainsConfig, DomainsSource
from tracemill.sources.source import Context, WorkItem
from tracemill.tasks.task import Draft, Request

TASKS = ("logic.puzzle.knights_knaves", "math.algebra.linear_system")


def source(seed: int = 7, bench_share: float = 0.1, **changes: object) -> DomainsSource:
    base = {"kind": "domains", "select": TASKS, "per_task": 90, "difficulty": (0.2, 0.6)}
    return DomainsSource(DomainsConfig.model_validate(base | changes), Context(seed, bench_share))


def made(one: DomainsSource, done: dict[str, int] | None = None) -> list[Problem]:
    items = [WorkItem(item.id, json.loads(json.dumps(item.payload))) for item in one.items(done or {})]
    assert len({item.id for item in items}) == len(items)
    problems = [problem for item in items for problem in one.produce(item)]
    assert all(isinstance(problem, Problem) for problem in problems)
    return problems  # type: ignore[return-value]


def test_a_problem_is_the_same_whoever_makes_it_and_however_many_there_are() -> None:
    whole = made(source())
    assert [problem.id for problem in made(source())] == [problem.id for problem in whole]
    assert len({problem.id for problem in whole}) == len(whole) == 2 * 90
    more = {problem.id for problem in made(source(per_task=100))}
    assert {problem.id for problem in whole} < more
    rest = made(source(per_task=100), dict.fromkeys(TASKS, 90))
    assert {problem.id for problem in rest} == more - {problem.id for problem in whole}
    assert not {problem.id for problem in made(source(seed=8))} & more


def test_difficulty_covers_the_band_and_themes_share_evenly() -> None:
    problems = [problem for problem in made(source()) if problem.domain.startswith("math")]
    levels = sorted(problem.difficulty for problem in problems if problem.difficulty is not None)
    assert levels[0] >= 0.2 and levels[-1] <= 0.6
    assert max(b - a for a, b in pairwise(levels)) < 0.02
    by_theme = Counter(problem.domain for problem in problems)
    assert by_theme == {f"math.algebra.linear_system.{theme}": 30 for theme in ("market", "theatre", "workshop")}
    for theme in by_theme:
        assert 0.37 < mean(p.difficulty or 0 for p in problems if p.domain == theme) < 0.43
    bounds = source(per_task=91).upper_bound()
    assert [bounds[f"math.algebra.linear_system.{theme}"] for theme in ("market", "theatre", "workshop")] == [
        31,
        30,
        30,
    ]


def test_work_comes_in_bounded_pieces_and_goes_on_behind_what_is_done() -> None:
    items = list(source(per_task=ITEM_SIZE + 10).items({TASKS[0]: 5, TASKS[1]: ITEM_SIZE + 10}))
    assert [(item.payload["start"], item.payload["stop"]) for item in items] == [
        (5, ITEM_SIZE + 5),
        (ITEM_SIZE + 5, ITEM_SIZE + 10),
    ]
    assert {item.payload["task"] for item in items} == {TASKS[0]}


def test_a_group_is_wholly_in_one_split() -> None:
    problems = made(source(per_task=300, difficulty=(0.0, 0.1), bench_share=0.3))
    splits: dict[str, set[str]] = {}
    for problem in problems:
        splits.setdefault(problem.group_id, set()).add(problem.split)
    assert len(splits) < len(problems)
    assert all(len(found) == 1 for found in splits.values())
    assert {"train", "bench"} == {problem.split for problem in problems}


def test_what_problems_depend_on_is_part_of_the_identity() -> None:
    part = source().parts()[TASKS[1]]
    version = load("task", TASKS[1]).version
    wording = load("task", TASKS[1])().wording
    assert part.identity == {"task": TASKS[1], "version": version, "wording": wording, "difficulty": [0.2, 0.6]}
    assert part.identity == source(per_task=5).parts()[TASKS[1]].identity
    assert part.identity != source(difficulty=(0.2, 0.7)).parts()[TASKS[1]].identity


def test_what_cannot_be_made_is_refused() -> None:
    for wrong in ({"difficulty": (0.6, 0.2)}, {"difficulty": (0, 1.5)}, {"select": ()}, {"per_task": 0}):
        with pytest.raises(ValidationError):
            source(**wrong)
    with pytest.raises(UsageError, match=r"math\.algebra\.linear_system"):
        source(select=("math.algebra.linear_sistem",)).check()


def test_an_index_at_which_a_domain_gives_up_is_a_rejected_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from tracemill.tasks.linear_system.task import LinearSystem

    make = LinearSystem.make

    def giving_up(self: LinearSystem, request: Request) -> Draft | None:
        if request.index == 1:
            raise RuntimeError("no system after 200 attempts")
        return make(self, request)

    monkeypatch.setattr(LinearSystem, "make", giving_up)
    one = source(select=("math.algebra.*",), per_task=3)
    first, second, third = (record for item in one.items({}) for record in one.produce(item))
    assert isinstance(first, Problem) and isinstance(third, Problem) and isinstance(second, Decision)
    assert (second.id, second.subject, second.kept) == ("math.algebra.linear_system:1", "line", False)
    assert second.detail == "no system after 200 attempts"


def test_a_task_that_drafts_what_is_no_problem_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    task = load("task", "math.algebra.linear_system")
    right = task.make
    for wrong, said in (
        (lambda draft: "a problem", "gave str where Draft is wanted"),
        (lambda draft: replace(draft, answer=42), "gave int where str is wanted"),
    ):
        monkeypatch.setattr(task, "make", lambda self, request, wrong=wrong: wrong(right(self, request)))
        with pytest.raises(PluginError, match=f"^task 'math.algebra.linear_system' .* {said}"):
            made(source(select=["math.*"]))
