"""What an executor is: it runs stages and rollouts somewhere and hands the finished rows to the driver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from pipeline.rollouts import Order, Plan
from pipeline.sources.base import WorkItem
from pipeline.stage import Chunk, JudgeOrder, Stage


class Executor(Protocol):
    """Made from its config. Chunks come back in any order; their rows are the same whatever the executor."""

    def __init__(self, config: Any) -> None: ...

    def start(self) -> None:
        """Reaches what it needs.

        Raises:
            UsageError: the cluster does not answer, or is too small.
        """

    def run(self, stage: Stage, inputs: Iterable[WorkItem] | Iterable[JudgeOrder]) -> Iterator[Chunk]: ...

    def roll(self, plan: Plan, orders: Iterable[Order]) -> Iterator[Chunk]: ...

    def close(self) -> None: ...
