"""The rows of the views for one range of problems: a pure function, so that any process can do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from tracemill.records import Estimate, Payload, Trace, Verdict
from tracemill.records.codec import decode
from tracemill.settings.errors import PluginError
from tracemill.settings.failures import expected
from tracemill.settings.plugins import distribution_of
from tracemill.verifiers.counting import counting_verdicts
from tracemill.views.view import RowGroup, View, ViewRow, encode, view_with

ViewStage = tuple[str, str]
"""The names of a view and of a stage."""


class ChosenUnit(NamedTuple):
    """One row to be made. `place`: its place within view and stage, from 0. `trace_ids`: in the row's order."""

    view: str
    stage: str
    place: int
    problem_id: str
    trace_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChosenUnits:
    """What selection put into views, of one range of problems: the units, and tables with their problems, their traces
    and the present verdicts on these. `estimates`: at most one pass rate for each problem. `settings`: those of each
    view in the config."""

    units: tuple[ChosenUnit, ...]
    problems: pa.Table
    traces: pa.Table
    verdicts: pa.Table
    estimates: pa.Table
    settings: Mapping[str, Payload] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacedRows:
    """Rows of one view and stage, and the place of each, from 0."""

    places: pa.Int64Array
    rows: pa.RecordBatch


def rows_of(chosen: ChosenUnits) -> dict[ViewStage, PlacedRows]:
    """The rows of each view and stage, in the order of the units.

    Raises:
        ValueError: a unit that its verdicts do not carry.
        PluginError: a view gives what is no row of its schema.
    """
    problems = {one.id: one for one in decode("problems", chosen.problems)}
    traces: dict[str, Trace] = {one.id: one for one in decode("traces", chosen.traces)}
    estimates: dict[str, Estimate] = {one.problem_id: one for one in decode("estimates", chosen.estimates)}
    counting = _counting(traces, chosen.verdicts)
    views = {name: view_with(name, chosen.settings.get(name, {})) for name in {unit.view for unit in chosen.units}}
    rows: dict[ViewStage, list[ViewRow]] = {}
    places: dict[ViewStage, list[int]] = {}
    for unit in chosen.units:
        used = tuple(traces[id_] for id_ in unit.trace_ids)
        verdicts = tuple(counting[id_] for id_ in unit.trace_ids)
        estimate = estimates.get(unit.problem_id)
        group = RowGroup(problems[unit.problem_id], used, verdicts, unit.stage, estimate)
        row = expected("view", unit.view, views[unit.view].row(group), dict)
        rows.setdefault((unit.view, unit.stage), []).append(row)
        places.setdefault((unit.view, unit.stage), []).append(unit.place)
    return {
        (view, stage): PlacedRows(pa.array(places[view, stage], pa.int64()), _encoded(view, views[view], found))
        for (view, stage), found in rows.items()
    }


def _encoded(name: str, view: View, rows: list[ViewRow]) -> pa.RecordBatch:
    try:
        return encode(name, view.schema, rows)
    except (ValueError, TypeError, OverflowError, pa.ArrowException) as exc:
        package = distribution_of("view", name)
        raise PluginError(f"view {name!r} (package {package}) gave a row that does not fit its schema: {exc}") from exc


def _counting(traces: Mapping[str, Trace], verdicts: pa.Table) -> dict[str, dict[str, Verdict]]:
    found: dict[str, list[Verdict]] = {id_: [] for id_ in traces}
    for verdict in decode("verdicts", verdicts):
        if verdict.trace_id in found:
            found[verdict.trace_id].append(verdict)
    return {id_: counting_verdicts(traces[id_], some) for id_, some in found.items()}
