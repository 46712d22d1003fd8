"""The embedded teacher: a task's own solver. Exact, every step entailed, no model, no network."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.asking.teachers.teacher import Call, Reply, count_pieces
from tracemill.records import Payload, Problem, ToolCall, Turn, canonical_json, fingerprint
from tracemill.settings.errors import TracemillError
from tracemill.settings.failures import expected, made
from tracemill.settings.plugins import installed
from tracemill.tasks.task import DETAILS, Solution, Task, mistakes_in_turn

_CONVERSATIONS = 256


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
        self._conversations: dict[tuple[str, int], Solution] = {}

    @property
    def fingerprint(self) -> str:
        return fingerprint("symbolic", self.config.model_dump())

    def samples(self, problem: Problem, wanted: int) -> int:
        return wanted if problem.domain.rpartition(".")[0] in installed("task") else 0

    async def answer(self, call: Call) -> Reply:
        """A turn of a conversation with tools is the one that follows those that the messages have."""
        solution = self._kept(call) if call.problem.tools else self._solution(call, random.Random(call.seed))
        turns, place = solution.turns(), 0
        if call.problem.tools:
            place = _place(call.messages, turns)
        turn = turns[place]
        return Reply(
            turn=turn,
            finish_reason="tool_calls" if turn.tool_calls else "stop",
            steps=tuple(replace(one, turn=one.turn - place) for one in solution.steps() if 0 <= one.turn - place <= 1),
            flaw=solution.flaw,
            prompt_tokens=sum(count_pieces(message["content"]) for message in call.messages),
            reasoning_tokens=count_pieces(turn.reasoning),
            completion_tokens=count_pieces(turn.text) + sum(count_pieces(_called(one)) for one in turn.tool_calls),
            metadata={"licence": self._domain(call.problem).licence, "detail": solution.detail}
            | ({"relation": solution.relation} if solution.relation else {}),
        )

    async def close(self) -> None:
        return None

    def _kept(self, call: Call) -> Solution:
        """The whole conversation, of which each call asks for a turn: kept until the next one asks."""
        key = (call.problem.id, call.sample_index)
        if key not in self._conversations:
            if len(self._conversations) >= _CONVERSATIONS:
                self._conversations.clear()
            seed = int(fingerprint(self.fingerprint, *key, digits=12), 16)
            self._conversations[key] = self._solution(call, random.Random(seed))
        return self._conversations[key]

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


def _called(call: ToolCall) -> str:
    return f"{call.name} {canonical_json(call.arguments)}"


def _place(messages: Sequence[Payload], turns: Sequence[Turn]) -> int:
    """Which turn of the conversation comes next.

    Raises:
        TracemillError: a tool gave something else than when the task solved the problem.
    """
    last = max(at for at, message in enumerate(messages) if message["role"] == "user")
    had = messages[last + 1 :]
    for message, turn in zip(had, turns, strict=False):
        if message["role"] != turn.role or (turn.role == "tool" and message["content"] != turn.content):
            raise TracemillError(
                f"the conversation goes otherwise than the task's own: {str(message['content'])[:200]!r} stands where "
                f"{turn.content[:200]!r} did"
            )
    if len(had) >= len(turns):
        raise TracemillError("the conversation has ended, and the task has no more to say")
    return len(had)
