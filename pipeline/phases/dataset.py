"""Phase 7: the dataset as it is published: views in curriculum order, and the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import schema
from pipeline.curriculum import view_schema
from pipeline.curriculum.shards import LEDGER, Limits, ShardFile, ViewWriter, write_ledger
from pipeline.phases.base import PARTITION, Build, Range, Work, judges_of, table_frame
from pipeline.phases.verdicts import present_verdicts
from pipeline.plugins import load
from pipeline.records import Problem, Trace, Verdict
from pipeline.schema import decode
from pipeline.store.commits import FileEntry

FOLDER = "dataset/"
CARD = "dataset/README.md"


class Dataset:
    name = "dataset"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        return {
            "inputs": build.digest("problems", "screened", "traces", "verdicts", "selection"),
            "judges": judges_of(build.config),
            "views": list(build.config.views),
            "stages": [stage.name for stage in build.curriculum.stages],
            "shards": build.config.resolved()["shards"],
            "schemas": {"records": schema.VERSION, "views": view_schema.VERSION},
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        work.watch.phase(self.name, build.rows("problems"))
        written: dict[str, FileEntry] = {}

        def put(path: str, data: bytes) -> None:
            written[path] = work.run.put(path, data)

        # The ledger is mostly reading and compressing, which leave Python free for the views.
        with ThreadPoolExecutor(max_workers=1) as beside:
            ledgers = beside.submit(_write_ledgers, build, put)
            shards = [*_write_views(work, put, key["judges"]), *ledgers.result()]
        rows = {shard.path: shard.rows for shard in shards}
        entries = [FileEntry(one.path, one.bytes, one.sha256, rows[path]) for path, one in sorted(written.items())]
        work.run.prune(FOLDER, [*written, CARD])
        work.run.write_parts(self.name, key, {}, files=entries)


def _write_views(work: Work, put: Any, judges: Mapping[str, Mapping[str, str]]) -> list[ShardFile]:
    build = work.build
    limits = Limits(rows=build.config.shards.rows)
    stages = [stage.name for stage in build.curriculum.stages]
    writers = {
        (view, stage): ViewWriter(put, view, index, stage, limits)
        for view in build.config.views
        for index, stage in enumerate(stages)
    }
    builders = {view: load("view", view) for view in build.config.views}
    for span in build.store.partitions(build.commit, "problems", PARTITION):
        for taken in _taken(build, span, judges):
            writers[taken.view, taken.stage].add(
                builders[taken.view](taken.problem, taken.traces, taken.verdicts, taken.stage)
            )
        work.watch.step(table_frame(build, "problems", ("id",), span).height)
    return [shard for writer in writers.values() for shard in writer.close()]


class _Taken:
    """A unit that selection put into a stage of a view."""

    __slots__ = ("problem", "stage", "traces", "verdicts", "view")

    def __init__(
        self, view: str, stage: str, problem: Problem, traces: list[Trace], verdicts: dict[str, list[Verdict]]
    ) -> None:
        self.view = view
        self.stage = stage
        self.problem = problem
        self.traces = traces
        self.verdicts = verdicts


def _taken(build: Build, span: Range, judges: Mapping[str, Mapping[str, str]]) -> Iterator[_Taken]:
    chosen = table_frame(build, "selection", ("id", "kept", "view", "stage", "problem_id", "trace_id"), span)
    chosen = chosen.filter("kept")
    if chosen.is_empty():
        return
    wanted = set(chosen["problem_id"])
    problems = {one.id: one for one in _decoded(build, "problems", "id", wanted, span)}
    traces: dict[str, list[Trace]] = {}
    for trace in _decoded(build, "traces", "problem_id", wanted, span):
        traces.setdefault(trace.problem_id, []).append(trace)
    verdicts = _verdicts(build, span, judges, {one.id for ones in traces.values() for one in ones})
    for view, stage, problem, trace_id in chosen.select("view", "stage", "problem_id", "trace_id").iter_rows():
        of_problem = traces.get(problem, [])
        used = [one for one in of_problem if (trace_id is None and _answers(verdicts, one)) or one.id == trace_id]
        yield _Taken(view, stage, problems[problem], used, verdicts)


def _answers(verdicts: dict[str, list[Verdict]], trace: Trace) -> bool:
    return any(v.verifier == "answer" and v.outcome == "verified" for v in verdicts.get(trace.id, []))


def _verdicts(
    build: Build, span: Range, judges: Mapping[str, Mapping[str, str]], wanted: set[str]
) -> dict[str, list[Verdict]]:
    """The verdicts that count, by trace: present verifiers, latest attempt."""
    columns = ("id", "trace_id", "trace_digest", "verifier", "version", "judge", "attempt")
    counting = set(present_verdicts(table_frame(build, "verdicts", columns, span), judges)["id"])
    found: dict[str, list[Verdict]] = {}
    for verdict in _decoded(build, "verdicts", "trace_id", wanted, span):
        if verdict.id in counting:
            found.setdefault(verdict.trace_id, []).append(verdict)
    return found


def _decoded(build: Build, table: str, column: str, wanted: set[str], span: Range) -> Iterator[Any]:
    """The records of a range whose `column` is wanted."""
    values = pa.array(sorted(wanted), pa.string())
    for batch in build.store.scan(build.commit, table, None, *span):
        yield from decode(table, batch.filter(pc.is_in(batch.column(column), value_set=values)))


def _write_ledgers(build: Build, put: Any) -> list[ShardFile]:
    """Problems that passed screening, with all their traces and verdicts, right and wrong."""
    limits = Limits(rows=build.config.shards.rows)
    return [shard for table in LEDGER for shard in write_ledger(put, table, _screened(build, table), limits)]


def _screened(build: Build, table: str) -> Iterator[pa.RecordBatch]:
    for span in build.store.partitions(build.commit, "problems", PARTITION):
        rejected = table_frame(build, "screened", ("id", "problem_id"), span)["problem_id"].to_list()
        values = pa.array(rejected, pa.string())
        for batch in build.store.scan(build.commit, table, None, *span):
            problem = pc.utf8_slice_codeunits(batch.column("id"), 0, 20)
            yield batch.filter(pc.invert(pc.is_in(problem, value_set=values)))
