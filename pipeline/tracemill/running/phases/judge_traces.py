"""Phase 4: the verdicts that are still missing: of new verifiers or claim checkers, of new versions of them, and those
that ended in an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from tracemill.records import canonical_json
from tracemill.records.codec import decoded
from tracemill.records.finished import Chunk
from tracemill.running.judging import JudgeStage
from tracemill.running.phases.phase import (
    TABLE_SCHEMAS,
    Build,
    Range,
    Work,
    claim_kinds_of,
    journaled,
    judges_of,
    problems_of,
    spans_of,
    table_frame,
    verifiers_of,
)
from tracemill.running.stage import JudgeOrder
from tracemill.verifiers.counting import Judges, present_verdicts

TABLES = {"verdicts": TABLE_SCHEMAS["verdicts"]}
_COLUMNS = ("id", "trace_id", "trace_digest", "verifier", "version", "judge", "outcome", "attempt")


class JudgeTraces:
    name = "verdicts"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        return {
            "traces": build.digest("traces"),
            "kinds": list(claim_kinds_of(build)),
            "judges": judges_of(build),
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        journal = work.run.journal(self.name, TABLES, key=key)
        judges = key["judges"]
        done = journal.done(lambda begun: canonical_json(begun["judges"]) == canonical_json(judges))
        errors = _errors(journal.read("verdicts"), judges)
        spans = spans_of(build, "traces")
        total = sum(len(missing(build, span, judges)) for span in spans)
        work.watch.phase(self.name, total, "traces")
        orders = (order for span in spans for order in _orders(build, span, judges) if order.id not in done)
        chunks = _Counted(work.executor.run(JudgeStage(verifiers_of(build.config)), orders))
        journaled(work, journal, chunks)
        work.run.commit(self.name, key | {"_errors": errors + chunks.errors}, TABLES, extend=True)


class _Counted:
    """Chunks on their way, with a count of the verdicts that ended in an error."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.chunks = chunks
        self.errors = 0

    def __iter__(self) -> Iterator[Chunk]:
        for chunk in self.chunks:
            outcomes = chunk.tables["verdicts"].column("outcome").to_pylist() if chunk.tables else []
            self.errors += outcomes.count("error")
            yield chunk


def _errors(batches: Iterable[pa.RecordBatch], judges: Judges) -> int:
    """How many of an interrupted run's verdicts, of the present verifiers, ended in an error."""
    frames = (pl.DataFrame(batch.select(list(_COLUMNS))) for batch in batches)
    return sum(present_verdicts(frame, judges).filter(pl.col("outcome") == "error").height for frame in frames)


def missing(build: Build, span: Range, judges: Judges) -> dict[str, dict[str, int]]:
    """By trace, the verifiers that owe it a verdict, each with the number of the next attempt."""
    traces = table_frame(build, "traces", ("id", "digest"), span)
    present = present_verdicts(table_frame(build, "verdicts", _COLUMNS, span), judges)
    owed = traces.join(pl.DataFrame({"verifier": sorted(judges)}), how="cross").join(
        present, left_on=["id", "digest", "verifier"], right_on=["trace_id", "trace_digest", "verifier"], how="left"
    )
    owed = owed.filter(pl.col("outcome").is_null() | (pl.col("outcome") == "error")).sort("id", "verifier")
    found: dict[str, dict[str, int]] = {}
    for trace, verifier, attempt in owed.select("id", "verifier", "attempt").iter_rows():
        found.setdefault(trace, {})[verifier] = 0 if attempt is None else attempt + 1
    return found


def _orders(build: Build, span: Range, judges: Judges) -> Iterator[JudgeOrder]:
    owed = missing(build, span, judges)
    if not owed:
        return
    problems = problems_of(build, span)
    for trace in decoded("traces", build.store.scan(build.commit, "traces", None, *span)):
        if trace.id in owed:
            yield JudgeOrder(problems[trace.problem_id], trace, owed[trace.id])
