"""Problems and traces made for an audit: what canaries and gold cases are written with."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tracemill.records import Claim, Problem, canonical_json, fingerprint
from tracemill.sources.domains import problem_from
from tracemill.tasks.task import Detail, Request, Solution, Task, mistakes_in_turn

_BAND = (0.0, 1.0)
_GOLDEN = 0.6180339887498949
_CORRECTED = 3
"""Of every how many problems a corrected solution is a case."""


@dataclass(frozen=True, slots=True)
class AuditCase:
    """A solution under a name for the report. By its construction, `flaw` is the index of its first wrong step."""

    name: str
    problem: Problem
    solution: Solution
    flaw: int | None


def cases_of(task: Task, indices: Iterable[int], seed: int) -> Iterator[AuditCase]:
    """Of each problem a right solution and, where a mistake can be made, a wrong one (a twin); of every third also one
    that takes its mistake back, which is right in all that stands."""
    for index in indices:
        drawn = draw(task, index, seed, "audit")
        if drawn is None:
            continue
        problem, rng = drawn
        yield AuditCase(f"{task.name} #{index} gold", problem, task.solve(problem, rng), None)
        mistaken = mistaken_solution(task, problem, rng)
        if mistaken is not None:
            name, flawed, flaw = mistaken
            yield AuditCase(f"{task.name} #{index} {name}", problem, flawed, flaw)
            corrected = task.correct(problem, [name], rng) if index % _CORRECTED == 0 else None
            if corrected is not None:
                yield AuditCase(f"{task.name} #{index} {name} taken back", problem, corrected, None)


def draw(task: Task, index: int, seed: int, purpose: str) -> tuple[Problem, random.Random] | None:
    """Problem `index` of a task, over all of its themes and difficulties, and what to draw its solutions with. None
    where the task has no such problem. `purpose`: another one gives other problems."""
    number = int(fingerprint(purpose, seed, task.name, index, digits=12), 16)
    theme = task.themes[index % len(task.themes)]
    request = Request(index, theme, (index + 1) * _GOLDEN % 1.0, _BAND, random.Random(number))
    try:
        draft = task.make(request)
    except RuntimeError:  # it found none there: see `Task.make`
        return None
    if draft is None:
        return None
    return as_stored(problem_from(draft, task, request, number, 0.0)), random.Random(number)


def as_stored(problem: Problem) -> Problem:
    """The problem as a build reads it again: what is stored as JSON has its keys sorted. A task that relies on the
    order in which it made them works on what it just made and fails in every build."""
    return replace(
        problem,
        premises=tuple(Claim(one.kind, json.loads(canonical_json(one.payload))) for one in problem.premises),
        metadata=json.loads(canonical_json(problem.metadata)),
    )


def mistaken_solution(
    task: Task, problem: Problem, rng: random.Random, detail: Detail = "normal"
) -> tuple[str, Solution, int] | None:
    """A mistake's name, the solution of somebody who makes it, and the index of its first wrong step. Mistakes are
    drawn as the symbolic teacher draws them; None where none of them can be made in this problem."""
    flawed = task.err(problem, mistakes_in_turn(task, rng), rng, detail)
    return (flawed.flaw.kind, flawed, flawed.flaw.index) if flawed is not None and flawed.flaw is not None else None


def stated_answer(closing: str) -> str:
    """What a task's closing states: the text in its last `\\boxed{…}`, or after its last `Answer:`.

    Raises:
        ValueError: it states none.
    """
    box, label = closing.rfind("\\boxed{"), closing.rfind("Answer:")
    if box < 0 and label < 0:
        raise ValueError(f"no answer is stated in {closing[:80]!r}")
    if label > box:
        return closing[label + len("Answer:") :].strip()
    return _braced(closing[box + len("\\boxed{") :]).strip()


def _braced(text: str) -> str:
    depth = 1
    for at, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return text[:at]
    raise ValueError("'\\boxed{' is never closed")
