"""The traces phase in this process; `executors/rollouts_on_ray.py` does it in Ray's actors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from tracemill.asking.judge_pool import JudgeHere, JudgePool, TraceJudges
from tracemill.asking.judge_process import LocalJudge
from tracemill.asking.rollouts import Order, RolloutPlan, Worker, answers_in
from tracemill.records.finished import Chunk


def roll_here(plan: RolloutPlan, orders: Iterable[Order], workers: int = 1) -> Iterator[Chunk]:
    """The rows of every rollout, as they come. With a teacher that is not embedded, up to `workers` processes judge.
    Whoever asks for the next chunk has kept the last one."""
    loop = asyncio.new_event_loop()
    worker = Worker(plan, _judges_here(plan, workers))
    waiting = iter(orders)
    tasks: set[asyncio.Task[None]] = set()
    due: asyncio.Task[set[asyncio.Task[None]]] | None = None
    try:
        while True:
            tasks |= {loop.create_task(begun) for begun in worker.begin(waiting, len(tasks))}
            if not tasks:
                break
            due = loop.create_task(worker.rows_due(tasks))
            tasks = loop.run_until_complete(due)
            chunk = worker.take(more=bool(tasks))
            if chunk is not None:
                yield chunk
                worker.kept(answers_in(chunk))
        if worker.failure is not None:
            raise worker.failure
    finally:
        try:
            _end(loop, tasks if due is None else {*tasks, due}, worker)
        finally:
            loop.close()


def _judges_here(plan: RolloutPlan, workers: int) -> TraceJudges:
    size = plan.worker_counts(workers).judging_each
    if size == 0:
        return JudgeHere(plan.verifiers)
    return JudgePool(partial(LocalJudge.start, plan.verifiers), size, plan.verifiers, plan.judging.stuck_seconds)


def _end(loop: asyncio.AbstractEventLoop, tasks: Iterable[asyncio.Task[Any]], worker: Worker) -> None:
    """Cancels what is under way, as after an interrupt, and ends every process.

    Only the rollouts, and who waits for their rows, are cancelled here: the loop has tasks of asyncio's own, without
    which no process is waited for.
    """
    for task in tasks:
        task.cancel()
    try:
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))
    finally:
        loop.run_until_complete(worker.close())
