"""Samples of what was rejected, a few for each reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from tracemill.publishing.build_reading import BuildTables, Span
from tracemill.publishing.report.excerpts import beginning, ending

OF_A_REASON = 3
REASONS = 100
"""That are shown at most: a plugin may give each trace a reason of its own."""
TABLES = {
    "lines": "lines of a source",
    "screened": "before any teacher was asked",
    "unasked": "when the teacher was asked",
}
"""Tables of decisions without a view, and where these were made."""
_COLUMNS = ("id", "kept", "reason", "detail", "view", "problem_id", "trace_ids")


@dataclass(frozen=True, slots=True)
class Reject:
    """`id`: of the line, problem or trace, as its decision has it. `prompt`: the beginning of the problem's; `end`: the
    end of the solution; both empty where there is none."""

    id: str
    detail: str
    prompt: str
    end: str


@dataclass(frozen=True, slots=True)
class RejectReason:
    """`where`: a view, or one of TABLES in words."""

    where: str
    reason: str
    samples: tuple[Reject, ...]


def rejected(tables: BuildTables) -> list[RejectReason]:
    """For each place and reason the rejects with the smallest ids."""
    frames = [_first_of_each(tables, table, where) for table, where in TABLES.items()]
    frames.append(_first_of_each(tables, "selection"))
    rows = pl.concat(frames)
    prompts = prompts_of(tables, set(rows["problem_id"].drop_nulls()))
    ends = _ends(tables, set(rows["trace"].drop_nulls()))
    reasons: dict[tuple[str, str], list[Reject]] = defaultdict(list)
    for where, reason, subject, detail, problem, trace in rows.iter_rows():
        found = Reject(subject, beginning(detail), prompts.get(problem, ""), ends.get(trace, ""))
        reasons[where, reason].append(found)
    return [RejectReason(*key, tuple(some)) for key, some in list(reasons.items())[:REASONS]]


def _first_of_each(tables: BuildTables, table: str, where: str | None = None) -> pl.DataFrame:
    """The first rejects of each view and reason, with the trace that is meant where it is one; sorted."""
    empty = dict.fromkeys(("where", "reason", "id", "detail", "problem_id", "trace"), pl.String)
    found = pl.DataFrame(schema=empty)
    for frame in tables.batches(table, _COLUMNS):
        trace = pl.when(pl.col("trace_ids").list.len() == 1).then(pl.col("trace_ids").list.first())
        rows = frame.filter(~pl.col("kept")).select(
            (pl.col("view") if where is None else pl.lit(where)).alias("where"),
            "reason",
            pl.col("id") if where else pl.col("id").str.split("@").list.first(),
            "detail",
            "problem_id",
            trace=trace,
        )
        found = pl.concat([found, rows]).group_by("where", "reason", maintain_order=True).head(OF_A_REASON)
        found = found.select(*empty)
    return found.sort("where", "reason", "id")


def prompts_of(tables: BuildTables, problems: set[str]) -> Mapping[str, str]:
    return {
        problem: beginning(prompt)
        for span, some in by_span(tables.spans(), problems)
        for problem, prompt in _chosen(tables.frame("problems", ("id", "prompt"), span), some).iter_rows()
    }


def _ends(tables: BuildTables, traces: set[str]) -> Mapping[str, str]:
    last = pl.col("turns").list.last().struct
    found = {}
    for span, some in by_span(tables.spans(), traces):
        rows = _chosen(tables.frame("traces", ("id", "turns"), span), some)
        for trace, content, reasoning in rows.select("id", last.field("content"), last.field("reasoning")).iter_rows():
            found[trace] = ending(content or reasoning or "")
    return found


def _chosen(frame: pl.DataFrame, ids: Iterable[str]) -> pl.DataFrame:
    return frame.filter(pl.col("id").is_in(list(ids)))


def by_span(spans: Iterable[Span], ids: Iterable[str]) -> Iterator[tuple[Span, list[str]]]:
    """The ids of each range that has some, with the narrowest range around them."""
    left = sorted(ids)
    for _, end in spans:
        some = [one for one in left if end is None or one < end]
        if some:
            yield (some[0], some[-1] + "~"), some
            left = left[len(some) :]
