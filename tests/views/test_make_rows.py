"""From what selection chose to the rows of each view and stage, by a function that other processes can call."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from tracemill.records import Check, Estimate, Problem, Source, Trace, Turn, Verdict
from tracemill.records.codec import encode
from tracemill.settings.errors import PluginError
from tracemill.settings.plugins import load
from tracemill.views import make_rows
from tracemill.views.make_rows import ChosenUnit, ChosenUnits, rows_of

SOURCE = Source("domains", "3", "Apache-2.0", 42, 7)
PROBLEMS = [Problem(letter * 20, "g", "a.b.c.d", "How much?", "17", Check("exact"), SOURCE) for letter in "pq"]


def trace(problem: Problem, sample: int) -> Trace:
    return Trace(
        id=f"{problem.id}-{sample:012x}",
        digest="d",
        problem_id=problem.id,
        skill="skills",
        teacher="symbolic",
        strategy="single",
        sample_index=sample,
        path="0",
        turns=(Turn("assistant", "It is 17."),),
        finish_reason="stop",
    )


TRACES = [trace(problem, sample) for problem in PROBLEMS for sample in (0, 1)]


def verdict(of: Trace, outcome: Any) -> Verdict:
    return Verdict(f"{of.id}-answer", of.id, "d", "answer", "1", "answer", outcome, "exact", "")


ESTIMATES = [Estimate("e", PROBLEMS[0].id, "tiny", "single", 8, 6, 0.35, 0.97)]
VERDICTS = [verdict(one, "verified") for one in TRACES]


def chosen(*units: ChosenUnit, verdicts: list[Verdict] = VERDICTS) -> ChosenUnits:
    tables = {"problems": PROBLEMS, "traces": TRACES, "verdicts": verdicts, "estimates": ESTIMATES}
    return ChosenUnits(units, **{name: pa.Table.from_batches([encode(name, rows)]) for name, rows in tables.items()})


def sft(of: Trace, stage: str = "easy", place: int = 0) -> ChosenUnit:
    return ChosenUnit("sft", stage, place, of.problem_id, (of.id,))


def test_rows_come_by_view_and_stage_in_the_order_of_the_units_with_their_places() -> None:
    first, second, third = TRACES[2], TRACES[0], TRACES[1]
    made = rows_of(chosen(sft(first, "hard", 8), sft(second), sft(third, "hard", 3)))
    assert list(made) == [("sft", "hard"), ("sft", "easy")]
    assert made["sft", "hard"].rows.column("trace_ids").to_pylist() == [[first.id], [third.id]]
    assert made["sft", "hard"].places.to_pylist() == [8, 3]
    assert made["sft", "easy"].rows.column("stage").to_pylist() == ["easy"]


def test_a_row_of_a_problem_names_just_the_traces_that_selection_chose() -> None:
    unit = ChosenUnit("rlvr", "easy", 0, PROBLEMS[0].id, (TRACES[1].id,))
    assert rows_of(chosen(unit))["rlvr", "easy"].rows.column("trace_ids").to_pylist() == [[TRACES[1].id]]


def test_a_unit_that_its_verdicts_do_not_carry_is_refused() -> None:
    refuted = [replace(one, outcome="refuted") for one in VERDICTS]
    with pytest.raises(ValueError, match="no verifier verified"):
        rows_of(chosen(sft(TRACES[0]), verdicts=refuted))


def test_what_is_chosen_travels_between_processes() -> None:
    unit = chosen(sft(TRACES[3]))
    assert rows_of(pickle.loads(pickle.dumps(unit))) == rows_of(unit)


def test_a_row_is_made_with_the_pass_rate_of_its_own_problem() -> None:
    units = [
        ChosenUnit("rlvr", "easy", place, TRACES[at].problem_id, (TRACES[at].id,)) for place, at in ((0, 0), (1, 2))
    ]
    made = rows_of(chosen(*units))["rlvr", "easy"].rows
    assert made.column("pass_rate").to_pylist() == [0.75, None]
    assert made.column("pass_rate_samples").to_pylist() == [8, None]


def test_nothing_chosen_gives_no_rows() -> None:
    assert rows_of(chosen()) == {}


ROW = load("view", "sft").row


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (lambda group: None, "gave NoneType where dict is wanted"),
        (lambda group: {**ROW(group), "domain": 7}, "does not fit its schema"),
        (lambda group: {**ROW(group), "domain": "\ud800"}, "does not fit its schema: .*surrogates"),
        (lambda group: {**ROW(group), "tokens": 2**80}, "does not fit its schema"),
        (lambda group: {**ROW(group), "more": 7}, "does not fit its schema: .*adds the columns more"),
        (lambda group: {**ROW(group), "coverage": float("nan")}, "sft.coverage is infinite or not a number"),
    ],
)
def test_what_is_no_row_of_the_schema_is_the_fault_of_the_view(monkeypatch, row, said: str) -> None:
    odd = replace(load("view", "sft"), row=row, configured=None)
    monkeypatch.setattr(make_rows, "view_with", lambda name, settings: odd)
    with pytest.raises(PluginError, match=f"view 'sft' .*{said}"):
        rows_of(chosen(sft(TRACES[0])))
