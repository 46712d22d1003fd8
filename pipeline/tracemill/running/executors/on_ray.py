"""On a Ray cluster, or on the one that Ray starts in this process: Ray Data for stages, async actors for rollouts.

Workers reserve fractions of CPUs, so that a pool of them never starves the tasks upstream of it: with Ray Data such a
job hangs. The driver reserves nothing and is the only writer.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from tracemill.asking.rollouts import TAKE_SECONDS, Order, RolloutPlan, Worker
from tracemill.records.codec import decode, encode
from tracemill.records.finished import Chunk, chunk
from tracemill.running.executors.executor import R, T
from tracemill.running.stage import JudgeOrder, Stage, pack, unpack
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.settings.memory import settle
from tracemill.sources.source import WorkItem

BATCH = 32
WINDOW_BYTES = 32 << 20
RESERVED = 0.5
"""CPUs that a worker reserves; the other half is for the driver and Ray Data's own tasks."""
LIVES = 3
"""How often one batch of rollouts may lose its actor before the run gives up."""


class RayConfig(BaseModel):
    """`address`: of a running cluster; none starts one in this process (inside a job: the job's own cluster).
    `workers`: processes that work; none means one per CPU of the cluster."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["ray"]
    address: str | None = None
    workers: int | None = Field(default=None, ge=1)


class RayExecutor:
    Config = RayConfig

    def __init__(self, config: RayConfig) -> None:
        self.config = config
        self.workers = config.workers or 1
        self._ours = False

    def start(self) -> None:
        ray = _ray()
        if not ray.is_initialized():
            self._connect(ray)
            self._ours = True
        cpus = ray.cluster_resources().get("CPU", 0)
        self.workers = self.config.workers or max(1, int(cpus))
        if self.workers * RESERVED > cpus:
            raise UsageError(
                f"executor.workers={self.workers} reserve {self.workers * RESERVED:g} CPUs and the cluster has "
                f"{cpus:g}; set executor.workers to at most {int(cpus / RESERVED)}"
            )
        _quiet_data()

    def _connect(self, ray: Any) -> None:
        # Without "local", Ray would look for a cluster that some other program left its address of, alive or dead.
        address = self.config.address or os.environ.get("RAY_ADDRESS") or "local"
        here: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
        try:
            _knock(address)
            ray.init(address=address, log_to_driver=False, logging_level="ERROR", **here)
        except (RuntimeError, ValueError, OSError, ray.exceptions.RayError) as exc:
            raise UsageError(
                f"no Ray cluster answers at executor.address={address!r} ({str(exc).splitlines()[0][:200]}); "
                "start one with `ray start --head`, correct the address, or set executor.kind=local"
            ) from exc

    def run(self, stage: Stage, inputs: Iterable[WorkItem] | Iterable[JudgeOrder]) -> Iterator[Chunk]:
        """Windows of bounded size, each one execution of Ray Data, so that inputs never pile up in the object store."""
        for window in _windows(iter(inputs)):
            yield from self._run_window(stage, window)

    def _run_window(self, stage: Stage, window: list[pa.RecordBatch]) -> Iterator[Chunk]:
        import ray.data

        blocks = [pa.Table.from_batches([batch]) for batch in window]
        pool = ray.data.ActorPoolStrategy(size=min(self.workers, len(blocks)))
        results = ray.data.from_arrow(blocks).map_batches(
            _StageWorker,
            fn_constructor_args=(stage,),
            batch_format="pyarrow",
            batch_size=None,
            zero_copy_batch=True,
            compute=pool,
            num_cpus=RESERVED,
        )
        for batch in results.iter_batches(batch_format="pyarrow", batch_size=None, prefetch_batches=1):
            for row in batch.to_pylist():
                yield _unwire(row)

    def roll(self, plan: RolloutPlan, orders: Iterable[Order]) -> Iterator[Chunk]:
        pool = _Pool(plan, self.workers)
        try:
            yield from pool.roll(iter(orders))
        finally:
            pool.close()

    def map(self, function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
        """One input alone stays here: starting a worker takes longer."""
        waiting = iter(inputs)
        first = list(islice(waiting, 2))
        if len(first) < 2:
            yield from map(function, first)
            return
        ray = _ray()
        # A whole CPU each: nothing is upstream of these, and each process more takes 170 MB.
        task = ray.remote(num_cpus=1)(_settled)
        under_way: deque[Any] = deque()
        for one in chain(first, waiting):
            under_way.append(task.remote(function, one))
            if len(under_way) > self.workers:
                yield _result(under_way.popleft())
        while under_way:
            yield _result(under_way.popleft())

    def close(self) -> None:
        if self._ours:
            _ray().shutdown()
            self._ours = False


def _knock(address: str) -> None:
    """Ray itself tries a dead address for minutes.

    Raises:
        OSError: nothing listens there.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=5).close()


def _ray() -> Any:
    # What goes wrong comes back as an exception; Ray's own logs stay in its session folder.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as exc:
        raise UsageError(
            "executor.kind=ray needs the package ray; install tracemill again, or set it to local"
        ) from exc
    return ray


def _quiet_data() -> None:
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _settled(function: Callable[[T], R], one: T) -> R:
    settle()
    return function(one)


def _result(reference: Any) -> Any:
    """What a mapped function gave, or raised. Ray has tried again where a worker died.

    Raises:
        TracemillError: its workers died again and again.
    """
    from ray.exceptions import OutOfMemoryError, WorkerCrashedError

    try:
        return _ray().get(reference)
    except (OutOfMemoryError, WorkerCrashedError) as exc:
        raise TracemillError(
            f"a worker died several times over the same rows ({str(exc).splitlines()[0][:200]}); look at the worker's "
            "log (out of memory?), then run the build again: finished phases are kept"
        ) from exc


def _windows(inputs: Iterator[Any]) -> Iterator[list[pa.RecordBatch]]:
    window: list[pa.RecordBatch] = []
    while batch := list(islice(inputs, BATCH)):
        window.append(pack(batch))
        if sum(one.nbytes for one in window) >= WINDOW_BYTES:
            yield window
            window = []
    if window:
        yield window


class _StageWorker:
    """A stage inside one of Ray Data's actors: Arrow in, Arrow out."""

    def __init__(self, stage: Stage) -> None:
        settle()
        self.stage = stage
        stage.open()

    def __call__(self, batch: pa.Table) -> pa.Table:
        inputs = [one for part in batch.combine_chunks().to_batches() for one in unpack(part)]
        return _wire(chunk(self.stage.process(inputs)))


def _wire(result: Chunk) -> pa.Table:
    """A chunk as one row: Ray Data carries tables of one schema, a chunk has tables of several."""
    tables = [{"table": name, "stream": _stream(batch)} for name, batch in result.tables.items()]
    kind = pa.list_(pa.struct([("table", pa.string()), ("stream", pa.large_binary())]))
    return pa.table({"done": pa.array([list(result.done)], pa.list_(pa.string())), "tables": pa.array([tables], kind)})


def _stream(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _unwire(row: dict[str, Any]) -> Chunk:
    tables = {one["table"]: pa.ipc.open_stream(one["stream"]).read_next_batch() for one in row["tables"]}
    return Chunk(tuple(row["done"]), tables)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Orders on their way to an actor."""

    problems: pa.RecordBatch
    completions: pa.RecordBatch
    judged: tuple[str, ...]
    lives: int = LIVES

    @property
    def ids(self) -> list[str]:
        return self.problems.column("id").to_pylist()  # type: ignore[no-any-return]


def _pack_orders(orders: list[Order]) -> _Batch:
    return _Batch(
        encode("problems", [order.problem for order in orders]),
        encode("completions", [one for order in orders for one in order.completions.values()]),
        tuple(trace for order in orders for trace in order.judged),
    )


def _unpack_orders(batch: _Batch) -> list[Order]:
    completions: dict[str, dict[str, Any]] = {}
    for one in decode("completions", batch.completions):
        completions.setdefault(one.problem_id, {})[one.id] = one
    judged = frozenset(batch.judged)
    return [Order(problem, completions.get(problem.id, {}), judged) for problem in decode("problems", batch.problems)]


class _RolloutActor:
    """A rollout worker inside a Ray actor; calls overlap, so that the next batch fills the places of finished ones."""

    def __init__(self, plan: RolloutPlan) -> None:
        settle()
        self.worker = Worker(plan)

    async def roll(self, batch: _Batch) -> AsyncIterator[Chunk]:
        tasks = {asyncio.create_task(self.worker.roll(order)) for order in _unpack_orders(batch)}
        while tasks:
            finished, tasks = await asyncio.wait(tasks, timeout=TAKE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            result = self.worker.take()
            if result is not None:
                yield result
            for task in finished:
                task.result()

    async def close(self) -> None:
        await self.worker.close()


class _Pool:
    """The rollout actors, each at its place; the streams under way, with place, actor and batch of each; and the
    problems of these batches that have not come back yet."""

    def __init__(self, plan: RolloutPlan, size: int) -> None:
        ray = _ray()
        self.plan = plan
        self.actor_class = ray.remote(num_cpus=RESERVED)(_RolloutActor)
        self.actors = [self._start() for _ in range(size)]
        self.under_way: dict[Any, tuple[int, Any, _Batch]] = {}
        self.missing: set[str] = set()

    def _start(self) -> Any:
        return self.actor_class.remote(self.plan)

    def roll(self, orders: Iterator[Order]) -> Iterator[Chunk]:
        """Keeps two batches at each actor: one in its places, one to fill those that become free."""
        for place in range(2 * len(self.actors)):
            self._feed(place % len(self.actors), orders)
        while self.under_way:
            ready, _ = _ray().wait(list(self.under_way), num_returns=1)
            for stream in ready:
                result = self._next(stream, orders)
                if result is not None:
                    yield result

    def _feed(self, place: int, orders: Iterator[Order]) -> None:
        batch = list(islice(orders, BATCH))
        if batch:
            self._send(place, _pack_orders(batch))

    def _send(self, place: int, batch: _Batch) -> None:
        actor = self.actors[place]
        stream = actor.roll.options(num_returns="streaming").remote(batch)
        self.under_way[stream] = (place, actor, batch)
        self.missing.update(batch.ids)

    def _next(self, stream: Any, orders: Iterator[Order]) -> Chunk | None:
        from ray.exceptions import RayActorError

        try:
            result: Chunk = _ray().get(next(stream))
        except StopIteration:
            place, _, batch = self.under_way.pop(stream)
            self.missing.difference_update(batch.ids)
            self._feed(place, orders)
            return None
        except RayActorError as exc:
            place, dead, batch = self.under_way.pop(stream)
            if self.actors[place] is dead:
                self.actors[place] = self._start()
            self._ask_again(place, batch, exc)
            return None
        self.missing.difference_update(result.done)
        return result

    def _ask_again(self, place: int, batch: _Batch, cause: Exception) -> None:
        """Sends what died with its actor, less the problems that are finished."""
        if batch.lives <= 1:
            raise TracemillError(
                f"a rollout worker died {LIVES} times over the same {batch.problems.num_rows} problems ({cause}); "
                "look at the worker's log (out of memory?), then run the build again: finished rows are kept"
            ) from cause
        left = pc.is_in(batch.problems.column("id"), pa.array(sorted(self.missing), pa.string()))
        self._send(place, _Batch(batch.problems.filter(left), batch.completions, batch.judged, batch.lives - 1))

    def close(self) -> None:
        ray = _ray()
        for actor in self.actors:
            ray.kill(actor)
        self.actors = []
