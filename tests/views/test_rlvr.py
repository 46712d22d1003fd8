"""Rows of the view `rlvr`."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest
from solved import ANSWER, PROBLEM, RIGHT, TRACE, assert_fits, group, steps, verdict
from tracemill.records import Check, Estimate
from tracemill.rewards import compute_score
from tracemill.views.rlvr import policy
from tracemill.views.rlvr import row as row_of


def test_an_rlvr_row_carries_what_verl_reads() -> None:
    row = row_of(group(ANSWER))
    assert row["data_source"] == "tracemill/math.algebra.linear_system"
    assert row["prompt"] == [{"role": "user", "content": "What does an apple cost?"}]
    assert row["ability"] == "math"
    assert row["reward_model"]["style"] == "rule"
    assert json.loads(row["reward_model"]["ground_truth"]) == {
        "answer": "8675309",
        "check": {"kind": "numeric", "spec": {"tolerance": "0"}},
        "prompt": PROBLEM.prompt,
    }
    assert row["extra_info"] == {
        "split": "train",
        "index": 42,
        "problem_id": PROBLEM.id,
        "group_id": "g",
        "domain": PROBLEM.domain,
        "stage": "warm_up",
        "difficulty": 0.25,
    }
    assert row["tools"] is None
    assert_fits("rlvr", row)


@pytest.mark.parametrize(("n", "k", "said"), [(8, 6, (0.75, 8)), (4, 0, (0.0, 4)), (0, 0, (None, None))])
def test_a_measured_pass_rate_is_said_with_the_number_of_samples(n: int, k: int, said: object) -> None:
    measured = replace(group(ANSWER), estimate=Estimate("e", PROBLEM.id, "tiny", "single", n, k, 0.0, 1.0))
    row = row_of(measured)
    assert (row["pass_rate"], row["pass_rate_samples"]) == said
    assert_fits("rlvr", row)


@pytest.mark.parametrize("kind", ["numeric", "symbolic"])
def test_the_ground_truth_of_a_value_holds_the_question(kind: str) -> None:
    """It may be copied, ask for a percentage, or name the unit."""
    value = replace(PROBLEM, check=Check(kind))
    truth = json.loads(row_of(group(ANSWER, problem=value))["reward_model"]["ground_truth"])
    assert truth == {"answer": "8675309", "check": {"kind": kind, "spec": {}}, "prompt": PROBLEM.prompt}


def test_the_ground_truth_of_words_is_the_answer_alone() -> None:
    words = replace(PROBLEM, check=Check("exact"))
    truth = json.loads(row_of(group(ANSWER, problem=words))["reward_model"]["ground_truth"])
    assert truth == {"answer": "8675309", "check": {"kind": "exact", "spec": {}}}


def test_the_ground_truth_holds_the_pattern_by_which_answers_were_found() -> None:
    """The reward finds them by it, too."""
    by_pattern = replace(ANSWER, judge={"pattern": r"Ergebnis:\s*(.+)"})
    truth = row_of(group(by_pattern))["reward_model"]["ground_truth"]
    assert json.loads(truth)["pattern"] == r"Ergebnis:\s*(.+)"
    assert compute_score("mine", "So viel.\nErgebnis: 8675309\nEnde der Aufgabe, und zwar ganz.", truth) == 1.0
    assert compute_score("mine", "So viel.\nErgebnis: 8675308\nEnde der Aufgabe, und zwar ganz.", truth) == 0.0


def test_an_rlvr_row_names_all_its_traces_and_counts_nothing_of_their_text() -> None:
    other = replace(TRACE, id=TRACE.id[:-1] + "1", completion_tokens=9)
    found = (
        ANSWER,
        steps(3, None, "verified", coverage_steps=0.75),
        replace(ANSWER, trace_id=other.id, strength="tested"),
    )
    row = row_of(group(*found, traces=(TRACE, other)))
    assert row["trace_ids"] == [TRACE.id, other.id]
    assert (row["strength"], row["coverage"], row["tokens"]) == ("tested", None, None)


def test_an_rlvr_row_needs_traces_that_are_all_verified() -> None:
    other = replace(TRACE, id=TRACE.id[:-1] + "1")
    with pytest.raises(ValueError, match="verified trace"):
        row_of(group(traces=()))
    with pytest.raises(ValueError, match=other.id):
        row_of(group(ANSWER, traces=(TRACE, other)))


def test_right_steps_make_no_rlvr_row_of_an_answer_that_nobody_verified() -> None:
    assert row_of(group(verdict("code", "verified"), verdict("answer", "unknown"), RIGHT))["verifiers"]
    with pytest.raises(ValueError, match="no verifier of answer, code verified"):
        row_of(group(verdict("answer", "unknown"), RIGHT))


@pytest.mark.parametrize(
    ("answer", "code", "against"),
    [
        ("verified", None, None),
        ("unknown", "verified", None),
        ("unknown", "refuted", "code refuted"),
        ("unknown", "error", "code error"),
        ("refuted", "unknown", "answer refuted"),
        ("unknown", "unknown", "answer unknown"),
        (None, "refuted", "code refuted"),
        (None, None, "answer missing"),
    ],
)
def test_why_a_problem_is_left_out_is_said_by_who_judges_its_answer(
    answer: str | None, code: str | None, against: str | None
) -> None:
    schema = {"answer.outcome": pl.String, "code.outcome": pl.String}
    found = pl.DataFrame([(answer, code)], schema=schema, orient="row").select(policy(()))
    assert found.to_series().to_list() == [against]


def test_the_tools_of_a_problem_are_one_json_text() -> None:
    row = row_of(group(ANSWER, problem=replace(PROBLEM, tools=({"name": "run"},))))
    assert row["tools"] == '[{"name":"run"}]'
