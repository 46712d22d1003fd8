"""Thoughts that are ended, and thoughts that are made to go on."""

from __future__ import annotations

import asyncio

import pytest
from chats import asked, call
from servers.chat_server import ChatServer, Said
from tracemill.asking.effort import Rendering
from tracemill.asking.teachers.openai.thought_control import answered_in_turns
from tracemill.asking.teachers.teacher import Call, Reply
from tracemill.records import Turn


def test_a_thought_that_is_too_long_is_ended_and_the_answer_asked_for():
    with ChatServer([Said("", "6 * 7 is 42, or is", finish="length"), Said(" 42.")]) as server:
        [reply] = asked(server.url, effort="tokens 50", sampling={"max_tokens": 80})
    first, second = [seen.body for seen in server.seen]
    assert (first["max_tokens"], second["max_tokens"]) == (50, 30)
    assert second["messages"][-1]["content"] == "<think>\n6 * 7 is 42, or is\n</think>\n\nFinal Answer:"
    assert (reply.turn.reasoning, reply.turn.content) == ("6 * 7 is 42, or is", "Final Answer: 42.")
    assert (reply.finish_reason, reply.completion_tokens, reply.prompt_tokens) == ("stop", 8, 14)
    said = ("effort", "budget_tokens", "forced_end", "requests")
    assert [reply.metadata[name] for name in said] == ["tokens 50", 50, True, 2]


def test_a_thought_that_ends_in_time_is_left_alone():
    with ChatServer(Said("It is 42.", "6 * 7")) as server:
        [reply] = asked(server.url, effort="tokens 50")
    assert len(server.seen) == 1 and reply.turn.content == "It is 42." and "forced_end" not in reply.metadata


def test_an_answer_that_the_bound_on_thought_cut_is_continued():
    with ChatServer([Said("It is", "6 * 7", finish="length"), Said(" 42.")]) as server:
        [reply] = asked(server.url, effort="tokens 50")
    assert server.seen[1].body["messages"][-1]["content"] == "<think>\n6 * 7\n</think>\n\nIt is"
    assert reply.turn.content == "It is 42." and "forced_end" not in reply.metadata


def test_a_bound_that_is_the_whole_reply_is_truncation():
    with ChatServer(Said("", "6 * 7", finish="length")) as server:
        [reply] = asked(server.url, effort="tokens 500", sampling={"max_tokens": 30})
    assert len(server.seen) == 1 and server.seen[0].body["max_tokens"] == 30
    assert (reply.finish_reason, reply.turn.content) == ("length", "")


def test_a_thought_is_made_to_go_on_as_often_as_is_wanted():
    script = [Said("It is 41.", "6 * 7 is 41"), Said("It is 42.", ", it is 42"), Said("It is 42!", ", yes")]
    with ChatServer(script) as server:
        [reply] = asked(server.url, effort="wait 2")
    prefixes = [seen.body["messages"][-1]["content"] for seen in server.seen[1:]]
    assert prefixes == ["<think>\n6 * 7 is 41\n\nWait", "<think>\n6 * 7 is 41\n\nWait, it is 42\n\nWait"]
    assert reply.turn.reasoning == "6 * 7 is 41\n\nWait, it is 42\n\nWait, yes"
    assert (reply.turn.content, reply.metadata["requests"]) == ("It is 42!", 3)


def test_a_reply_without_a_thought_has_none_that_could_go_on():
    with ChatServer(Said("It is 42.")) as server:
        [reply] = asked(server.url, effort="wait 2")
    assert len(server.seen) == 1 and reply.metadata["effort"] == "wait 2"


def test_the_call_may_want_another_effort_than_the_config():
    with ChatServer(Said("42")) as server:
        replies = asked(server.url, effort="tokens 50", calls=[call(effort="dynamic"), call()])
    assert [reply.metadata["effort"] for reply in replies] == ["dynamic", "tokens 50"]
    assert sorted("max_tokens" in seen.body for seen in server.seen) == [False, True]


@pytest.mark.parametrize(("second", "all_of_it"), [((5.0, 1.5), (15.0, 4.5)), ((None, 1.5), (None, 4.5)), (None, None)])
def test_what_the_requests_took_of_gpus_is_summed_up_where_each_was_measured(second, all_of_it):
    taken = iter([(10.0, 3.0), second])

    async def ask(_call: Call) -> Reply:
        joules, seconds = next(taken) or (None, None)
        metadata = {} if seconds is None else {"gpu_seconds": seconds}
        return Reply(Turn("assistant", content="42", reasoning="6 * 7"), joules=joules, metadata=metadata)

    reply = asyncio.run(answered_in_turns(call(), Rendering(waits=1), None, ask))
    assert (reply.joules, reply.metadata.get("gpu_seconds")) == (all_of_it or (None, None))
