"""Phase 2: which problems are worth asking about. Duplicates and leaked benchmark items never cost a teacher call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from tracemill.publishing.figures.conflicting_answers import CONFLICTS
from tracemill.records.schema import SCHEMAS
from tracemill.running.phases.phase import Build, Work
from tracemill.selection.decontaminate import Index
from tracemill.selection.miss_rate import miss_rate
from tracemill.selection.screen import load_index, screen
from tracemill.selection.select_config import SelectConfig
from tracemill.settings.errors import UsageError
from tracemill.store.commits import NamedFile

SCREENING_RULES = "4"
"""Of the rules of screening; another one makes the phase run again."""

MISS_RATES = "screen/miss_rates.json"
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
            **(build.earlier.key if build.earlier else {}),
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        work.watch.phase(self.name, build.rows("problems"), "problems")
        select = build.config.select
        index = load_index(select.decontaminate)
        with build.store.files.scratch() as folder:
            rejected, conflicts = screen(
                _frames(work), select, partial(_again, build), index, folder, _published(build)
            )
            batches = (batch for frame in rejected for batch in as_decisions(_decided(frame)))
            files = [] if index is None else [_put_rates(work, index)]
            tables = {"screened": (SCHEMAS["decisions"], batches)}
            work.run.write_parts(self.name, key | {CONFLICTS: conflicts}, tables, files)


def _put_rates(work: Work, index: Index) -> NamedFile:
    """What the card will say of the search: measured here, where the index is."""
    config = work.build.config
    rates = miss_rate(config.select.decontaminate, index, config.seed)
    return work.run.put(MISS_RATES, json.dumps(asdict(rates), indent=1, sort_keys=True).encode())


def _decided(rejected: pl.DataFrame) -> pl.DataFrame:
    return rejected.select(
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


def _digests(select: SelectConfig) -> list[str]:
    """Of the benchmark files.

    Raises:
        UsageError: a file that cannot be read.
    """
    found = []
    for benchmark in select.decontaminate.benchmarks:
        try:
            with Path(benchmark.path).open("rb") as file:
                found.append(hashlib.file_digest(file, "sha256").hexdigest())
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


def _published(build: Build) -> Iterator[pl.DataFrame]:
    """The problems of the builds that this one adds to."""
    return build.earlier.problems(("id", "prompt", "answer")) if build.earlier else iter(())


_AGAIN = ("id", "prompt", "answer", "check")


def _again(build: Build, ids: pl.Series) -> pl.DataFrame:
    check = pl.Struct({"kind": pl.String, "spec": pl.String})
    empty = pl.DataFrame(schema={**dict.fromkeys(_AGAIN[:3], pl.String), "check": check})
    if not len(ids):
        return empty
    own = (pl.DataFrame(batch) for batch in build.store.scan(build.commit, "problems", _AGAIN))
    published = build.earlier.problems(_AGAIN) if build.earlier else ()
    frames = (frame.filter(pl.col("id").is_in(ids.implode())) for some in (own, published) for frame in some)
    return pl.concat([empty, *frames]).unique("id", keep="first", maintain_order=True)


def as_decisions(frame: pl.DataFrame) -> list[pa.RecordBatch]:
    """A frame with the columns of the decisions' table as batches of its schema."""
    return frame.to_arrow().cast(SCHEMAS["decisions"]).to_batches()  # type: ignore[no-any-return]
