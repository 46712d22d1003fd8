"""What an executor is: it runs stages and rollouts somewhere and hands the finished rows to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.records.finished import Chunk
from tracemill.running.stage import JudgeOrder, Stage
from tracemill.sources.source import WorkItem

T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    """Made from its config. Chunks come back in any order; their rows are the same whatever the executor."""

    def __init__(self, config: Any) -> None: ...

    def start(self) -> None:
        """Reaches what it needs.

        Raises:
            UsageError: the cluster does not answer, or is too small.
        """

    def check(self, plan: RolloutPlan) -> None:
        """Whether there is what asking and judging reserve.

        Raises:
            UsageError: what is asked for, what there is, and what to change.
        """

    def run(self, stage: Stage, inputs: Iterable[WorkItem] | Iterable[JudgeOrder]) -> Iterator[Chunk]:
        """Raises: PluginError: a plugin that the stage calls has a bug."""

    def roll(self, plan: RolloutPlan, orders: Iterable[Order]) -> Iterator[Chunk]:
        """Raises: PluginError, when the rollouts under way have ended: a plugin has a bug."""

    def map(self, function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
        """Results of a pure function of tables, in the order of the inputs; a bounded number are under way."""

    def close(self) -> None: ...
