"""Everything in this process, one batch after the other, but for judging beside a teacher that is not embedded: that is
done by processes of its own. Never imports Ray."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.rollouts_here import roll_here
from tracemill.records.finished import Chunk, chunk
from tracemill.running.executors.capacity import Capacity, refuse_lack
from tracemill.running.executors.executor import R, T
from tracemill.running.stage import JudgeOrder, Stage, batches
from tracemill.settings.errors import UsageError
from tracemill.settings.failures import naming_plugins
from tracemill.sources.source import WorkItem


class LocalConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["local"]


class LocalExecutor:
    Config = LocalConfig

    def __init__(self, config: LocalConfig) -> None:
        self.config = config
        self.cpus = len(os.sched_getaffinity(0))

    def start(self) -> None:
        return None

    def check(self, plan: RolloutPlan) -> None:
        if (plan.asking.workers or 1) > 1:
            raise UsageError(
                f"asking.workers={plan.asking.workers}, and the local executor asks in one process; "
                "set it to 1, or executor.kind=ray"
            )
        if plan.servers is not None:
            raise UsageError(
                f"teacher.kind={plan.teacher.kind} starts its servers on Ray, and executor.kind is local; set it to "
                "ray, which runs on this machine too, or start a server yourself and name its address with "
                "teacher.kind=openai"
            )
        counts = plan.worker_counts(1 if plan.embedded else self.cpus)
        refuse_lack(plan.asking, plan.judging, counts, Capacity("this machine", self.cpus, 0, self.cpus, 0))

    def run(self, stage: Stage, inputs: Iterable[WorkItem] | Iterable[JudgeOrder]) -> Iterator[Chunk]:
        stage.open()
        try:
            for batch in batches(inputs):
                with naming_plugins():
                    finished = chunk(stage.process(batch))
                yield finished
        finally:
            stage.close()

    def roll(self, plan: RolloutPlan, orders: Iterable[Order]) -> Iterator[Chunk]:
        return roll_here(plan, orders, self.cpus)

    def map(self, function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
        for one in inputs:
            with naming_plugins():
                result = function(one)
            yield result

    def close(self) -> None:
        return None
