"""Phase 7: the dataset as it is published: views in curriculum order, and the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from tracemill.publishing.placing import RowsByPlace
from tracemill.publishing.shards import LEDGER, NAMING, ShardFile, ShardLimits, view_writer, write_ledger
from tracemill.records.schema import SCHEMA_VERSION
from tracemill.running.phases.measured_difficulty import (
    difficulty_key,
    estimates_of,
    table_with_difficulty,
)
from tracemill.running.phases.no_rows import refuse_no_rows
from tracemill.running.phases.phase import (
    TABLE_SCHEMAS,
    Build,
    Range,
    Work,
    judges_of,
    spans_of,
    table_frame,
    view_versions,
)
from tracemill.store.commits import NamedFile
from tracemill.verifiers.counting import Judges, present_verdicts
from tracemill.views.make_rows import ChosenUnit, ChosenUnits, ViewStage, rows_of

FOLDER = "dataset/"
CARD = "dataset/README.md"
_VERDICTS = ("id", "trace_id", "trace_digest", "verifier", "version", "judge", "attempt")


class WriteDataset:
    name = "dataset"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        return {
            "inputs": build.digest("problems", "screened", "traces", "verdicts", "estimates", "selection"),
            "judges": judges_of(build),
            "views": view_versions(build.config),
            "stages": [stage.name for stage in build.curriculum.stages],
            "shards": {**build.config.resolved()["shards"], "naming": NAMING},
            "schema": SCHEMA_VERSION,
        } | difficulty_key(build)

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        refuse_no_rows(build)
        written: dict[str, NamedFile] = {}

        def put(path: str, data: bytes) -> None:
            written[path] = work.run.put(path, data)

        # The ledger is mostly reading and compressing, which leave Python free for the views.
        with ThreadPoolExecutor(max_workers=1) as beside:
            ledgers = beside.submit(_write_ledgers, build, put)
            shards = [*_write_views(work, put, key["judges"]), *ledgers.result()]
        rows = {shard.path: shard.rows for shard in shards}
        entries = [NamedFile(one.path, one.bytes, one.sha256, rows[path]) for path, one in sorted(written.items())]
        work.run.write_parts(self.name, key, {}, files=entries)


def _write_views(work: Work, put: Any, judges: Judges) -> list[ShardFile]:
    """The rows are made problem by problem, and written in the order of their stages."""
    build = work.build
    limits = ShardLimits(rows=build.config.shards.rows)
    stages = [stage.name for stage in build.curriculum.stages]
    settings = build.config.view_settings
    counted = _rows_by_stage(build)
    work.watch.phase(WriteDataset.name, sum(counted.values()))
    shards: list[ShardFile] = []
    with build.store.files.scratch() as folder:
        waiting = {place: RowsByPlace(folder / f"{place[0]}-{place[1]}", rows) for place, rows in counted.items()}
        spans = spans_of(build)
        made = work.executor.map(rows_of, (_chosen(build, span, judges) for span in spans))
        for rows in made:
            for place, placed in rows.items():
                waiting[place].add(placed)
            work.watch.step(sum(placed.rows.num_rows for placed in rows.values()))
        for view in build.config.view_names:
            for index, stage in enumerate(stages):
                writer = view_writer(put, view, index, stage, limits, settings[view])
                for batch in waiting[view, stage].in_order() if (view, stage) in waiting else ():
                    writer.add(batch)
                shards += writer.close()
    return shards


def _rows_by_stage(build: Build) -> dict[ViewStage, int]:
    counts: Counter[ViewStage] = Counter()
    for batch in build.store.scan(build.commit, "selection", ("kept", "view", "stage")):
        kept = pl.DataFrame(batch).filter("kept")
        counts.update(kept.select("view", "stage").iter_rows())
    return dict(counts)


def _chosen(build: Build, span: Range, judges: Judges) -> ChosenUnits:
    columns = ("view", "stage", "place", "problem_id", "trace_ids")
    kept = table_frame(build, "selection", ("id", "kept", *columns), span).filter("kept").select(columns)
    traces = _where(build, "traces", "id", kept["trace_ids"].explode().drop_nulls().unique().sort().to_arrow(), span)
    counting = present_verdicts(table_frame(build, "verdicts", _VERDICTS, span), judges)
    counting = counting.filter(pl.col("trace_id").is_in(pl.Series(traces.column("id")).implode()))
    problems = _where(build, "problems", "id", kept["problem_id"].unique().sort().to_arrow(), span)
    rows = kept.iter_rows()
    units = (ChosenUnit(view, stage, place, problem, tuple(ids)) for view, stage, place, problem, ids in rows)
    return ChosenUnits(
        tuple(units),
        table_with_difficulty(build, problems, span),
        traces,
        _where(build, "verdicts", "id", counting["id"].to_arrow(), span),
        estimates_of(build, span),
        build.config.view_settings,
    )


def _where(build: Build, table: str, column: str, values: pa.Array, span: Range) -> pa.Table:
    """The rows of a range whose `column` has one of the values."""
    values = values.cast(pa.string())
    batches = build.store.scan(build.commit, table, None, *span)
    wanted = (batch.filter(pc.is_in(batch.column(column), value_set=values)) for batch in batches)
    return pa.Table.from_batches(wanted, schema=TABLE_SCHEMAS[table])


def _write_ledgers(build: Build, put: Any) -> list[ShardFile]:
    """Problems that passed screening, with all their traces and verdicts, right and wrong, and the pass rates that
    rows go by."""
    limits = ShardLimits(rows=build.config.shards.rows)
    return [shard for table in LEDGER for shard in write_ledger(put, table, _screened(build, table), limits)]


def _screened(build: Build, table: str) -> Iterator[pa.RecordBatch]:
    for span in spans_of(build):
        rejected = table_frame(build, "screened", ("id", "problem_id"), span)["problem_id"].to_list()
        values = pa.array(rejected, pa.string())
        for batch in _ledger_rows(build, table, span):
            problem = pc.utf8_slice_codeunits(batch.column("id"), 0, 20)
            yield batch.filter(pc.invert(pc.is_in(problem, value_set=values)))


def _ledger_rows(build: Build, table: str, span: Range) -> Iterator[pa.RecordBatch]:
    if table == "estimates":
        return iter(estimates_of(build, span).to_batches())
    return build.store.scan(build.commit, table, None, *span)
