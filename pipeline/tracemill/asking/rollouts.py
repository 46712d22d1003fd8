"""The traces phase: long-lived workers that ask a teacher, judge what comes back, and stream every row at once.

A worker keeps many rollouts in flight against one engine, so that no problem waits for the longest of a batch. It runs
in this process (`roll_here`) or inside a Ray actor (`executors/on_ray.py`). What earlier runs found comes with each
order; what it finds itself leaves through `Chunk`s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

from tracemill.asking.strategies.strategy import Strategy
from tracemill.asking.teachers.teacher import Call, Reply, Teacher
from tracemill.records import (
    Completion,
    Decision,
    Payload,
    Problem,
    Record,
    Trace,
    Verdict,
    completion_id,
    fingerprint,
)
from tracemill.records.codec import encode_all
from tracemill.records.finished import Chunk
from tracemill.settings.plugins import load
from tracemill.verifiers.verifier import Verifier, judged, make_verifier

TAKE_SECONDS = 1.0
"""Rows leave a worker at least this often, also while no rollout ends."""


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """What a worker needs, as names and configs that can be pickled. `in_flight`: rollouts at the same time."""

    teacher: Any
    strategy: Any
    verifiers: tuple[tuple[str, Payload], ...]
    in_flight: int = 64


@dataclass(frozen=True, slots=True)
class Order:
    """A problem to be asked, with the completions that earlier runs already have and the traces that are judged."""

    problem: Problem
    completions: Mapping[str, Completion] = field(default_factory=dict)
    judged: frozenset[str] = frozenset()


def make_verifiers(named: Iterable[tuple[str, Payload]]) -> list[Verifier]:
    return [make_verifier(name, parameters) for name, parameters in named]


class Worker:
    """A teacher, a strategy and the verifiers, with the rows that wait to be taken."""

    def __init__(self, plan: RolloutPlan) -> None:
        self.places = asyncio.Semaphore(plan.in_flight)
        self.teacher: Teacher = load("teacher", plan.teacher.kind)(plan.teacher)
        self.strategy: Strategy = load("strategy", plan.strategy.kind)(plan.strategy)
        self.verifiers = make_verifiers(plan.verifiers)
        self._records: list[Record] = []
        self._done: list[str] = []

    async def roll(self, order: Order) -> None:
        """Runs the strategy on one problem. What it finds waits in the worker until `take`."""
        async with self.places:
            await self._roll(order)

    async def _roll(self, order: Order) -> None:
        rollout = _Rollout(self, order)
        traces = await self.strategy.run(order.problem, rollout.ask, rollout.judge)
        if not traces:
            self._records.append(_unasked(order.problem, self.teacher.name))
        for trace in traces:
            if trace.id not in order.judged:
                await rollout.judge(trace)
                self._records.append(trace)
        # A rollout with a failed call is not done: the next run asks again.
        if all(trace.finish_reason != "error" for trace in traces):
            self._done.append(order.problem.id)

    def put(self, record: Record) -> None:
        self._records.append(record)

    def take(self) -> Chunk | None:
        """All rows found since the last call."""
        if not self._records and not self._done:
            return None
        chunk = Chunk(tuple(self._done), encode_all(self._records))
        self._records, self._done = [], []
        return chunk

    async def close(self) -> None:
        await self.teacher.close()
        for verifier in self.verifiers:
            verifier.close()


class _Rollout:
    """One problem's calls and verdicts: `ask` and `judge` as its strategy sees them."""

    def __init__(self, worker: Worker, order: Order) -> None:
        self.worker = worker
        self.order = order
        self.ask = _Ask(worker, order)
        self.verdicts: dict[str, list[Verdict]] = {}

    async def judge(self, trace: Trace) -> Sequence[Verdict]:
        """A trace that was judged in an earlier run is judged again when a strategy wants to know: of two rows with
        one id the first stays."""
        if trace.id not in self.verdicts:
            verifiers = self.worker.verifiers
            self.verdicts[trace.id] = [judged(verifier, self.order.problem, trace) for verifier in verifiers]
            for verdict in self.verdicts[trace.id]:
                self.worker.put(verdict)
        return self.verdicts[trace.id]


class _Ask:
    def __init__(self, worker: Worker, order: Order) -> None:
        self.worker = worker
        self.order = order
        self.fingerprint = worker.teacher.fingerprint

    def samples(self, wanted: int) -> int:
        return self.worker.teacher.samples(self.order.problem, wanted)

    async def __call__(
        self, call: str, messages: Sequence[Payload], sampling: Payload, sample_index: int = 0
    ) -> Completion:
        problem = self.order.problem
        for attempt in count():
            key = completion_id(problem.id, self.fingerprint, messages, sampling, call, attempt)
            known = self.order.completions.get(key)
            if known is None:
                break
            if known.finish_reason != "error":
                return known
        seed = int(fingerprint(key, digits=12), 16)
        completion = await self._answered(
            key, call, attempt, Call(problem, tuple(messages), sampling, sample_index, seed)
        )
        self.worker.put(completion)
        return completion

    async def _answered(self, key: str, call: str, attempt: int, question: Call) -> Completion:
        """The boundary of the teacher: whatever it raises becomes a completion with finish reason `error`."""
        teacher = self.worker.teacher
        try:
            reply = await teacher.answer(question)
        except Exception as exc:  # noqa: BLE001  a call that failed is data; the reason stands in its row
            text = f"{type(exc).__name__}: {exc}"[:500]
            return Completion(key, question.problem.id, call, teacher.name, None, "error", error=text, attempt=attempt)
        return completion_of(key, call, attempt, question.problem.id, teacher.name, reply)


def completion_of(key: str, call: str, attempt: int, problem_id: str, teacher: str, reply: Reply) -> Completion:
    return Completion(
        id=key,
        problem_id=problem_id,
        call=call,
        author=reply.author or teacher,
        turn=reply.turn,
        finish_reason=reply.finish_reason,
        steps=reply.steps,
        flaw=reply.flaw,
        prompt_tokens=reply.prompt_tokens,
        reasoning_tokens=reply.reasoning_tokens,
        completion_tokens=reply.completion_tokens,
        logprobs=reply.logprobs,
        seconds=reply.seconds,
        joules=reply.joules,
        error=reply.error,
        attempt=attempt,
        metadata=reply.metadata,
    )


def _unasked(problem: Problem, teacher: str) -> Decision:
    reason = f"the teacher {teacher} has no solution of it"
    return Decision(problem.id, "problem", False, reason, problem_id=problem.id)


def roll_here(plan: RolloutPlan, orders: Iterable[Order]) -> Iterator[Chunk]:
    """The traces phase in this process, `plan.in_flight` rollouts at a time."""
    loop = asyncio.new_event_loop()
    worker = Worker(plan)
    waiting = iter(orders)
    tasks: set[asyncio.Task[None]] = set()
    try:
        while True:
            tasks |= {loop.create_task(worker.roll(order)) for order in islice(waiting, plan.in_flight - len(tasks))}
            if not tasks:
                return
            waiting_for = asyncio.wait(tasks, timeout=TAKE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            finished, tasks = loop.run_until_complete(waiting_for)
            chunk = worker.take()
            if chunk is not None:
                yield chunk
            for failure in [task.exception() for task in finished]:
                if failure is not None:
                    raise failure
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(worker.close())
        loop.close()
