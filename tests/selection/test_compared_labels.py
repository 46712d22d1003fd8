from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from tracemill.records import Label, LabelledStep, Step, Trace
from tracemill.records.codec import encode
from tracemill.records.labels import correct
from tracemill.selection.compared_labels import DISAGREEMENTS, agreement, disagreements


def trace(number: int, *labels: Label, steps: tuple[Step, ...] = ()) -> Trace:
    id_ = f"{'p' * 20}-{number:012x}"
    return Trace(id_, "d", "p" * 20, "skills", "t", "single", 0, "0", (), "stop", steps, labels=labels)


def compared(*rows: tuple[Trace, dict[str, tuple[str, dict[str, Any]]]]) -> pl.DataFrame:
    """`rows`: traces with verdicts, by scope their outcome and evidence."""
    traces = pl.DataFrame(encode("traces", [one for one, _ in rows]))
    verdicts = [
        {"trace_id": one.id, "scope": scope, "outcome": outcome, "evidence": json.dumps(evidence)}
        for one, found in rows
        for scope, (outcome, evidence) in found.items()
    ]
    schema = dict.fromkeys(("trace_id", "scope", "outcome", "evidence"), pl.String)
    return agreement(traces, pl.DataFrame(verdicts, schema=schema))


@pytest.mark.parametrize(
    ("right", "outcome", "disagrees"),
    [
        (True, "verified", False),
        (True, "refuted", True),
        (False, "verified", True),
        (False, "refuted", False),
        (True, "unknown", False),
        (False, "unknown", False),
        (True, "error", False),
        (False, "error", False),
    ],
)
def test_only_right_against_refuted_and_wrong_against_verified_disagree(
    right: bool, outcome: str, disagrees: bool
) -> None:
    found = compared((trace(1, correct(right)), {"answer": (outcome, {})}))
    assert found["disagrees"].to_list() == [disagrees]
    assert found["ours"].to_list() == [outcome]


def test_a_label_that_says_nothing_of_the_solution_never_disagrees() -> None:
    found = compared((trace(1, Label("finish_reason", "length")), {"answer": ("verified", {})}))
    assert found.select("value", "theirs", "disagrees").row(0) == ("length", "", False)


def test_the_verifier_that_decides_counts() -> None:
    """Of a program `answer` says unknown, and `code` judges it."""
    one = trace(1, correct(True))
    traces = pl.DataFrame(encode("traces", [one]))
    rows = [(one.id, "answer", outcome, "{}") for outcome in ("unknown", "refuted")]
    verdicts = pl.DataFrame(rows, schema=["trace_id", "scope", "outcome", "evidence"], orient="row")
    for some in (verdicts, verdicts.reverse()):
        assert agreement(traces, some)["ours"].to_list() == ["refuted"]


STEPS = (Step(0, 0, 10), Step(0, 10, 20), Step(0, 22, 30))
"""Two of ours lie within their first."""


def ratings(*values: int | None) -> Label:
    spans = ((0, 20), (22, 30))
    return Label("r", "", steps=tuple(LabelledStep(*span, value) for span, value in zip(spans, values, strict=True)))


@pytest.mark.parametrize(
    ("theirs", "outcome", "first", "entailed", "place", "disagrees"),
    [
        ((1, 1), "verified", None, 0, "neither", False),
        ((1, 1), "refuted", 1, 0, "only_ours", True),
        ((-1, None), "refuted", 1, 0, "same", False),
        ((1, -1), "refuted", 1, 0, "ours_earlier", True),
        ((-1, None), "refuted", 2, 0, "ours_later", False),
        ((1, -1), "verified", None, 0, "only_theirs", False),
        ((1, -1), "verified", None, 3, "only_theirs", True),
        ((1, -1), "unknown", None, 0, None, False),
        ((1, None), "refuted", 1, 0, None, False),
    ],
)
def test_first_wrong_steps_are_compared_by_their_spans(theirs, outcome, first, entailed, place, disagrees) -> None:
    evidence = {"first_refuted": first, "entailed_prefix": entailed}
    found = compared((trace(1, ratings(*theirs), steps=STEPS), {"steps": (outcome, evidence)}))
    assert found.select("place", "disagrees").row(0) == (place, disagrees)


def test_disagreements_are_rows_of_a_table_sorted_by_id() -> None:
    found = compared(
        (trace(2, correct(True)), {"answer": ("refuted", {})}),
        (trace(1, correct(False), Label("a", "0", False)), {"answer": ("verified", {})}),
        (trace(3, correct(True)), {"answer": ("verified", {})}),
        (trace(4), {"answer": ("verified", {})}),
    )
    (batch,) = disagreements(found)
    assert batch.schema == DISAGREEMENTS
    rows = batch.to_pylist()
    assert [row["id"].rpartition("-")[2] for row in rows] == [
        "000000000001@a",
        "000000000001@correct",
        "000000000002@correct",
    ]
    assert rows[2]["detail"] == "labelled right, and refuted"


def test_no_labels_are_no_rows() -> None:
    assert compared((trace(4), {"answer": ("verified", {})})).is_empty()
