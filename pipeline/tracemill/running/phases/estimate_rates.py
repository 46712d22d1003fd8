"""The measured pass rates: of how many samples of each problem how many were verified.

Counted are the traces that are independent samples of a model: no revision of another trace and no path of a search.
Embedded teachers have no pass rate: their mistakes are seeded, or their solutions given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from tracemill.records import Estimate, estimate_id
from tracemill.records.codec import encode
from tracemill.records.trace import DERIVED
from tracemill.running.phases.phase import (
    TABLE_SCHEMAS,
    Build,
    Range,
    Work,
    column_of,
    judges_of,
    spans_of,
    table_frame,
)
from tracemill.settings.plugins import load
from tracemill.verifiers.counting import Judges, present_verdicts
from tracemill.verifiers.intervals import clopper_pearson

_TRACES = ("id", "problem_id", "digest", "strategy", "parent_id", "relation", "finish_reason", "call_ids")
_VERDICTS = ("trace_id", "trace_digest", "verifier", "version", "judge", "outcome", "attempt")


class EstimateRates:
    name = "estimates"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        return {
            "inputs": build.digest("problems", "screened", "traces", "verdicts"),
            "judges": judges_of(build),
            "require": list(build.config.verify.required),
            "version": "1",
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        measured = not load("teacher", work.build.config.teacher.kind).embedded
        rows = _rows(work, key["judges"]) if measured else iter(())
        work.run.write_parts(self.name, key, {"estimates": (TABLE_SCHEMAS["estimates"], rows)})


def _rows(work: Work, judges: Judges) -> Iterator[pa.RecordBatch]:
    build = work.build
    config = build.config
    model = load("teacher", config.teacher.kind)(config.teacher).name
    work.watch.phase(EstimateRates.name, build.rows("problems"), "problems")
    for span in spans_of(build):
        counts = _counts(build, span, judges)
        rejected = set(column_of(build, "screened", "problem_id", span))
        problems = list(column_of(build, "problems", "id", span))
        strategy = config.strategy.kind
        found = [_estimate(one, model, strategy, *counts.get(one, (0, 0))) for one in problems if one not in rejected]
        yield encode("estimates", found)
        work.watch.step(len(problems))


def _estimate(problem: str, model: str, strategy: str, n: int, k: int) -> Estimate:
    return Estimate(estimate_id(problem, model, strategy), problem, model, strategy, n, k, *clopper_pearson(k, n))


def _counts(build: Build, span: Range, judges: Judges) -> dict[str, tuple[int, int]]:
    """By problem, its decided samples and those of them that every required verifier verified. A sample that one of
    them refuted is decided; one that is unknown, or ended in trouble of ours, is not counted."""
    traces = table_frame(build, "traces", _TRACES, span).filter(
        pl.col("parent_id").is_null()
        & ~pl.col("relation").is_in(DERIVED).fill_null(False)
        & (pl.col("finish_reason") != "error")
        & (pl.col("call_ids").list.len() > 0)
    )
    verdicts = present_verdicts(table_frame(build, "verdicts", _VERDICTS, span), judges)
    required = list(build.config.verify.required)
    judged = verdicts.filter(pl.col("verifier").is_in(required)).join(
        traces, left_on=["trace_id", "trace_digest"], right_on=["id", "digest"]
    )
    standings = judged.group_by("trace_id", "problem_id").agg(
        refuted=(pl.col("outcome") == "refuted").any(),
        verified=(pl.col("outcome") == "verified").sum() == len(required),
    )
    counted = standings.group_by("problem_id").agg(
        n=(pl.col("refuted") | pl.col("verified")).sum(), k=pl.col("verified").sum()
    )
    return {problem: (n, k) for problem, n, k in counted.select("problem_id", "n", "k").iter_rows()}
