"""The traces phase on Ray: async actors that ask, each with actors of its own that judge beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tracemill.asking.asking_config import WorkerCounts
from tracemill.asking.judge_pool import JudgeHere, JudgePool, TraceJudges
from tracemill.asking.judge_work import JudgeWork, Named, TraceVerdicts, judge_all, make_verifiers
from tracemill.asking.rollouts import Order, RolloutPlan, Worker, answers_in
from tracemill.asking.strategies.strategy import SampleShare
from tracemill.records.codec import decode, encode
from tracemill.records.finished import Chunk
from tracemill.records.sizes import in_batches
from tracemill.settings.errors import TracemillError, TroubleError
from tracemill.settings.memory import tune_process

BATCH = 32
BATCH_BYTES = 8 << 20
"""Orders travel to an actor in batches; one ends with the order that reaches either bound."""
LIVES = 3
"""How often one batch of rollouts may lose its actor before the run gives up."""


@contextmanager
def causes() -> Iterator[None]:
    """Errors of ours that a worker raised arrive as they are, without Ray's traceback of the worker around them."""
    from ray.exceptions import RayTaskError

    try:
        yield
    except RayTaskError as exc:
        cause: BaseException | None = exc
        while isinstance(cause, RayTaskError) or (cause is not None and not isinstance(cause, TracemillError)):
            cause = getattr(cause, "cause", None) or cause.__cause__
        if cause is None:
            raise
        raise cause from None


@dataclass(frozen=True, slots=True)
class _Batch:
    """Orders on their way to an actor."""

    problems: pa.RecordBatch
    completions: pa.RecordBatch
    judged: tuple[str, ...]
    shares: dict[str, SampleShare]
    lives: int = LIVES

    @property
    def ids(self) -> list[str]:
        return self.problems.column("id").to_pylist()  # type: ignore[no-any-return]


def _pack_orders(orders: list[Order]) -> _Batch:
    return _Batch(
        encode("problems", [order.problem for order in orders]),
        encode("completions", [one for order in orders for one in order.completions.values()]),
        tuple(trace for order in orders for trace in order.judged),
        {order.problem.id: order.share for order in orders if order.share},
    )


def _unpack_orders(batch: _Batch) -> list[Order]:
    completions: dict[str, dict[str, Any]] = {}
    for one in decode("completions", batch.completions):
        completions.setdefault(one.problem_id, {})[one.id] = one
    judged = frozenset(batch.judged)
    return [
        Order(problem, completions.get(problem.id, {}), judged, batch.shares.get(problem.id))
        for problem in decode("problems", batch.problems)
    ]


class _JudgeActor:
    """Verifiers in an actor."""

    def __init__(self, named: Named) -> None:
        tune_process()
        self.verifiers = make_verifiers(named)

    def ready(self) -> None:
        return None

    def judge(self, work: Sequence[JudgeWork]) -> list[TraceVerdicts]:
        return judge_all(self.verifiers, work)


class RayJudge:
    """A `JudgeProcess` in the cluster."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor

    @classmethod
    async def start(cls, plan: RolloutPlan) -> RayJudge:
        import ray

        actor_class = ray.remote(num_cpus=plan.judging.cpus, num_gpus=plan.judging.gpus)(_JudgeActor)
        judge = cls(actor_class.remote(plan.verifiers))
        try:
            await judge._answer(judge.actor.ready.remote())
        except BaseException:
            await judge.close()
            raise
        return judge

    async def judge(self, work: Sequence[JudgeWork]) -> list[TraceVerdicts]:
        found: list[TraceVerdicts] = await self._answer(self.actor.judge.remote(list(work)))
        return found

    async def close(self) -> None:
        import ray

        if ray.is_initialized():
            ray.kill(self.actor)

    async def _answer(self, reference: Any) -> Any:
        from ray.exceptions import RayActorError

        try:
            with causes():
                return await reference
        except RayActorError as exc:
            raise TroubleError(f"the actor that judged died ({str(exc).splitlines()[0][:200]})") from exc


class _RolloutActor:
    """A rollout worker inside a Ray actor; calls overlap, so that the next batch fills the places of finished ones.

    It starts the actors that judge for it; they end with it.
    """

    def __init__(self, plan: RolloutPlan, counts: WorkerCounts) -> None:
        tune_process()
        self.worker = Worker(plan, _judges(plan, counts.judging_each), share=counts.asking)

    async def roll(self, batch: _Batch) -> AsyncIterator[Chunk | None]:
        """Chunks, and None as the last of all: a stream that ends without it has lost its actor."""
        orders = iter(_unpack_orders(batch))
        tasks: set[asyncio.Task[None]] = set()
        while tasks := tasks | {asyncio.create_task(begun) for begun in self.worker.begin(orders, len(tasks))}:
            tasks = await self.worker.rows_due(tasks)
            result = self.worker.take(more=bool(tasks))
            if result is not None:
                yield result
        if self.worker.failure is not None:
            raise self.worker.failure
        yield None

    async def kept(self, answers: int) -> None:
        self.worker.kept(answers)


def _judges(plan: RolloutPlan, size: int) -> TraceJudges:
    if size == 0:
        return JudgeHere(plan.verifiers)
    return JudgePool(partial(RayJudge.start, plan), size, plan.verifiers, plan.judging.stuck_seconds)


class RolloutPool:
    """The rollout actors, each at its place; the streams under way, with place, actor and batch of each; and the
    problems of these batches that have not come back yet. `failure`: what ends the run, when the streams have ended."""

    def __init__(self, plan: RolloutPlan, counts: WorkerCounts) -> None:
        import ray

        self.plan = plan
        self.counts = counts
        self.actor_class = ray.remote(num_cpus=plan.asking.cpus, num_gpus=plan.asking.gpus)(_RolloutActor)
        self.actors = [self._start() for _ in range(counts.asking)]
        self.under_way: dict[Any, tuple[int, Any, _Batch]] = {}
        self.missing: set[str] = set()
        self.orders: Iterator[list[Order]] = iter(())
        self.ended: set[Any] = set()
        self.failure: Exception | None = None

    def _start(self) -> Any:
        return self.actor_class.remote(self.plan, self.counts)

    def roll(self, orders: Iterator[Order]) -> Iterator[Chunk]:
        """Keeps at each actor one batch more than its calls in flight need, for the places that become free. Whoever
        asks for the next chunk has kept the last one."""
        import ray

        self.orders = in_batches(orders, BATCH, BATCH_BYTES, lambda order: order.bytes)
        calls = ceil(self.plan.asking.in_flight / len(self.actors))
        for _ in range(ceil(calls / BATCH) + 1):
            for place in range(len(self.actors)):
                self._feed(place)
        while self.under_way:
            ready, _ = ray.wait(list(self.under_way), num_returns=1)
            for stream in ready:
                _, actor, _ = self.under_way[stream]
                result = self._next(stream)
                if result is not None:
                    yield result
                    if answers := answers_in(result):
                        actor.kept.remote(answers)
        if self.failure is not None:
            raise self.failure

    def _feed(self, place: int) -> None:
        if self.failure is None and (batch := next(self.orders, None)):
            self._send(place, _pack_orders(batch))

    def _send(self, place: int, batch: _Batch) -> None:
        actor = self.actors[place]
        stream = actor.roll.options(num_returns="streaming").remote(batch)
        self.under_way[stream] = (place, actor, batch)
        self.missing.update(batch.ids)

    def _next(self, stream: Any) -> Chunk | None:
        import ray
        from ray.exceptions import RayActorError

        try:
            with causes():
                result: Chunk | None = ray.get(next(stream))
        except StopIteration as exc:
            place, dead, batch = self.under_way.pop(stream)
            if stream not in self.ended:
                self._lost(place, dead, batch, exc)
                return None
            self.ended.remove(stream)
            self.missing.difference_update(batch.ids)
            self._feed(place)
            return None
        except RayActorError as exc:
            self._lost(*self.under_way.pop(stream), exc)
            return None
        except Exception as exc:  # noqa: BLE001  raised when the other streams have ended: their rows may have been paid
            self.under_way.pop(stream)
            self.failure = self.failure or exc
            return None
        if result is None:
            self.ended.add(stream)
            return None
        self.missing.difference_update(result.done)
        return result

    def _lost(self, place: int, dead: Any, batch: _Batch, cause: Exception) -> None:
        """Sends what died with its actor, less the problems that are finished, to another one."""
        if self.actors[place] is dead:
            self.actors[place] = self._start()
        if batch.lives <= 1:
            raise TracemillError(
                f"a rollout worker died {LIVES} times over the same {batch.problems.num_rows} problems ({cause}); "
                "look at the worker's log (out of memory?), then run the build again: finished rows are kept"
            ) from cause
        left = pc.is_in(batch.problems.column("id"), pa.array(sorted(self.missing), pa.string()))
        self._send(place, replace(batch, problems=batch.problems.filter(left), lives=batch.lives - 1))

    def close(self) -> None:
        import ray

        # An abandoned stream may be closed when the runtime has ended, and its actors with it: to ask Ray then would
        # start, or look for, another cluster.
        if ray.is_initialized():
            for actor in self.actors:
                ray.kill(actor)
        self.actors = []
