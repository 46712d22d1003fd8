"""Labels that came along beside our verdicts: where they agree, and each place where they do not.

A label of the whole solution stands beside the verdict on its answer, one of its steps beside the verdict on its steps.
They disagree where one says right and the other wrong: `refuted` against right, `verified` against wrong. On steps a
verdict alone says wrong: that every claim holds does not make every step right, so that a step which only they call
wrong is a disagreement only where each of ours was entailed. `unknown` and `error` disagree with nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import polars as pl
import pyarrow as pa

from tracemill.records import Label, LabelledStep
from tracemill.records.labels import first_wrong, step_at

WrongStepPlace = Literal["same", "ours_earlier", "ours_later", "only_ours", "only_theirs", "neither"]
"""Where the first wrong step is, ours (the first refuted one) against theirs."""

_TEXT = dict.fromkeys(("id", "trace_id", "problem_id", "label", "value", "theirs", "ours", "detail"), pl.String)
DISAGREEMENTS = pa.schema([pa.field(name, pa.string(), nullable=False) for name in _TEXT])
"""`id`: the trace's, `@` and the label's name. `theirs`: `right`, `wrong`, or of the steps `no wrong step` or `step 3
is wrong`; `ours`: the verdict's outcome. Steps count from 0, as theirs do."""
AGREEMENT = pl.Schema({**_TEXT, "place": pl.String, "disagrees": pl.Boolean})

_FIRST = ("refuted", "verified", "error", "unknown")
"""Of several verdicts on an answer the first of these counts: a program is judged by `code`, and `answer` passes it
by."""


class _Ours(NamedTuple):
    """Of one trace: the outcome on its answer and on its steps; where its first refuted step begins, and whether all of
    its steps are entailed."""

    answer: str
    steps: str
    refuted_at: int | None
    entailed: bool


def agreement(traces: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """One row per trace and label, by id.

    traces: id, problem_id, labels, steps. verdicts: trace_id, scope, outcome, evidence; those that count.
    """
    labelled = traces.filter(pl.col("labels").list.len() > 0).sort("id")
    if labelled.is_empty():
        return AGREEMENT.to_frame()
    ours = _ours(labelled, verdicts)
    rows = [
        row
        for trace, problem, labels in labelled.select("id", "problem_id", "labels").iter_rows()
        for row in _rows(trace, problem, sorted(labels, key=lambda label: str(label["name"])), ours[trace])
    ]
    return pl.DataFrame(rows, schema=AGREEMENT, orient="row")


def disagreements(rows: pl.DataFrame) -> Iterator[pa.RecordBatch]:
    """The disagreements as batches of their table."""
    table = rows.filter("disagrees").sort("id").select(list(_TEXT)).to_arrow().cast(DISAGREEMENTS)
    yield from table.to_batches()


def _ours(traces: pl.DataFrame, verdicts: pl.DataFrame) -> dict[str, _Ours]:
    place = pl.col("outcome").replace_strict(dict(zip(_FIRST, range(len(_FIRST)), strict=True)), return_dtype=pl.Int8)
    answers = verdicts.filter(pl.col("scope") == "answer").sort(place).group_by("trace_id", maintain_order=True)
    evidence = pl.col("evidence").str.json_path_match
    on_steps = verdicts.filter(pl.col("scope") == "steps").select(
        "trace_id",
        steps_outcome="outcome",
        first=evidence("$.first_refuted").cast(pl.Int64, strict=False),
        entailed=evidence("$.entailed_prefix").cast(pl.Int64, strict=False),
    )
    joined = (
        traces.select("id", "steps")
        .join(answers.agg(answer=pl.col("outcome").first()), left_on="id", right_on="trace_id", how="left")
        .join(on_steps.unique("trace_id", keep="first"), left_on="id", right_on="trace_id", how="left")
    )
    start = pl.col("steps").list.get(pl.col("first"), null_on_oob=True).struct.field("start")
    found = joined.select(
        "id",
        pl.col("answer").fill_null("unknown"),
        pl.col("steps_outcome").fill_null("unknown"),
        start,
        (pl.col("entailed") == pl.col("steps").list.len()).fill_null(False) & (pl.col("steps").list.len() > 0),
    )
    return {row[0]: _Ours(*row[1:]) for row in found.iter_rows()}


def _rows(trace: str, problem: str, labels: Sequence[Mapping[str, Any]], ours: _Ours) -> Iterable[tuple[Any, ...]]:
    for given in labels:
        steps = tuple(LabelledStep(**step) for step in given["steps"])
        label = Label(given["name"], given["value"], given["right"], steps)
        said = _of_steps(label, ours) if steps else _of_whole(label, ours)
        yield (f"{trace}@{label.name}", trace, problem, label.name, label.value, *said)


def _of_whole(label: Label, ours: _Ours) -> tuple[str, str, str, str | None, bool]:
    """theirs, ours, detail, place, disagrees."""
    if label.right is None:
        return "", ours.answer, "", None, False
    against = "refuted" if label.right else "verified"
    theirs = "right" if label.right else "wrong"
    disagrees = ours.answer == against
    return theirs, ours.answer, f"labelled {theirs}, and {ours.answer}" if disagrees else "", None, disagrees


def _of_steps(label: Label, ours: _Ours) -> tuple[str, str, str, str | None, bool]:
    """The same of a label of the steps."""
    wrong = first_wrong(label)
    theirs = "" if wrong is None else "no wrong step" if wrong < 0 else f"step {wrong} is wrong"
    refuted = None if ours.refuted_at is None else step_at(label, ours.refuted_at)
    if wrong is None or ours.steps in ("unknown", "error"):
        return theirs, ours.steps, "", None, False
    place = _place(wrong, refuted)
    entailed = place == "only_theirs" and ours.entailed
    disagrees = place in ("ours_earlier", "only_ours") or entailed
    if not disagrees:
        return theirs, ours.steps, "", place, False
    found = "every step is entailed" if refuted is None else f"step {refuted} is refuted"
    return theirs, ours.steps, f"labelled: {theirs}; {found}", place, True


def _place(wrong: int, refuted: int | None) -> WrongStepPlace:
    if refuted is None:
        return "neither" if wrong < 0 else "only_theirs"
    if wrong < 0:
        return "only_ours"
    return "same" if refuted == wrong else "ours_earlier" if refuted < wrong else "ours_later"
