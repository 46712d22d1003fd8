"""A build as its figures and its report read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracemill.publishing.build_reading import BuildReading
from tracemill.records.codec import decoded
from tracemill.running.phases.audit_verifiers import LEAKAGE, REPORT, AuditVerifiers
from tracemill.running.phases.phase import (
    PARTITION,
    PARTITION_BYTES,
    PER_PROBLEM,
    TABLE_SCHEMAS,
    Build,
    Range,
    judges_of,
)
from tracemill.running.phases.screen_problems import MISS_RATES, ScreenProblems
from tracemill.running.phases.write_dataset import FOLDER, WriteDataset
from tracemill.store.commits import Commit
from tracemill.store.store import Store
from tracemill.verifiers.counting import Judges, present_verdicts

_PRESENT = ("id", "trace_id", "trace_digest", "verifier", "version", "judge", "attempt")
"""What it takes to know which verdicts count."""


def reading_of(build: Build) -> BuildReading:
    """The build at its latest commit; of an unfinished one, what its phases have given so far."""
    config, judges = build.config, judges_of(build)
    return BuildReading(
        name=config.name,
        seed=config.seed,
        config=config.resolved(),
        select=config.select,
        stages=[stage.name for stage in build.curriculum.stages],
        views=config.view_names,
        view_settings=config.view_settings,
        require=config.verify.required,
        verifiers={name: one["version"] for name, one in judges.items()},
        teacher=config.teacher.kind,
        languages=sorted({language for source in build.sources for language in source.languages()}),
        notices=[notice for source in build.sources for notice in source.notices()],
        audit=_written(build, AuditVerifiers.name, REPORT) or (),
        leakage={"limit": config.verify.leakage, "leaks": _written(build, AuditVerifiers.name, LEAKAGE) or ()},
        miss_rates=_written(build, ScreenProblems.name, MISS_RATES),
        commit=build.commit,
        tables=CommitTables(build.store, build.commit, judges),
        earlier=build.earlier.for_manifest if build.earlier else None,
    )


def _written(build: Build, phase: str, path: str) -> Any:
    """The content of a JSON file of a phase; None where it wrote none."""
    listed = any(file.path == path for file in build.commit.files.get(phase, ()))
    return json.loads(build.store.files.read(path)) if listed else None


_ROWS_AT_ONCE = 256
"""Of a few columns; whole rows come one by one, since each may be long."""


@dataclass(frozen=True)
class CommitTables:
    """The tables of a commit, as `BuildTables`."""

    store: Store
    commit: Commit
    judges: Judges | None

    def spans(self) -> Sequence[Range]:
        return self.store.partitions(self.commit, "problems", PARTITION, PER_PROBLEM, PARTITION_BYTES)

    def batches(self, table: str, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        for batch in self.store.scan(self.commit, table, columns):
            yield pl.DataFrame(batch)

    def frame(self, table: str, columns: tuple[str, ...], span: Range) -> pl.DataFrame:
        frames = [pl.DataFrame(batch) for batch in self.store.scan(self.commit, table, columns, *span)]
        return pl.concat([pl.DataFrame(TABLE_SCHEMAS[table].empty_table().select(list(columns))), *frames])

    def view_rows(self, view: str, columns: tuple[str, ...] | None) -> Iterator[pl.DataFrame]:
        listed = (entry.path for entry in self.commit.files.get(WriteDataset.name, ()))
        for path in sorted(path for path in listed if path.startswith(f"{FOLDER}{view}/")):
            with self.store.files.open_input(path) as file:
                at_once = _ROWS_AT_ONCE if columns else 1
                for batch in pq.ParquetFile(file).iter_batches(at_once, columns=columns and list(columns)):
                    yield pl.DataFrame(batch)

    def counting_verdicts(self, columns: tuple[str, ...], span: Range) -> pl.DataFrame:
        read = tuple(dict.fromkeys((*_PRESENT, *columns)))
        verdicts = present_verdicts(self.frame("verdicts", read, span), self.judges or {})
        return verdicts.select(columns)

    def records(self, table: str, span: Range, column: str, values: Sequence[str]) -> Iterator[Any]:
        wanted = pa.array(values, pa.string())
        batches = self.store.scan(self.commit, table, None, *span)
        return decoded(table, (one.filter(pc.is_in(one.column(column), value_set=wanted)) for one in batches))
