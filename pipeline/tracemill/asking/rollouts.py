"""The traces phase: long-lived workers that ask a teacher, judge what comes back, and stream every row at once.

A worker keeps many rollouts in flight against one engine, so that no problem waits for the longest of a batch. It runs
in this process (`rollouts_here.py`) or inside a Ray actor (`executors/rollouts_on_ray.py`); its traces are judged
beside it (`judge_pool.py`). What earlier runs found comes with each order; what it finds itself leaves through
`Chunk`s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from math import ceil
from typing import Any, NamedTuple

from tracemill.asking.asking_config import AskingConfig, JudgingConfig, ServersReserve, WorkerCounts, worker_counts
from tracemill.asking.judge_pool import TraceJudges
from tracemill.asking.judge_work import Named
from tracemill.asking.strategies.strategy import SampleShare, Strategy
from tracemill.asking.teachers.teacher import Call, Reply, Teacher, refuse_unstorable, wrong_in
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
from tracemill.records.sizes import held_bytes
from tracemill.settings.failures import Failure, classified, expected
from tracemill.settings.plugins import load

TAKE_SECONDS = 0.1
"""Rows leave a worker this often: each time has a cost that does not depend on how many they are."""
EMBEDDED_WAITS = 10
"""With an embedded teacher they wait so many times as long: it makes a hundred in a second, and asking it again costs
nothing but that."""
IDLE_PLACES = 1 / 32
"""They leave at once when the places of so large a part of the calls in flight wait for it, where a model is asked:
its idle places would cost more."""
HELD_BYTES = 32 << 20
"""While the rollouts under way hold more than this, a worker begins no other: beside the number of calls in flight, the
bound for long texts."""


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """What a worker needs, as names and configs that can be pickled. `required`: the verifiers that must verify a trace
    before a strategy counts it as verified; all of them where none is named."""

    teacher: Any
    strategy: Any
    verifiers: Named
    asking: AskingConfig = field(default_factory=AskingConfig)
    judging: JudgingConfig = field(default_factory=JudgingConfig)
    required: tuple[str, ...] = ()

    @property
    def embedded(self) -> bool:
        """Whether the teacher computes within the worker."""
        return bool(load("teacher", self.teacher.kind).embedded)

    @property
    def servers(self) -> ServersReserve | None:
        """What servers reserve that the teacher starts on a cluster, where it starts any."""
        return getattr(self.teacher, "reserves", None)

    def worker_counts(self, workers: int) -> WorkerCounts:
        """How many ask and judge, where the executor has so many `workers`."""
        return worker_counts(self.asking, self.judging, self.embedded, workers)


@dataclass(frozen=True, slots=True)
class Order:
    """A problem to be asked, with the completions that earlier runs already have and the traces that are judged; and,
    where the strategy works in rounds, what this round gives it."""

    problem: Problem
    completions: Mapping[str, Completion] = field(default_factory=dict)
    judged: frozenset[str] = frozenset()
    share: SampleShare | None = None

    @property
    def bytes(self) -> int:
        return held_bytes(self.problem) + sum(map(held_bytes, self.completions.values()))


class Worker:
    """A teacher, a strategy and who judges, with the rows that wait to be taken.

    `share`: of how many such workers it is one; each has so large a part of the calls in flight. A call has its place
    until its row is kept, so that a kill costs no more calls than there are `places`. `failure`: what ends the run;
    from then on no call begins, and those under way go on to their end, for they may have been paid. `held`: bytes of
    the problems and completions of the rollouts under way.
    """

    def __init__(self, plan: RolloutPlan, judges: TraceJudges, share: int = 1) -> None:
        self.plan = plan
        self.judges = judges
        self.teacher: Teacher = load("teacher", plan.teacher.kind)(plan.teacher)
        self.strategy: Strategy = load("strategy", plan.strategy.kind)(plan.strategy)
        in_flight = ceil(plan.asking.in_flight / share)
        self.places = asyncio.Semaphore(in_flight)
        # So many answered calls may wait to be kept before their rows must be stored.
        self._enough = in_flight if plan.embedded else ceil(in_flight * IDLE_PLACES)
        # Rollouts that are held at most: where others judge, half of them may wait for verdicts while calls are made.
        self.most = in_flight if plan.embedded else 2 * in_flight
        # So many rollouts end before others begin: one, where each keeps a teacher waiting.
        self._together = max(1, self.most // 8) if plan.embedded else 1
        self._woken = asyncio.Event()
        self._ended = self._under_way = 0
        self.failure: Exception | None = None
        self.held = 0
        self._waits = TAKE_SECONDS * (EMBEDDED_WAITS if plan.embedded else 1)
        self._taken = time.monotonic()
        self._records: list[Record] = []
        self._answers = 0
        self._done: list[str] = []

    def begin(self, orders: Iterator[Order], under_way: int) -> Iterator[Coroutine[Any, Any, None]]:
        """The rollouts for which there is room beside the `under_way`, and always one where none is."""
        while self.failure is None and under_way < self.most and (self.held < HELD_BYTES or not under_way):
            order = next(orders, None)
            if order is None:
                return
            under_way += 1
            self._under_way += 1
            self.held += order.bytes
            yield self._roll_and_release(order)

    async def _roll_and_release(self, order: Order) -> None:
        try:
            await self.roll(order)
        finally:
            self.held -= order.bytes
            self._ended += 1
            self._under_way -= 1
            if self._ended >= self._together or not self._under_way:
                self._woken.set()

    async def roll(self, order: Order) -> None:
        """Runs the strategy on one problem. What it finds waits in the worker until `take`."""
        self.judges.open()
        rollout = _Rollout(self, order)
        try:
            traces = await rollout.ask_all()
            if traces is not None and await rollout.judge_all(traces):
                self._done.append(order.problem.id)
        except Exception as exc:  # noqa: BLE001  raised by whoever drives the worker, when the others are done
            self.failure = self.failure or exc
        finally:
            self.held -= rollout.ask.answered

    def ends(self, exc: BaseException) -> bool:
        """Whether an exception comes of our ending the task under way. A plugin's own CancelledError does not: passed
        on, it would end its rollout without a word, and the run as if it were done."""
        task = asyncio.current_task()
        ours = self.failure is not None or (task is not None and task.cancelling() > 0)
        return isinstance(exc, asyncio.CancelledError) and ours

    def put(self, record: Record) -> None:
        self._records.append(record)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """For a call and `put_answer`: where that is done, the place is given on by `kept`."""
        await self.places.acquire()
        try:
            yield
        except BaseException:
            self.places.release()
            raise

    def put_answer(self, completion: Completion) -> None:
        self.put(completion)
        self._answers += 1
        if self._answers >= self._enough:
            self._woken.set()

    async def rows_due(self, tasks: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Waits until a rollout ends (of a teacher that keeps nobody waiting, until several have), until many answers
        wait to be kept, or for `TAKE_SECONDS`. Returns the rollouts that go on."""
        self._woken.clear()
        self._ended = sum(task.done() for task in tasks)
        if self._answers < self._enough and self._ended < min(self._together, len(tasks)):
            with suppress(TimeoutError):
                async with asyncio.timeout(TAKE_SECONDS):
                    await self._woken.wait()
        return {task for task in tasks if not task.done()}

    def take(self, more: bool) -> Chunk | None:
        """All rows that were found, to be followed by `kept`; None where there are none. While `more` are coming, also
        where it is too early (`TAKE_SECONDS`, `EMBEDDED_WAITS`, `IDLE_PLACES`)."""
        due = not more or self._answers >= self._enough or time.monotonic() - self._taken >= self._waits
        if not due or (not self._records and not self._done):
            return None
        self._taken = time.monotonic()
        chunk = Chunk(tuple(self._done), encode_all(self._records))
        self._records, self._done, self._answers = [], [], 0
        return chunk

    def kept(self, answers: int) -> None:
        """So many `answers_in` chunks that were taken are where a kill does not reach them: as many calls may begin."""
        for _ in range(answers):
            self.places.release()

    async def close(self) -> None:
        try:
            await self.teacher.close()
        finally:
            await self.judges.close()


class _Rollout:
    """One problem's calls and verdicts: `ask` and `judge` as its strategy sees them."""

    def __init__(self, worker: Worker, order: Order) -> None:
        self.worker = worker
        self.order = order
        self.ask = _Ask(worker, order)
        self.judge = _Judge(worker, order.problem)

    async def ask_all(self) -> Sequence[Trace] | None:
        """The strategy's traces; None where it had trouble, so that the problem is asked again."""
        worker, problem = self.worker, self.order.problem
        whole = getattr(worker.strategy, "calls_tools", False) or getattr(worker.teacher, "gives_conversations", False)
        if problem.tools and not whole:
            strategy = worker.plan.strategy.kind
            worker.put(
                _unasked(problem, f"it is solved with tools, and the strategy {strategy} calls none; take agent")
            )
            return ()
        try:
            traces = await worker.strategy.run(problem, self.ask, self.judge)
        except BaseException as exc:
            if worker.ends(exc):
                raise
            failure = classified("strategy", worker.plan.strategy.kind, exc)
            if failure.kind == "trouble":
                return None
            worker.put(_unasked(problem, f"the strategy {worker.strategy.name} gave up: {failure.reason}"))
            return ()
        if not traces and not (self.order.share and self.order.share.first):
            worker.put(_unasked(problem, f"the teacher {worker.teacher.name} has no solution of it"))
        return traces

    async def judge_all(self, traces: Sequence[Trace]) -> bool:
        """Whether the problem is done: one with a failed call is not, and the next run asks again."""
        new = [trace for trace in traces if trace.id not in self.order.judged]
        if not self.worker.plan.verifiers:
            for trace in new:
                self.worker.put(trace)
            return all(trace.finish_reason != "error" for trace in traces)
        # As each is judged, its row leaves together with its verdicts.
        judging = [asyncio.create_task(self._finish(trace)) for trace in new]
        try:
            await asyncio.gather(*judging)
        except BaseException:
            # After a bug the others would meet it too; none may be left over when the loop is closed.
            for task in judging:
                task.cancel()
            await asyncio.gather(*judging, return_exceptions=True)
            raise
        return all(trace.finish_reason != "error" for trace in traces)

    async def _finish(self, trace: Trace) -> None:
        await self.judge(trace)
        self.worker.put(trace)


class _Judge:
    def __init__(self, worker: Worker, problem: Problem) -> None:
        self.worker = worker
        self.problem = problem
        self.required = worker.plan.required or tuple(name for name, _ in worker.plan.verifiers)
        self._verdicts: dict[str, asyncio.Task[Sequence[Verdict]]] = {}

    async def __call__(self, trace: Trace) -> Sequence[Verdict]:
        """A trace that was judged in an earlier run is judged again when a strategy wants to know: of two rows with
        one id the first stays."""
        if trace.id not in self._verdicts:
            self._verdicts[trace.id] = asyncio.create_task(self._kept(trace))
        return await self._verdicts[trace.id]

    async def unkept(self, trace: Trace) -> Sequence[Verdict]:
        return await self.worker.judges.judge(self.problem, trace)

    async def _kept(self, trace: Trace) -> Sequence[Verdict]:
        verdicts = await self.unkept(trace)
        for verdict in verdicts:
            self.worker.put(verdict)
        return verdicts


class _Asked(NamedTuple):
    """Who is asked, and how it is called: what answers for it (a plugin), its name, and the path of the call."""

    thing: str
    plugin: str
    author: str
    call: str


class _Ask:
    def __init__(self, worker: Worker, order: Order) -> None:
        self.worker = worker
        self.order = order
        self.fingerprint = worker.teacher.fingerprint
        self.share = order.share
        self.answered = 0
        """Bytes of the completions that came back."""

    def samples(self, wanted: int) -> int:
        return self.worker.teacher.samples(self.order.problem, wanted)

    async def __call__(
        self, call: str, messages: Sequence[Payload], sampling: Payload, sample_index: int = 0
    ) -> Completion:
        teacher, problem = self.worker.teacher, self.order.problem

        async def answered(seed: int) -> Reply:
            return await teacher.answer(Call(problem, tuple(messages), sampling, sample_index, seed))

        asked = _Asked("teacher", self.worker.plan.teacher.kind, teacher.name, call)
        return await self._journaled(asked, (self.fingerprint, messages, sampling), answered)

    async def other(
        self, call: str, asked: str, question: Payload, answer: Callable[[], Awaitable[Reply]]
    ) -> Completion:
        named = _Asked("strategy", self.worker.plan.strategy.kind, asked, call)
        return await self._journaled(named, (asked, question, {}), lambda _: answer())

    async def _journaled(
        self, asked: _Asked, question: tuple[str, Any, Payload], answer: Callable[[int], Awaitable[Reply]]
    ) -> Completion:
        """The completion that an earlier run has, or a new one, which is then kept."""
        for attempt in count():
            key = completion_id(self.order.problem.id, *question, asked.call, attempt)
            known = self.order.completions.get(key)
            if known is None:
                break
            if known.finish_reason != "error":
                return known
        seed = int(fingerprint(key, digits=12), 16)
        async with self.worker.place():
            completion = await self._answered(key, asked, attempt, partial(answer, seed))
            self.worker.put_answer(completion)
        size = held_bytes(completion)
        self.answered += size
        self.worker.held += size
        return completion

    async def _answered(
        self, key: str, asked: _Asked, attempt: int, answer: Callable[[], Awaitable[Reply]]
    ) -> Completion:
        """The boundary of the teacher: what it raises becomes a completion with finish reason `error`, unless it is
        a bug."""
        problem = self.order.problem.id
        try:
            if self.worker.failure is not None:
                raise asyncio.CancelledError("the run ends, and this call has not begun")
            # An embedded teacher never waits: without this all samples of a problem would be made in one go of the
            # loop, and no row would leave meanwhile.
            await asyncio.sleep(0)
            reply = expected(asked.thing, asked.plugin, await answer(), Reply, wrong_in)
            refuse_unstorable(reply)
        except BaseException as exc:
            if self.worker.ends(exc):
                raise
            failure = classified(asked.thing, asked.plugin, exc)
            return _failed(key, asked.call, attempt, problem, asked.author, failure)
        return completion_of(key, asked.call, attempt, problem, asked.author, reply)


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
        before=reply.before,
        labels=reply.labels,
    )


def _failed(key: str, call: str, attempt: int, problem_id: str, teacher: str, failure: Failure) -> Completion:
    return Completion(key, problem_id, call, teacher, None, "error", error=failure.reason, attempt=attempt)


def _unasked(problem: Problem, reason: str) -> Decision:
    return Decision(problem.id, "problem", False, reason, problem_id=problem.id)


def answers_in(chunk: Chunk) -> int:
    """The calls whose rows it has."""
    return chunk.tables["completions"].num_rows if "completions" in chunk.tables else 0
