"""Records as the rows that they are in the dataset's tables, for `--json`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tracemill.records import Problem, Record, Trace, Verdict
from tracemill.records.codec import encode_all


def solved_rows(problem: Problem, traces: Iterable[tuple[Trace, Sequence[Verdict]]]) -> dict[str, Any]:
    """A problem with its traces, each with its verdicts, as plain JSON in the columns of docs/schema.md. What is JSON
    within a column is a text, as it is there."""
    return {
        "problem": record_row(problem),
        "traces": [
            {"trace": record_row(trace), "verdicts": [record_row(one) for one in verdicts]}
            for trace, verdicts in traces
        ],
    }


def record_row(record: Record) -> dict[str, Any]:
    """A record as plain JSON in the columns of its table."""
    [batch] = encode_all([record]).values()
    row: dict[str, Any] = batch.to_pylist()[0]
    return row
