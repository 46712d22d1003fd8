"""The rows that an environment asks: those of the view `rlvr`, and the held-out problems for evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import polars as pl
import pyarrow.parquet as pq

from tracemill.records import Problem
from tracemill.records.codec import decode
from tracemill.settings.errors import UsageError
from tracemill.store.files import Files
from tracemill.verifiers.counting import Judges, present_verdicts
from tracemill.views.rlvr import VIEW, ground_truth
from tracemill.views.row_parts import prompt_messages

EnvironmentRow: TypeAlias = dict[str, Any]
_VERDICTS = ["trace_id", "trace_digest", "verifier", "version", "judge", "attempt", "outcome"]


@dataclass(frozen=True, slots=True)
class EnvironmentRows:
    """`train`: of `rlvr`, in curriculum order. `bench`: problems that every training view leaves out and some trace
    solved, as `rlvr` asks for, sorted by id. `with_tools`: rows left out, for these environments have none."""

    train: Sequence[EnvironmentRow]
    bench: Sequence[EnvironmentRow]
    with_tools: int

    @property
    def licences(self) -> list[str]:
        return sorted({row["licence"] for row in (*self.train, *self.bench)})


def rows_of(files: Files, judges: Judges) -> EnvironmentRows:
    """The rows of a finished build. `judges`: what marks the verdicts that its dataset goes by.

    Raises:
        UsageError: it has no view `rlvr`, or no dataset yet.
    """
    paths = _parquet(files, "rlvr")
    if not paths:
        raise UsageError(
            f"the build at {files.url!r} has no view 'rlvr'; add rlvr to its views, and build it to the end"
        )
    train = [row for path in paths for row in pq.read_table(files.open_input(path)).to_pylist()]
    bench = list(_held_out(files, judges))
    return EnvironmentRows(
        train=[_of_view(row) for row in train if row["tools"] is None],
        bench=[row for row, tools in bench if not tools],
        with_tools=sum(row["tools"] is not None for row in train) + sum(tools for _, tools in bench),
    )


def _parquet(files: Files, table: str) -> list[str]:
    return [path for path in files.list(f"dataset/{table}/") if path.endswith(".parquet")]


def _of_view(row: dict[str, Any]) -> EnvironmentRow:
    return {
        "problem_id": row["problem_id"],
        "domain": row["domain"],
        "difficulty": row["difficulty"],
        "prompt": row["prompt"],
        "ground_truth": row["reward_model"]["ground_truth"],
        "licence": row["licence"],
    }


def _held_out(files: Files, judges: Judges) -> Iterator[tuple[EnvironmentRow, bool]]:
    """Each with whether it has tools."""
    solved = _solved(files, judges)
    held_out: list[Problem] = []
    for path in _parquet(files, "problems"):
        table = pq.read_table(files.open_input(path), filters=[("split", "=", "bench")])
        held_out += decode("problems", table)
    for problem in sorted(held_out, key=lambda one: one.id):
        if problem.id in solved and problem.has_answer:
            row = {
                "problem_id": problem.id,
                "domain": problem.domain,
                "difficulty": problem.difficulty,
                "prompt": prompt_messages(problem),
                "ground_truth": ground_truth(problem, [solved[problem.id]]),
                "licence": problem.source.licence,
            }
            yield row, bool(problem.tools)


def _solved(files: Files, judges: Judges) -> dict[str, dict[str, Any]]:
    """Problems of which some trace was verified by a verifier that lets problems into `rlvr`, with its parameters."""
    traces = _frame(files, "traces", ["id", "problem_id", "digest"])
    counting = present_verdicts(_frame(files, "verdicts", _VERDICTS), judges)
    right = counting.filter(pl.col("verifier").is_in(VIEW.needs), outcome="verified")
    joined = right.join(traces, left_on=["trace_id", "trace_digest"], right_on=["id", "digest"])
    joined = joined.sort("trace_id", "verifier")
    return {problem: json.loads(judge) for problem, judge in joined.select("problem_id", "judge").iter_rows()}


def _frame(files: Files, table: str, columns: list[str]) -> pl.DataFrame:
    found = [pl.DataFrame(pq.read_table(files.open_input(path), columns=columns)) for path in _parquet(files, table)]
    return pl.concat(found) if found else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
