"""Rows of the view `process`: only what is entailed or refuted is labelled, and no row ends where it goes wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from solved import ANSWER, LINES, PROBLEM, RIGHT, TRACE, assert_fits, group, steps, verdict
from tracemill.records import Flaw, Step, StepVerdict, Turn, Verdict
from tracemill.views.process import row as row_of


def test_a_solution_whose_every_step_is_entailed_has_true_labels_only() -> None:
    row = row_of(group(RIGHT, ANSWER))
    assert row["prompt"] == PROBLEM.prompt
    assert row["completions"] == [*LINES, "An apple costs \\boxed{17}."]
    assert row["labels"] == [True, True, True]
    assert (row["first_wrong"], row["label_source"], row["reason"]) == (-1, "entailed", None)
    assert row["answer_correct"] is True
    assert_fits("process", row)


def test_labels_stop_at_the_first_wrong_step_and_the_text_does_not() -> None:
    trace = replace(TRACE, flaw=Flaw(1, "sign_lost", "The sign is lost."))
    found = StepVerdict(1, 0, 0, 1, None, "refuted", "does not follow")
    wrong = steps(1, 1, "refuted", steps=(found,), reason="1 of 3 refuted")
    row = row_of(group(wrong, verdict("answer", "refuted"), traces=(trace,)))
    assert row["completions"] == row_of(group(RIGHT, ANSWER))["completions"]
    assert row["labels"] == [True, False]
    assert (row["first_wrong"], row["label_source"], row["reason"]) == (1, "refuted", "does not follow")
    assert (row["flaw_kind"], row["flaw_explanation"]) == ("sign_lost", "The sign is lost.")
    assert row["answer_correct"] is False
    assert_fits("process", row)


def test_no_column_but_the_labels_and_what_explains_them_differs_between_right_and_wrong() -> None:
    wrong = steps(1, 1, "refuted", coverage_steps=2 / 3)
    right_row, wrong_row = row_of(group(RIGHT, ANSWER)), row_of(group(wrong, verdict("answer", "refuted")))
    assert {name for name in right_row if right_row[name] != wrong_row[name]} == {
        "labels",
        "first_wrong",
        "label_source",
        "reason",
        "answer_correct",
    }
    assert wrong_row["coverage"] == 1.0


def test_strength_in_process_is_that_of_the_verdict_on_the_steps() -> None:
    wrong = steps(0, 0, "refuted", strength="exhaustive")
    assert row_of(group(wrong))["strength"] == "exhaustive"
    weak = verdict("answer", "verified", strength="judged")
    assert row_of(group(RIGHT, weak))["strength"] == "proof"


def test_an_unseeded_mistake_has_no_flaw() -> None:
    row = row_of(group(steps(0, 0, "refuted", reason="false")))
    assert row["labels"] == [False]
    assert (row["reason"], row["flaw_kind"], row["flaw_explanation"]) == ("false", None, None)
    assert row["answer_correct"] is None


def test_an_undecided_answer_is_neither_correct_nor_wrong() -> None:
    assert row_of(group(RIGHT, verdict("answer", "unknown")))["answer_correct"] is None


def test_the_system_text_stands_before_the_prompt() -> None:
    row = row_of(group(RIGHT, problem=replace(PROBLEM, system="Be exact.")))
    assert row["prompt"] == "Be exact.\n\nWhat does an apple cost?"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (steps(2, None, "verified"), "2 of 3 entailed"),
        (steps(2, None, "unknown"), "says unknown"),
        (steps(0, 1, "refuted"), "0 of 3 entailed"),
        (steps(3, None, "unknown"), "says unknown"),
        (steps(3, None, "error", evidence={}), "says error"),
        (steps(3, 3, "refuted"), "first refuted 3"),
        (steps(1, 1, "unknown"), "says unknown"),
        (steps(1, 1, "verified"), "1 of 3 entailed"),
        (steps(3, None, "refuted"), "steps refuted"),
    ],
)
def test_what_is_neither_entailed_nor_refuted_gets_no_label(found: Verdict, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        row_of(group(found))


def test_a_refuted_answer_with_no_refuted_step_has_no_step_labels() -> None:
    with pytest.raises(ValueError, match="refuted answer"):
        row_of(group(RIGHT, verdict("answer", "refuted")))


@pytest.mark.parametrize("found", [RIGHT, steps(2, 2, "refuted")])
def test_a_seeded_flaw_that_the_checker_did_not_find_where_it_is_gives_no_labels(found: Verdict) -> None:
    trace = replace(TRACE, flaw=Flaw(1, "sign_lost", ""))
    with pytest.raises(ValueError, match="seeded at step 1"):
        row_of(group(found, traces=(trace,)))


def test_a_trace_without_steps_or_without_their_verdict_has_no_labels() -> None:
    with pytest.raises(ValueError, match="no steps"):
        row_of(group(RIGHT, traces=(replace(TRACE, steps=()),)))
    with pytest.raises(ValueError, match="no verdict"):
        row_of(group(ANSWER))


def test_steps_of_a_later_turn_are_cut_from_that_turn_and_the_rest_is_the_closing() -> None:
    turns = (Turn("assistant", "First try."), Turn("user", "Again."), Turn("assistant", "Second try.\n\nDone."))
    trace = replace(TRACE, turns=turns, steps=(Step(0, 0, 5), Step(2, 7, 11)))
    made = row_of(group(steps(2, None, "verified"), traces=(trace,)))
    assert made["completions"] == ["First", "try.", "Done."]


def test_a_solution_that_ends_with_its_last_step_has_no_closing() -> None:
    trace = replace(TRACE, turns=(Turn("assistant", "Only this."),), steps=(Step(0, 0, 10),))
    assert row_of(group(steps(1, None, "verified"), traces=(trace,)))["completions"] == ["Only this."]
