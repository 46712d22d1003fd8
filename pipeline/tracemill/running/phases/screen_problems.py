"""Phase 2: which problems are worth asking about. Duplicates and leaked benchmark items never cost a teacher call."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from tracemill.publishing.figures.conflicting_answers import CONFLICTS
from tracemill.records.schema import SCHEMAS
from tracemill.running.phases.phase import Build, Work
from tracemill.selection.screen import screen
from tracemill.selection.select_config import SelectConfig
from tracemill.settings.errors import UsageError

SCREENING_RULES = "3"
"""Of the rules of screening; another one makes the phase run again."""

COLUMNS = ("id", "source", "domain", "prompt", "answer", "split", "group_id")


class ScreenProblems:
    name = "screen"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        select = build.config.resolved()["select"]
        return {
            "problems": build.digest("problems"),
            "decontaminate": select["decontaminate"],
            "benchmarks": _digests(build.config.select),
            "conflicts": select["conflicts"],
            "dedup": select["dedup"],
            "version": SCREENING_RULES,
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        work.watch.phase(self.name, build.rows("problems"), "problems")
        rejected, conflicts = screen(_frames(work), build.config.select, partial(_again, build))
        table = rejected.select(
            "id",
            pl.lit("problem").alias("subject"),
            pl.lit(False).alias("kept"),
            "reason",
            "detail",
            pl.lit("").alias("view"),
            pl.lit(None, pl.String).alias("stage"),
            pl.lit(None, pl.Int64).alias("place"),
            pl.col("id").alias("problem_id"),
            pl.lit([], pl.List(pl.String)).alias("trace_ids"),
        )
        batches = as_decisions(table)
        work.run.write_parts(self.name, key | {CONFLICTS: conflicts}, {"screened": (SCHEMAS["decisions"], batches)})


def _digests(select: SelectConfig) -> list[str]:
    """Of the benchmark files.

    Raises:
        UsageError: a file that cannot be read.
    """
    found = []
    for benchmark in select.decontaminate.benchmarks:
        try:
            found.append(hashlib.sha256(Path(benchmark.path).read_bytes()).hexdigest())
        except OSError as exc:
            raise UsageError(
                f"cannot read the benchmark {benchmark.path!r} ({exc}); correct select.decontaminate.benchmarks"
            ) from exc
    return found


def _frames(work: Work) -> Iterator[pl.DataFrame]:
    build = work.build
    for batch in build.store.scan(build.commit, "problems", COLUMNS):
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        source = pl.col("source").struct
        yield frame.with_columns(licence=source.field("licence"), source=source.field("name"))
        work.watch.step(frame.height)


def _again(build: Build, ids: pl.Series) -> pl.DataFrame:
    wanted = ids.implode()
    batches = build.store.scan(build.commit, "problems", ("id", "prompt", "answer", "check")) if len(ids) else ()
    frames = (pl.DataFrame(batch).filter(pl.col("id").is_in(wanted)) for batch in batches)
    check = pl.Struct({"kind": pl.String, "spec": pl.String})
    empty = pl.DataFrame(schema={**dict.fromkeys(("id", "prompt", "answer"), pl.String), "check": check})
    return pl.concat([empty, *frames])


def as_decisions(frame: pl.DataFrame) -> list[pa.RecordBatch]:
    """A frame with the columns of the decisions' table as batches of its schema."""
    return frame.to_arrow().cast(SCHEMAS["decisions"]).to_batches()  # type: ignore[no-any-return]
