from __future__ import annotations

from typing import Any

import pytest
from tracemill.records import ToolCall, Turn
from tracemill.records.trace import UNREAD_ARGUMENTS
from tracemill.sources.lines import BadLineError
from tracemill.sources.mapping.solutions import question_of, solution_of

USER = {"role": "user", "content": "What is 6 times 7?"}
REPLY = {"role": "assistant", "content": "42", "reasoning_content": "6 * 7"}
CALL = {"id": "c9", "function": {"name": "times", "arguments": '{"a": 6}'}}


def test_a_reply_is_a_text_with_its_thought_before_it() -> None:
    for value in (REPLY, [USER, REPLY], "<think>\n6 * 7\n</think>\n\n42"):
        found = solution_of(value, "r", one_question=True)
        assert (found.text, found.before) == ("<think>\n6 * 7\n</think>\n\n42", ())


def test_calls_and_what_they_give_are_turns_before_the_reply() -> None:
    calling = {"role": "assistant", "content": "<think>I ask.</think>Let me see.", "tool_calls": [CALL]}
    gave = {"role": "tool", "tool_call_id": "c9", "content": "42"}
    found = solution_of([USER, calling, gave, REPLY], "r", one_question=True)
    assert found.before == (
        Turn("assistant", "Let me see.", "I ask.", (ToolCall("c9", "times", {"a": 6}),)),
        Turn("tool", "42", tool_call_id="c9"),
    )
    assert found.text.endswith("42")


def test_a_talk_that_ends_with_a_call_has_no_text() -> None:
    found = solution_of([USER, {"role": "assistant", "content": "", "tool_calls": [CALL]}], "r", True)
    assert found.text == "" and len(found.before) == 1


@pytest.mark.parametrize(
    "calls",
    [[{"name": "times", "arguments": {"a": 6}}], '[{"name": "times", "arguments": {"a": 6}}]'],
)
def test_calls_are_read_in_other_spellings(calls: Any) -> None:
    found = solution_of([{"role": "assistant", "content": None, "tool_calls": calls}], "r", False)
    assert found.before[0].tool_calls == (ToolCall("call_0", "times", {"a": 6}),)
    found = solution_of([{"from": "function_call", "value": '{"name": "times", "arguments": {"a": 6}}'}], "r", False)
    assert found.before[0].tool_calls == (ToolCall("call_0", "times", {"a": 6}),)


def calling(*ids: str | None) -> dict[str, Any]:
    calls = [{"function": {"name": "times", "arguments": "{}"}} | ({"id": one} if one else {}) for one in ids]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def result(of: str | None = None) -> dict[str, Any]:
    return {"role": "tool", "content": "42"} | ({"tool_call_id": of} if of else {})


@pytest.mark.parametrize(
    ("talk", "calls", "answered"),
    [
        ([calling(None), result(), calling(None, None), result(), result()], ["call_0", "call_1", "call_2"], [0, 1, 2]),
        ([calling("a"), result("a"), calling("a"), result("a")], ["a", "call_0"], [0, 1]),
        ([calling("a", "b"), result("b"), result("a")], ["a", "b"], [1, 0]),
        ([calling("a"), calling("a"), result("a"), result("a"), result("a")], ["a", "call_0"], [0, 1, None]),
        ([calling("call_0", None), result("c"), result()], ["call_0", "call_1"], [None, 0]),
        ([result(), calling("a"), result("a"), result()], ["a"], [None, 0, None]),
    ],
)
def test_each_call_has_an_id_of_its_own_and_each_result_that_of_the_call_it_answers(
    talk: list[Any], calls: list[str], answered: list[int | None]
) -> None:
    # A result before the first reply is not of the solution, so that the talk begins with one.
    found = solution_of([REPLY, *talk], "r", one_question=False).before
    assert [call.id for turn in found for call in turn.tool_calls] == calls
    results = [turn.tool_call_id for turn in found if turn.role == "tool"]
    assert results == [None if at is None else calls[at] for at in answered]


def test_arguments_that_are_no_json_are_kept_as_they_were_written() -> None:
    broken = {"function": {"name": "times", "arguments": '{"a": '}}
    found = solution_of([{"role": "assistant", "content": "", "tool_calls": [broken]}], "r", False)
    assert found.before[0].tool_calls[0].arguments == {UNREAD_ARGUMENTS: '{"a": '}


def test_a_user_who_speaks_again_is_refused_where_the_question_is_in_the_talk() -> None:
    talk = [USER, REPLY, {"role": "user", "content": "Sure?"}, REPLY]
    with pytest.raises(BadLineError, match="several questions"):
        solution_of(talk, "r", one_question=True)
    assert [turn.role for turn in solution_of(talk[1:], "r", one_question=False).before] == ["assistant", "user"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (7, "not a reply"),
        ([], "not a reply"),
        ([{"text": "x"}], "not a reply"),
        ([USER], "not a reply"),
        ([{"role": "narrator", "content": "x"}], "unknown speaker"),
        ([{"role": "assistant", "content": "", "tool_calls": [{"function": {}}]}], "not a tool call"),
        ([{"role": "assistant", "content": "", "tool_calls": {"a": 1}}], "not a tool call"),
    ],
)
def test_what_is_no_solution_is_named(value: Any, reason: str) -> None:
    with pytest.raises(BadLineError) as raised:
        solution_of(value, "r", one_question=False)
    assert raised.value.reason == reason


def test_a_question_is_what_stands_before_the_first_reply() -> None:
    found = question_of([{"role": "system", "content": "Count."}, USER, REPLY, USER], "r")
    assert (found.prompt, found.system) == ("What is 6 times 7?", "Count.")
    with pytest.raises(BadLineError, match="no question"):
        question_of([REPLY, USER], "r")
