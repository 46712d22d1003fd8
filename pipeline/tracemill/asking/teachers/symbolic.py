"""The embedded teacher: a task's own solver. Exact, every step entailed, no model, no network."""

from __future__ import annotations

import random
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.asking.teachers.teacher import Call, Reply, count_pieces
from tracemill.records import Problem, fingerprint
from tracemill.settings.errors import TracemillError
from tracemill.settings.failures import expected, made
from tracemill.settings.plugins import installed
from tracemill.tasks.task import DETAILS, Solution, Task, mistakes_in_turn


class SymbolicConfig(BaseModel):
    """`mistakes`: the chance that a sample after the first comes from somebody with a misconception. The sample is
    right where none of them leads to a wrong solution that is as long as a right one.
    `corrections`: the chance that such a sample notices its mistake, takes it back and ends rightly."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["symbolic"]
    mistakes: float = Field(default=0.0, ge=0, le=1)
    corrections: float = Field(default=0.0, ge=0, le=1)


class SymbolicTeacher:
    """Sample 0 is always a right solution; each further one is flawed with the chance that the config gives. Every
    sample has a level of detail of its own."""

    Config = SymbolicConfig
    embedded = True
    unkeyed: ClassVar[frozenset[str]] = frozenset()
    name = "symbolic"

    def __init__(self, config: SymbolicConfig) -> None:
        self.config = config
        self._domains: dict[str, Task] = {}

    @property
    def fingerprint(self) -> str:
        return fingerprint("symbolic", self.config.model_dump())

    def samples(self, problem: Problem, wanted: int) -> int:
        return wanted if problem.domain.rpartition(".")[0] in installed("task") else 0

    async def answer(self, call: Call) -> Reply:
        rng = random.Random(call.seed)
        solution = self._solution(call, rng)
        turn = solution.turn()
        return Reply(
            turn=turn,
            steps=solution.steps(),
            flaw=solution.flaw,
            prompt_tokens=sum(count_pieces(message["content"]) for message in call.messages),
            reasoning_tokens=count_pieces(turn.reasoning),
            completion_tokens=count_pieces(turn.text),
            metadata={"licence": self._domain(call.problem).licence, "detail": solution.detail}
            | ({"relation": solution.relation} if solution.relation else {}),
        )

    async def close(self) -> None:
        return None

    def _solution(self, call: Call, rng: random.Random) -> Solution:
        domain, detail = self._domain(call.problem), rng.choice(DETAILS)
        if call.sample_index > 0 and rng.random() < self.config.mistakes:
            wrong = domain.correct if rng.random() < self.config.corrections else domain.err
            flawed = wrong(call.problem, mistakes_in_turn(domain, rng), rng, detail)
            if flawed is not None:
                return expected("task", domain.name, flawed, Solution)
        return expected("task", domain.name, domain.solve(call.problem, rng, detail), Solution)

    def _domain(self, problem: Problem) -> Task:
        task = problem.domain.rpartition(".")[0]
        if task not in self._domains:
            if task not in installed("task"):
                raise TracemillError(f"the symbolic teacher knows no domain {task!r}; use a source of kind 'domains'")
            self._domains[task] = made("task", task)
        return self._domains[task]
