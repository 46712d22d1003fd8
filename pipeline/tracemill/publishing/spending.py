"""What the teacher's calls took, summed over a build; and by task, beside what became of the traces.

Costs are those of the completions: each call once, also one whose trace was refuted, a critic's, or one that several
traces share. A call that failed says nothing of its cost and is counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

CALLS = (
    "problem_id",
    "finish_reason",
    "prompt_tokens",
    "reasoning_tokens",
    "completion_tokens",
    "seconds",
    "joules",
    "metadata",
)
"""The columns of completions that are read."""
AMOUNTS = (
    "prompt_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "completion_tokens",
    "seconds",
    "gpu_seconds",
    "joules",
)


@dataclass(slots=True)
class Amount:
    """A sum over the `calls` that stated a value; the other calls are not in it."""

    total: float = 0
    calls: int = 0

    def add(self, column: pl.Series) -> None:
        stated = column.drop_nulls()
        self.total += float(stated.sum())
        self.calls += len(stated)


@dataclass(slots=True)
class TaskSpending:
    """Of one task (`area.field.task`): its traces, those that every required verifier verified, the steps of all, and
    what its calls took."""

    traces: int = 0
    verified: int = 0
    steps: int = 0
    answered: int = 0
    completion_tokens: Amount = field(default_factory=Amount)
    seconds: Amount = field(default_factory=Amount)


@dataclass(slots=True)
class Spending:
    """`prices`: of a teacher's config, where it has any (see `asking/teachers/prices.py`). `answered`: calls that did
    not fail, and `finish_reasons`: of all calls. `retries`: requests that were sent again within a call.
    `saved_tokens`: those that calls ended for a loop had left of what they were allowed. `stopped`: traces by the
    reason for which their strategy asked no more."""

    prices: Mapping[str, Any] | None = None
    amounts: dict[str, Amount] = field(default_factory=lambda: {name: Amount() for name in (*AMOUNTS, "money")})
    by_task: dict[str, TaskSpending] = field(default_factory=dict)
    answered: int = 0
    finish_reasons: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    saved_tokens: Amount = field(default_factory=Amount)
    stopped: Counter[str] = field(default_factory=Counter)

    @property
    def traces(self) -> int:
        """Those that calls were made for."""
        return sum(task.traces for task in self.by_task.values())

    @property
    def verified(self) -> int:
        return sum(task.verified for task in self.by_task.values())

    def add_calls(self, calls: pl.DataFrame, tasks: Mapping[str, str]) -> None:
        """`calls` has the columns CALLS; `tasks`: of each problem."""
        calls = calls.with_columns(
            cached_tokens=_number("cached_tokens"),
            gpu_seconds=_number("gpu_seconds"),
            retries=_number("retries"),
            saved_tokens=_number("loop.saved_tokens"),
            task=pl.col("problem_id").replace_strict(tasks, default="", return_dtype=pl.String),
        )
        for reason, count in calls.group_by("finish_reason").len().iter_rows():
            self.finish_reasons[reason] += count
        self.retries += int(calls["retries"].sum())
        self.saved_tokens.add(calls["saved_tokens"])
        answered = calls.filter(pl.col("finish_reason") != "error")
        answered = answered.with_columns(money=pl.lit(None, pl.Float64) if not self.prices else _money(self.prices))
        self.answered += answered.height
        for name, amount in self.amounts.items():
            amount.add(answered[name])
        for (task,), rows in answered.group_by("task"):
            spent = self.by_task.setdefault(str(task), TaskSpending())
            spent.answered += rows.height
            spent.completion_tokens.add(rows["completion_tokens"])
            spent.seconds.add(rows["seconds"])

    def add_traces(self, traces: pl.DataFrame, verified: pl.Series, tasks: Mapping[str, str]) -> None:
        """`traces` has id, problem_id, steps (how many; see `build_reading`) and metadata; `verified`: the ids of those
        that every required verifier verified."""
        traces = traces.with_columns(
            task=pl.col("problem_id").replace_strict(tasks, default="", return_dtype=pl.String),
            good=pl.col("id").is_in(verified.implode()),
            stopped=pl.col("metadata").str.json_path_match("$.stopped"),
        )
        for reason, count in traces.drop_nulls("stopped").group_by("stopped").len().iter_rows():
            self.stopped[reason] += count
        sums = traces.group_by("task").agg(pl.len(), pl.col("good").sum(), pl.col("steps").sum())
        for task, count, good, steps in sums.iter_rows():
            spent = self.by_task.setdefault(task, TaskSpending())
            spent.traces += count
            spent.verified += good
            spent.steps += steps


def _number(path: str) -> pl.Expr:
    return pl.col("metadata").str.json_path_match(f"$.{path}").cast(pl.Float64, strict=False)


def _money(prices: Mapping[str, Any]) -> pl.Expr:
    """Of each call; null where something that has a price was not counted."""
    parts = []
    if prices.get("input") is not None:
        # A server that caches nothing says nothing of a cache.
        cached = pl.col("cached_tokens").fill_null(0)
        cached_price = prices["input"] if prices.get("cached_input") is None else prices["cached_input"]
        parts.append(((pl.col("prompt_tokens") - cached) * prices["input"] + cached * cached_price) / 1e6)
    if prices.get("output") is not None:
        parts.append(pl.col("completion_tokens") * prices["output"] / 1e6)
    if prices.get("gpu_hour") is not None:
        parts.append(pl.col("gpu_seconds") / 3600 * prices["gpu_hour"])
    return pl.sum_horizontal(parts, ignore_nulls=False) if parts else pl.lit(None, pl.Float64)
