"""A build as its figures read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from tracemill.publishing.build_reading import BuildReading
from tracemill.running.phases.audit_verifiers import LEAKAGE, REPORT
from tracemill.running.phases.phase import Build, Range, judges_of, spans_of, table_frame
from tracemill.running.phases.screen_problems import MISS_RATES, ScreenProblems
from tracemill.running.phases.write_dataset import FOLDER
from tracemill.verifiers.counting import present_verdicts

_PRESENT = ("id", "trace_id", "trace_digest", "verifier", "version", "judge", "attempt")
"""What it takes to know which verdicts count."""


def reading_of(build: Build) -> BuildReading:
    """The build at its latest commit."""
    config, judges = build.config, judges_of(build)
    files = build.store.files
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
        audit=json.loads(files.read(REPORT)),
        leakage={"limit": config.verify.leakage, "leaks": json.loads(files.read(LEAKAGE))},
        miss_rates=_miss_rates(build),
        commit=build.commit,
        tables=_Tables(build),
        earlier=build.earlier.for_manifest if build.earlier else None,
    )


def _miss_rates(build: Build) -> dict[str, Any] | None:
    written = any(file.path == MISS_RATES for file in build.commit.files.get(ScreenProblems.name, ()))
    return json.loads(build.store.files.read(MISS_RATES)) if written else None


_ROWS_AT_ONCE = 256
"""Of a few columns; whole rows come one by one, since each may be long."""


@dataclass(frozen=True)
class _Tables:
    build: Build

    def spans(self) -> Sequence[Range]:
        return spans_of(self.build)

    def batches(self, table: str, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        for batch in self.build.store.scan(self.build.commit, table, columns):
            yield pl.DataFrame(batch)

    def frame(self, table: str, columns: tuple[str, ...], span: Range) -> pl.DataFrame:
        return table_frame(self.build, table, columns, span)

    def view_rows(self, view: str, columns: tuple[str, ...] | None) -> Iterator[pl.DataFrame]:
        listed = (entry.path for entry in self.build.commit.files.get("dataset", ()))
        for path in sorted(path for path in listed if path.startswith(f"{FOLDER}{view}/")):
            with self.build.store.files.open_input(path) as file:
                at_once = _ROWS_AT_ONCE if columns else 1
                for batch in pq.ParquetFile(file).iter_batches(at_once, columns=columns and list(columns)):
                    yield pl.DataFrame(batch)

    def counting_verdicts(self, columns: tuple[str, ...], span: Range) -> pl.DataFrame:
        read = tuple(dict.fromkeys((*_PRESENT, *columns)))
        verdicts = present_verdicts(table_frame(self.build, "verdicts", read, span), judges_of(self.build))
        return verdicts.select(columns)
