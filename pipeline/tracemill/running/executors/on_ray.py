"""On a Ray cluster, or on the one that Ray starts in this process: Ray Data for stages, tasks for mapped functions; the
rollouts are in `rollouts_on_ray.py`.

Workers reserve fractions of CPUs, so that a pool of them never starves the tasks upstream of it: with Ray Data such a
job hangs. The driver reserves nothing and is the only writer.
"""

from __future__ import annotations

import logging
import os
import pickle
import shutil
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from typing import Any, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.records.finished import Chunk, chunk
from tracemill.running.executors.capacity import Capacity, refuse_lack
from tracemill.running.executors.executor import R, T
from tracemill.running.executors.ray_address import knock, resolve, unreachable
from tracemill.running.executors.rollouts_on_ray import RolloutPool, causes
from tracemill.running.stage import JudgeOrder, Stage, batches, pack, unpack
from tracemill.sandbox.shared import VARIABLE
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.settings.failures import naming_plugins
from tracemill.settings.memory import tune_process
from tracemill.sources.source import WorkItem

WINDOW_BYTES = 32 << 20
RESERVED = 0.5
"""CPUs that a worker reserves; the other half is for the driver and Ray Data's own tasks."""
AHEAD = 8
"""Mapped inputs under way for each worker, at most, while the result that comes next takes long."""


class RayConfig(BaseModel):
    """`address`: of a running cluster; none starts one in this process (inside a job: the job's own cluster).
    `workers`: processes that work; none means one per CPU of the cluster."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["ray"]
    address: str | None = None
    workers: int | None = Field(default=None, ge=1, le=100_000)


class RayExecutor:
    Config = RayConfig

    def __init__(self, config: RayConfig) -> None:
        self.config = config
        self.workers = config.workers or 1
        self._ours = False
        self._scratch: str | None = None

    def start(self) -> None:
        ray = _ray()
        if not ray.is_initialized():
            self._connect(ray)
            self._ours = True
        cpus = ray.cluster_resources().get("CPU", 0)
        self.workers = self.config.workers or max(1, int(cpus))
        # Ray Data waits for ever where its actors reserve all there is: one CPU stays free, where there are several.
        most = max(1, int((cpus - 1) / RESERVED)) if cpus >= RESERVED else 0
        if self.workers > most:
            raise UsageError(
                f"executor.workers={self.workers} reserve {self.workers * RESERVED:g} CPUs and the cluster has "
                f"{cpus:g}, of which one must stay free; set executor.workers to at most {most}"
            )
        _quiet_data()

    def check(self, plan: RolloutPlan) -> None:
        ray = _ray()
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        cpus, gpus = ([node.get(kind, 0) for node in nodes] for kind in ("CPU", "GPU"))
        there = Capacity("the cluster", sum(cpus), sum(gpus), max(cpus), max(gpus))
        refuse_lack(plan.asking, plan.judging, plan.worker_counts(self.workers), there, plan.servers)

    def _connect(self, ray: Any) -> None:
        address = resolve(self.config.address)
        here: dict[str, Any] = {"include_dashboard": False} if address.value == "local" else {}
        # Workers of a cluster of ours inherit it; those of others are given it.
        passed = {} if here else {"runtime_env": {"env_vars": {VARIABLE: os.environ.get(VARIABLE, "{}")}}}
        knock(address)
        try:
            with ExitStack() as stack:
                stack.enter_context(_own_sigterm())
                if here:
                    self._scratch = tempfile.mkdtemp(prefix="tracemill-")
                    stack.enter_context(_workers_write_to(self._scratch))
                ray.init(address=address.value, log_to_driver=False, logging_level="ERROR", **here, **passed)
        except Exception as exc:
            # Also a bare Exception: "The current node timed out during startup".
            raise unreachable(address, str(exc)) from exc

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
        pool = RolloutPool(plan, plan.worker_counts(self.workers))
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
            while len(under_way) > self.workers:
                # As many as there are workers are left: no worker waits for an input while the first result takes long.
                done, _ = ray.wait(list(under_way), num_returns=len(under_way) - self.workers)
                if under_way[0] not in done and len(under_way) < AHEAD * self.workers:
                    break
                yield _result(under_way.popleft())
        while under_way:
            yield _result(under_way.popleft())

    def close(self) -> None:
        if self._ours:
            _ray().shutdown()
            self._ours = False
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None


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


@contextmanager
def _workers_write_to(folder: str) -> Iterator[None]:
    """Processes that start within have their temporary files there. Ray ends its workers, and what they started, by
    SIGKILL, so that none of them removes its own. Ray's own files stay where they would be."""
    before = {name: os.environ.get(name) for name in ("TMPDIR", "RAY_TMPDIR")}
    os.environ["RAY_TMPDIR"] = before["RAY_TMPDIR"] or before["TMPDIR"] or "/tmp"
    os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _own_sigterm() -> Iterator[None]:
    """Ray sets a handler that exits with status 15 wherever the program stands. Ours, set before, ends a run as an
    interrupt does; only the main thread can set one."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _quiet_data() -> None:
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _settled(function: Callable[[T], R], one: T) -> R:
    tune_process()
    with naming_plugins():
        return function(one)


def _result(reference: Any) -> Any:
    """What a mapped function gave, or raised. Ray has tried again where a worker died.

    Raises:
        TracemillError: its workers died again and again.
    """
    from ray.exceptions import OutOfMemoryError, WorkerCrashedError

    try:
        with causes():
            return _ray().get(reference)
    except (OutOfMemoryError, WorkerCrashedError) as exc:
        raise TracemillError(
            f"a worker died several times over the same rows ({str(exc).splitlines()[0][:200]}); look at the worker's "
            "log (out of memory?), then run the build again: finished phases are kept"
        ) from exc


def _windows(inputs: Iterator[Any]) -> Iterator[list[pa.RecordBatch]]:
    window: list[pa.RecordBatch] = []
    for batch in batches(inputs):
        window.append(pack(batch))
        if sum(one.nbytes for one in window) >= WINDOW_BYTES:
            yield window
            window = []
    if window:
        yield window


class _StageWorker:
    """A stage inside one of Ray Data's actors: Arrow in, Arrow out."""

    def __init__(self, stage: Stage) -> None:
        tune_process()
        self.stage = stage
        stage.open()

    def __call__(self, batch: pa.Table) -> pa.Table:
        inputs = [one for part in batch.combine_chunks().to_batches() for one in unpack(part)]
        try:
            with naming_plugins():
                return _wire(chunk(self.stage.process(inputs)))
        except TracemillError as exc:
            # As a row: Ray Data would wrap it so that only its text arrives.
            return _wire(Chunk((), {}), pickle.dumps(exc))


def _wire(result: Chunk, error: bytes | None = None) -> pa.Table:
    """A chunk as one row: Ray Data carries tables of one schema, a chunk has tables of several. `error`: what ended the
    stage, pickled."""
    tables = [{"table": name, "stream": _stream(batch)} for name, batch in result.tables.items()]
    kind = pa.list_(pa.struct([("table", pa.string()), ("stream", pa.large_binary())]))
    return pa.table(
        {
            "done": pa.array([list(result.done)], pa.list_(pa.string())),
            "tables": pa.array([tables], kind),
            "error": pa.array([error], pa.binary()),
        }
    )


def _stream(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _unwire(row: dict[str, Any]) -> Chunk:
    if row["error"] is not None:
        raise pickle.loads(row["error"])
    tables = {one["table"]: pa.ipc.open_stream(one["stream"]).read_next_batch() for one in row["tables"]}
    return Chunk(tuple(row["done"]), tables)
