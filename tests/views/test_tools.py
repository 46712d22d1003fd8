"""Rows of the view `tools`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from solved import ANSWER, PROBLEM, TRACE, assert_fits, group, verdict
from tracemill.records import ToolCall, Turn
from tracemill.views.view import encode, view_with

TOOLS = ({"type": "function", "function": {"name": "run", "parameters": {"type": "object"}}},)
ASKED = replace(PROBLEM, system="Use the tools.", tools=TOOLS)
TURNS = (
    Turn("assistant", "", "I run it.", (ToolCall("c0", "run", {"code": "8 - 5"}),)),
    Turn("tool", "3", tool_call_id="c0"),
    Turn("assistant", "It is 3.", "So 3."),
)
CALLED = replace(TRACE, turns=TURNS, steps=())
EMPTY = {"tool_calls": None, "tool_call_id": None, "name": None}
CALL = {"id": "c0", "type": "function", "function": {"name": "run", "arguments": '{"code":"8 - 5"}'}}


def row(trace=CALLED, reasoning="inline", problem=ASKED, found=ANSWER):
    return view_with("tools", {"reasoning": reasoning}).row(group(found, problem=problem, traces=(trace,)))


def test_a_row_is_the_conversation_with_calls_and_results():
    made = row()
    assert made["messages"] == [
        {"role": "system", "content": "Use the tools.", **EMPTY},
        {"role": "user", "content": "What does an apple cost?", **EMPTY},
        {"role": "assistant", "content": "<think>\nI run it.\n</think>", **EMPTY, "tool_calls": [CALL]},
        {"role": "tool", "content": "3", **EMPTY, "tool_call_id": "c0", "name": "run"},
        {"role": "assistant", "content": "<think>\nSo 3.\n</think>\n\nIt is 3.", **EMPTY},
    ]
    assert json.loads(made["tools"]) == list(TOOLS) and made["calls"] == 1
    assert_fits("tools", made)


def test_reasoning_may_stand_in_a_field_of_its_own():
    made = row(reasoning="reasoning_content")
    said = made["messages"][2]
    assert said["content"] is None and said["reasoning_content"] == "I run it." and said["tool_calls"] == [CALL]
    assert made["messages"][4]["content"] == "It is 3."
    schema = view_with("tools", {"reasoning": "reasoning_content"}).schema
    assert encode("tools", schema, [made]).to_pylist() == [made]


def test_what_carries_no_row_is_refused():
    with pytest.raises(ValueError, match="answer refuted"):
        row(found=verdict("answer", "refuted"))
    with pytest.raises(ValueError, match="calls no tools"):
        row(TRACE)
    with pytest.raises(ValueError, match="a result answers no call"):
        row(replace(CALLED, turns=(TURNS[0], Turn("tool", "3", tool_call_id="c9"), TURNS[2])))
