"""Everything in this process, one batch after the other. Never imports Ray."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tracemill.asking.rollouts import Order, RolloutPlan, roll_here
from tracemill.records.finished import Chunk, chunk
from tracemill.running.executors.executor import R, T
from tracemill.running.stage import JudgeOrder, Stage
from tracemill.sources.source import WorkItem

BATCH = 32


class LocalConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["local"]


class LocalExecutor:
    Config = LocalConfig

    def __init__(self, config: LocalConfig) -> None:
        self.config = config

    def start(self) -> None:
        return None

    def run(self, stage: Stage, inputs: Iterable[WorkItem] | Iterable[JudgeOrder]) -> Iterator[Chunk]:
        waiting = iter(inputs)
        stage.open()
        try:
            while batch := list(islice(waiting, BATCH)):
                yield chunk(stage.process(batch))
        finally:
            stage.close()

    def roll(self, plan: RolloutPlan, orders: Iterable[Order]) -> Iterator[Chunk]:
        return roll_here(plan, orders)

    def map(self, function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
        return map(function, inputs)

    def close(self) -> None:
        return None
