"""Rows of the view `sft`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from solved import ANSWER, LINES, PROBLEM, RIGHT, SOLUTION, TRACE, assert_fits, group, verdict
from tracemill.records import Outcome, ToolCall, Turn
from tracemill.views.sft import row as row_of
from tracemill.views.view import encode, view_with


def test_an_sft_row_is_the_conversation_with_its_reasoning_in_think_tags() -> None:
    row = row_of(group(ANSWER, RIGHT, problem=replace(PROBLEM, system="Be exact.")))
    assert row["messages"] == [
        {"role": "system", "content": "Be exact."},
        {"role": "user", "content": "What does an apple cost?"},
        {
            "role": "assistant",
            "content": "<think>\n" + "\n\n".join(LINES) + "\n</think>\n\nAn apple costs \\boxed{17}.",
        },
    ]
    assert_fits("sft", row)


def test_an_sft_row_says_what_was_checked_by_whom_and_how_strongly() -> None:
    row = row_of(group(RIGHT, ANSWER))
    del row["messages"]
    assert row == {
        "problem_id": PROBLEM.id,
        "trace_ids": [TRACE.id],
        "domain": "math.algebra.linear_system.market",
        "skill": "skills",
        "stage": "warm_up",
        "difficulty": 0.25,
        "verifiers": ["answer@1", "steps@1"],
        "strength": "exact",
        "coverage": 1.0,
        "tokens": 31,
        "licence": "Apache-2.0",
    }


def test_there_is_no_system_message_and_no_think_tag_without_text_for_them() -> None:
    trace = replace(TRACE, turns=(Turn("assistant", "17"),), steps=())
    row = row_of(group(ANSWER, traces=(trace,)))
    assert [message["content"] for message in row["messages"]] == ["What does an apple cost?", "17"]


def test_each_turn_of_a_longer_conversation_keeps_its_role() -> None:
    turns = (SOLUTION.turn(), Turn("user", "Are you sure?"), Turn("assistant", "Yes: 17.", "Again: 17."))
    row = row_of(group(ANSWER, traces=(replace(TRACE, turns=turns),)))
    assert [message["role"] for message in row["messages"]] == ["user", "assistant", "user", "assistant"]
    assert row["messages"][3]["content"] == "<think>\nAgain: 17.\n</think>\n\nYes: 17."


@pytest.mark.parametrize("outcome", ["refuted", "unknown", "error"])
def test_an_sft_row_needs_a_verifier_that_verified(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match=f"answer {outcome}"):
        row_of(group(verdict("answer", outcome)))


def test_an_sft_row_is_not_made_of_a_trace_that_calls_tools() -> None:
    turn = Turn("assistant", tool_calls=(ToolCall("c", "run"),))
    with pytest.raises(ValueError, match="tools"):
        row_of(group(ANSWER, traces=(replace(TRACE, turns=(turn,)),)))


def test_an_sft_row_is_made_of_one_trace() -> None:
    with pytest.raises(ValueError, match="made of 2"):
        row_of(group(ANSWER, traces=(TRACE, TRACE)))


def test_reasoning_may_stand_in_a_field_of_its_own() -> None:
    view = view_with("sft", {"reasoning": "reasoning_content"})
    row = view.row(group(ANSWER, RIGHT, problem=replace(PROBLEM, system="Be exact.")))
    assert row["messages"] == [
        {"role": "system", "content": "Be exact.", "reasoning_content": None},
        {"role": "user", "content": "What does an apple cost?", "reasoning_content": None},
        {"role": "assistant", "content": "An apple costs \\boxed{17}.", "reasoning_content": "\n\n".join(LINES)},
    ]
    assert encode("sft", view.schema, [row]).to_pylist() == [row]
    silent = replace(TRACE, turns=(Turn("assistant", "17"),), steps=())
    assert view.row(group(ANSWER, traces=(silent,)))["messages"][-1]["reasoning_content"] is None
    assert view_with("sft", {}).row is row_of
    with pytest.raises(ValueError, match="answer refuted"):
        view.row(group(verdict("answer", "refuted")))
