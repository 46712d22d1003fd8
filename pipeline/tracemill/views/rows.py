"""The rows of the views for one range of problems: a pure function, so that any process can do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from tracemill.records import Trace, Verdict
from tracemill.records.codec import decode
from tracemill.settings.plugins import load
from tracemill.views import view_schema
from tracemill.views.views import Row

Place = tuple[str, str]
"""View and stage."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What selection put into views, of one range of problems.

    `units`: (view, stage, problem id, trace id) in the order of the rows; no trace id where the unit is the problem.
    The tables hold whatever the units need: their problems, all traces of these, and the verdicts on those that count.
    """

    units: tuple[tuple[str, str, str, str | None], ...]
    problems: pa.Table
    traces: pa.Table
    verdicts: pa.Table


def rows_of(chosen: Chosen) -> dict[Place, pa.RecordBatch]:
    """The rows of each (view, stage), in the order of the units.

    Raises:
        ValueError: a unit that its verdicts do not carry.
    """
    rows: dict[Place, list[Row]] = {}
    for place, row in _rows(chosen):
        rows.setdefault(place, []).append(row)
    return {place: view_schema.encode(place[0], some) for place, some in rows.items()}


def _rows(chosen: Chosen) -> Iterator[tuple[Place, Row]]:
    problems = {one.id: one for one in decode("problems", chosen.problems)}
    traces: dict[str, list[Trace]] = {}
    for trace in decode("traces", chosen.traces):
        traces.setdefault(trace.problem_id, []).append(trace)
    verdicts: dict[str, list[Verdict]] = {}
    for verdict in decode("verdicts", chosen.verdicts):
        verdicts.setdefault(verdict.trace_id, []).append(verdict)
    builders = {view: load("view", view) for view in {view for view, *_ in chosen.units}}
    for view, stage, problem, trace_id in chosen.units:
        used = [
            one
            for one in traces.get(problem, [])
            if one.id == trace_id or (trace_id is None and _answered(verdicts.get(one.id, [])))
        ]
        yield (view, stage), builders[view](problems[problem], used, verdicts, stage)


def _answered(verdicts: list[Verdict]) -> bool:
    return any(one.verifier == "answer" and one.outcome == "verified" for one in verdicts)
