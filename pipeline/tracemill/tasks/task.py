"""What a task is: the contract between the sources, the symbolic teacher and the tasks in these folders.

A task holds no state between calls: whatever its solver needs stands in the problem's record, so that any process
can solve any problem. Same arguments, same result, on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Literal, Protocol

from tracemill.records import (
    Check,
    Claim,
    Flaw,
    Payload,
    Problem,
    Step,
    ToolCall,
    Trace,
    Turn,
    trace_digest,
    trace_id,
)
from tracemill.records.licences import Notice
from tracemill.tasks.oracle import Oracle

MistakeKind = Literal["wrong_rule", "slip", "dropped_case"]
Detail = Literal["terse", "normal", "thorough"]
DETAILS: tuple[Detail, ...] = ("terse", "normal", "thorough")
"""How finely a solution is divided, from the fewest and largest steps to the most and smallest."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a source orders: problem `index` of a task, in a theme, at a difficulty (0–1) that lies within `band`.

    `rng` is seeded from (seed, task, index) and belongs to this request alone.
    """

    index: int
    theme: str
    difficulty: float
    band: tuple[float, float]
    rng: Random


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem before it has ids.

    `instance` is all that the solver needs, as plain JSON; `group` is a canonical text of the instance beneath its
    surface, so that the same instance in two themes falls into one group (and so into one split). `family` is set, and
    alike, in tasks that pose problems about the same things, so that these are one group in all of them.
    `may_be_held_out`: false for what other problems rest on; its group is never in the benchmark.
    `difficulty` overrides the requested one where the task's own measure is better. `licence` (SPDX) is set where the
    text is not ours. `tools`: JSON schemas of the tools with which it is solved, as `Problem.tools`.
    """

    prompt: str
    answer: str
    check: Check
    premises: tuple[Claim, ...]
    group: str
    instance: Payload
    difficulty: float | None = None
    licence: str | None = None
    system: str = ""
    tags: tuple[str, ...] = ()
    family: str = ""
    may_be_held_out: bool = True
    tools: tuple[Payload, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One step in words: a sentence or two, what it claims, and what it rests on (see `records.Step.uses`)."""

    text: str
    claim: Claim | None = None
    uses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution in words. `lines` become the reasoning; `closing` is the reply after it and states the final answer in
    the form that the prompt asks for. `flaw.index` is an index into `lines`. `relation` is `self_correction` where the
    flaw is noticed and taken back on the way, so that the answer is right.

    `calls`: of a conversation with tools, each call with the index of the line that is its result; the lines since the
    result before are what is thought before the call."""

    lines: tuple[Line, ...]
    closing: str
    flaw: Flaw | None = None
    detail: Detail = "normal"
    relation: Literal["self_correction"] | None = None
    calls: tuple[tuple[int, ToolCall], ...] = ()

    def turn(self) -> Turn:
        """The turn of a solution that calls no tools."""
        (turn,) = self.turns()
        return turn

    def turns(self) -> tuple[Turn, ...]:
        return tuple(turn for turn, _ in self._parts())

    def steps(self) -> tuple[Step, ...]:
        """The lines as spans of the text of `turns()`."""
        steps = []
        for number, (_, lines) in enumerate(self._parts()):
            at = 0
            for line in lines:
                steps.append(Step(number, at, at + len(line.text), line.claim, line.uses))
                at += len(line.text) + 2
        return tuple(steps)

    def _parts(self) -> Iterator[tuple[Turn, Sequence[Line]]]:
        """The turns, each with its lines."""
        start = 0
        for at, call in self.calls:
            thought, result = self.lines[start:at], self.lines[at]
            yield Turn("assistant", reasoning=_paragraphs(thought), tool_calls=(call,)), thought
            yield Turn("tool", content=result.text, tool_call_id=call.id), (result,)
            start = at + 1
        yield Turn("assistant", reasoning=_paragraphs(self.lines[start:]), content=self.closing), self.lines[start:]


def _paragraphs(lines: Sequence[Line]) -> str:
    return "\n\n".join(line.text for line in lines)


def as_trace(problem: Problem, solution: Solution, path: str, author: str = "audit") -> Trace:
    """The trace of a solution that no teacher was asked for, such as an audit's; `path` tells those of one problem
    apart."""
    turns, steps = solution.turns(), solution.steps()
    return Trace(
        id=trace_id(problem.id, author, author, path),
        digest=trace_digest(turns, steps, solution.flaw, "stop"),
        problem_id=problem.id,
        skill="skills",
        teacher=author,
        strategy=author,
        sample_index=0,
        path=path,
        turns=turns,
        finish_reason="stop",
        steps=steps,
        flaw=solution.flaw,
    )


@dataclass(frozen=True, slots=True)
class Misconception:
    """A mistake that people make in this task; `explanation` says what is wrong with it, in general."""

    name: str
    kind: MistakeKind
    explanation: str


class Task(Protocol):
    """A task. Its full name is `area.field.task`; a theme is the fourth part of a problem's domain.

    Most tasks derive from `tasks.kit.narrated_task.NarratedTask`, which gives all but `make`, `tell` and the oracle.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    summary: ClassVar[str]
    licence: ClassVar[str]
    language: ClassVar[str]
    """ISO 639 code of the language in which it writes, such as `en`. A task whose problems are solved with tools has an
    attribute `calls_tools` besides, which is true."""

    def missing(self) -> str | None:
        """What it needs and this machine lacks, with the command that brings it; None if it can be used. The class
        itself can always be made."""

    def notices(self) -> Sequence[Notice]:
        """For texts of others that its problems show: what the licences ask to go along with them."""

    @property
    def themes(self) -> tuple[str, ...]: ...

    @property
    def misconceptions(self) -> tuple[Misconception, ...]: ...

    @property
    def oracle(self) -> type[Oracle] | None:
        """The class of what judges its problems without sharing code with it: `task.oracle()` makes one. None: its
        solutions are labelled by construction, and the audit says so."""

    def capacity(self, band: tuple[float, float]) -> int | None:
        """How many distinct problems there are with a difficulty in `band`; None if there is no bound."""

    def make(self, request: Request) -> Draft | None:
        """Problem `request.index`, or none at an index beyond the capacity.

        Raises:
            RuntimeError: no problem was found there; the index is rejected with that reason.
        """

    def solve(self, problem: Problem, rng: Random, detail: Detail = "normal") -> Solution:
        """A right solution, in steps that each carry a claim. `rng` may vary method and wording, never truth."""

    def err(
        self, problem: Problem, misconceptions: Sequence[str], rng: Random, detail: Detail = "normal"
    ) -> Solution | None:
        """The solution of somebody with one of these misconceptions, followed through to its end: every step before the
        flaw is right, the step at `flaw.index` claims something false, the steps after it go on from there. It is the
        first of them with which that comes about (`flaw.kind` names it); None where none of these mistakes can be made
        in this problem."""

    def correct(
        self, problem: Problem, misconceptions: Sequence[str], rng: Random, detail: Detail = "normal"
    ) -> Solution | None:
        """A solution in which one of these mistakes, as in `err`, is made, noticed by a check, taken back (a claim of
        kind `retraction`) and mended, so that the answer is right. None where none of them can be made and noticed."""


def task_versions(task: Task) -> dict[str, str]:
    """What a task's problems and solutions depend on: its version and, where it has a property `wording`, as tasks on
    the kit have, what changes with every phrase and with how the kit puts them together."""
    return {"version": task.version, "wording": str(getattr(task, "wording", ""))}


def mistakes_in_turn(task: Task, rng: Random) -> list[str]:
    """The names of all misconceptions of a task, in random order: each has the same chance to be the first."""
    return [each.name for each in rng.sample(task.misconceptions, len(task.misconceptions))]
