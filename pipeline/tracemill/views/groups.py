"""What a row is made of: one trace, one problem with its traces, or a pair of traces of one problem.

A grouping turns traces that have been decided on into candidates for rows. What it is given has one row per trace,
sorted by id: `id`, `problem_id`, `kept`, `reason`, `detail`, `domain`, `skill`, `difficulty`, and whatever else the
policy read. `problems` has `id`, `domain`, `difficulty` and `against`: the reason against the whole problem, or null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from tracemill.records.trace import DERIVED

GROUPED: dict[str, pl.DataType] = {
    "id": pl.String(),
    "subject": pl.String(),
    "problem_id": pl.String(),
    "trace_ids": pl.List(pl.String),
    "kept": pl.Boolean(),
    "reason": pl.String(),
    "detail": pl.String(),
    "domain": pl.String(),
    "skill": pl.String(),
    "difficulty": pl.Float64(),
}
"""`subject` is `problem`, `trace` or `pair`. An id begins with the problem's, so that tables are cut alike."""

_PROBLEM_DIGITS = 20


class Grouping(Protocol):
    """`duplicates_by`: of traces of a problem that say the same and agree in these columns, only the first may enter;
    none: duplicates are not looked for."""

    @property
    def duplicates_by(self) -> tuple[str, ...] | None: ...

    def units(self, traces: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
        """The candidates, with the columns of GROUPED. Each trace, or its problem, is in one of them."""

    def most(self, samples: int) -> int:
        """How many rows a problem with so many traces can give."""


@dataclass(frozen=True, slots=True)
class EachTrace:
    """A row per trace."""

    duplicates_by: tuple[str, ...] | None = ()

    def units(self, traces: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
        return _of_single(traces)

    def most(self, samples: int) -> int:
        return samples


@dataclass(frozen=True, slots=True)
class EachProblem:
    """A row per problem, with the set of its traces that may enter: at least so many of them.

    `otherwise`: the reason against a problem that has fewer, such as `no verified answer`.
    """

    least: int
    otherwise: str
    duplicates_by: tuple[str, ...] | None = None

    def units(self, traces: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
        entering = pl.col("id").filter("kept")
        found = traces.group_by("problem_id").agg(
            pl.col("skill").sort_by(~pl.col("kept"), "id").first(),
            trace_ids=entering.sort(),
            reasons=pl.col("reason").filter(~pl.col("kept")).unique().sort().str.join(", "),
        )
        every = problems.select("id", "domain", "difficulty", "against", problem_id="id")
        every = every.join(found, on="problem_id", how="left").sort("id")
        enough = pl.col("trace_ids").list.len() >= self.least
        reason = (
            pl.when(pl.col("against").is_not_null())
            .then("against")
            .when(pl.col("trace_ids").is_null())
            .then(pl.lit("no trace"))
            .when(~enough)
            .then(pl.lit(self.otherwise))
            .otherwise(pl.lit(""))
        )
        every = every.with_columns(pl.col("trace_ids").fill_null([]), subject=pl.lit("problem"), reason=reason)
        detail = pl.when(pl.col("reason") == self.otherwise).then("reasons").otherwise(pl.lit(""))
        return every.with_columns(kept=pl.col("reason") == "", detail=detail).select(*GROUPED).cast(pl.Schema(GROUPED))

    def most(self, samples: int) -> int:
        return min(1, samples // self.least)


@dataclass(frozen=True, slots=True, eq=False)
class EachPair:
    """A row per pair: a trace that may stand first with one of the same problem that may stand second.

    Each trace is in one pair at most: by id, the k-th that may stand first goes with the k-th that may stand second.
    `first` and `second` are expressions on the traces; where both hold, a trace stands first.
    """

    first: pl.Expr
    second: pl.Expr
    duplicates_by: tuple[str, ...] | None = ()

    def units(self, traces: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
        side = pl.when(self.first).then(0).when(self.second).then(1)
        entering = traces.filter("kept").with_columns(side=side).drop_nulls("side")
        entering = entering.with_columns(rank=pl.int_range(pl.len()).over("problem_id", "side"))
        firsts, seconds = (entering.filter(pl.col("side") == side) for side in (0, 1))
        pairs = firsts.join(seconds.select("problem_id", "rank", second="id"), on=["problem_id", "rank"])
        pairs = pairs.with_columns(
            subject=pl.lit("pair"),
            trace_ids=pl.concat_list("id", "second"),
            id=pl.col("id") + "+" + pl.col("second").str.slice(_PROBLEM_DIGITS + 1),
        )
        paired = pairs["trace_ids"].explode()
        left = traces.filter(~pl.col("id").is_in(paired.implode()))
        left = left.with_columns(
            kept=pl.lit(False), reason=pl.when("kept").then(pl.lit("no counterpart")).otherwise("reason")
        )
        return pl.concat([pairs.select(*GROUPED).cast(pl.Schema(GROUPED)), _of_single(left)])

    def most(self, samples: int) -> int:
        return samples // 2


@dataclass(frozen=True, slots=True)
class EachEffort:
    """A row per problem and effort, where the problem was tried at two efforts or more: the shortest trace that may
    enter of each effort, followed by every other trace of the problem that tells how far an effort goes: an independent
    sample with an effort, and an answer that was verified or refuted.

    What it is given has `effort`, `relation`, `completion_tokens` and `answer.outcome` too, and `against`.
    """

    duplicates_by: tuple[str, ...] | None = None

    def units(self, traces: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
        decided = pl.col("effort").is_not_null() & pl.col("answer.outcome").is_in(["verified", "refuted"])
        independent = ~pl.col("relation").is_in(DERIVED).fill_null(False)
        telling = traces.filter(decided & independent & pl.col("against").is_null())
        tried = telling.group_by("problem_id").agg(tried=pl.col("effort").n_unique(), others=pl.col("id").sort())
        known = traces.join(tried, on="problem_id", how="left", maintain_order="left")
        shortest = pl.struct(pl.col("completion_tokens").fill_null(_LONGEST), "id")
        first = pl.col("id").filter("kept").sort_by(shortest.filter("kept")).first().over("problem_id", "effort")
        reason = (
            pl.when(~pl.col("kept"))
            .then("reason")
            .when(pl.col("tried").fill_null(0) < 2)
            .then(pl.lit("tried at one effort alone"))
            .when(pl.col("id") != first)
            .then(pl.lit("not the shortest at its effort"))
            .otherwise(pl.lit(""))
        )
        chosen = known.with_columns(reason=reason, subject=pl.lit("trace")).with_columns(kept=pl.col("reason") == "")
        own = pl.concat_list("id")
        others = pl.col("others").list.set_difference(own).list.sort()
        ids = pl.when("kept").then(pl.concat_list(own, others)).otherwise(own)
        return chosen.with_columns(trace_ids=ids).select(*GROUPED).cast(pl.Schema(GROUPED))

    def most(self, samples: int) -> int:
        return samples


_LONGEST = 2**62


def _of_single(traces: pl.DataFrame) -> pl.DataFrame:
    named = traces.with_columns(subject=pl.lit("trace"), trace_ids=pl.concat_list("id"))
    return named.select(*GROUPED).cast(pl.Schema(GROUPED))
