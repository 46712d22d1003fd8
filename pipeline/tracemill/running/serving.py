"""Servers that a teacher starts for a run: there from the first problem that is asked, until the asking is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, cast

from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.records.finished import Chunk
from tracemill.running.executors.executor import Executor
from tracemill.running.phases.phase import Watch, Work
from tracemill.settings.plugins import load


@contextmanager
def serving(work: Work) -> Iterator[Work]:
    """The same work, whose executor has the teacher's servers when it asks; where nothing is left to ask, none start.

    Raises:
        UsageError: the servers cannot do what the config asks for.
    """
    serve = getattr(load("teacher", work.build.config.teacher.kind), "serve", None)
    if serve is None:
        yield work
        return
    with ExitStack() as stack:
        yield replace(work, executor=cast(Executor, _Serving(work.executor, serve, work.watch, stack)))


@dataclass
class _Serving:
    """An executor for asking alone."""

    executor: Executor
    serve: Any
    watch: Watch
    stack: ExitStack
    begun: bool = False

    def roll(self, plan: RolloutPlan, orders: Iterable[Order]) -> Iterator[Chunk]:
        waiting = iter(orders)
        first = next(waiting, None)
        if first is None:
            return
        if not self.begun:
            self.stack.enter_context(self.serve(plan.teacher, self.watch.say))
            self.begun = True
        yield from self.executor.roll(plan, chain([first], waiting))
