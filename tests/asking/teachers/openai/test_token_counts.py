"""What servers say of tokens, and what is believed."""

from __future__ import annotations

import pytest
from chats import asked
from servers.chat_server import ChatServer, Said

USAGES = {
    "thought included": (
        {"prompt_tokens": 5, "completion_tokens": 40, "total_tokens": 45},
        {"completion_tokens_details": {"reasoning_tokens": 30}},
        (5, 30, 40),
    ),
    "thought beside": (
        {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 108},
        {"completion_tokens_details": {"reasoning_tokens": 100}},
        (5, 100, 103),
    ),
    "thought in the total alone": (
        {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 108},
        {},
        (5, None, 103),
    ),
    "more thought than reply": (
        {"prompt_tokens": 5, "completion_tokens": 3},
        {"completion_tokens_details": {"reasoning_tokens": 100}},
        (5, 100, 103),
    ),
    "negative": ({"prompt_tokens": -5, "completion_tokens": -3}, {}, (None, None, None)),
    "more than any call takes": ({"prompt_tokens": 5, "completion_tokens": 10**12}, {}, (5, None, None)),
}


@pytest.mark.parametrize(("usage", "details", "counts"), USAGES.values(), ids=USAGES)
def test_tokens_are_those_that_are_paid_for(usage, details, counts):
    with ChatServer(Said("It is 42.", usage={**usage, **details})) as server:
        [reply] = asked(server.url)
    assert (reply.prompt_tokens, reply.reasoning_tokens, reply.completion_tokens) == counts


def test_a_cache_that_holds_more_than_the_prompt_is_not_believed():
    usage = {"prompt_tokens": 5, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 500}}
    with ChatServer(Said("It is 42.", usage=usage)) as server:
        [reply] = asked(server.url)
    assert "cached_tokens" not in reply.metadata


def test_a_log_probability_that_no_float_holds_is_left_out():
    logprobs = {"content": [{"token": "42", "logprob": -(10**400)}, {"token": ".", "logprob": -0.5}]}
    choice = {"index": 0, "message": {"content": "42."}, "finish_reason": "stop", "logprobs": logprobs}
    with ChatServer(Said(more={"choices": [choice]})) as server:
        [reply] = asked(server.url, stream=False)
    assert reply.logprobs == (-0.5,)


def test_a_tool_call_that_was_cut_off_is_truncation():
    calls = [{"index": 0, "id": "1", "function": {"name": "f", "arguments": '{"a": 1'}}]
    with ChatServer(Said(message={"tool_calls": calls}, finish="length")) as server:
        [reply] = asked(server.url)
    assert (reply.finish_reason, reply.turn.tool_calls) == ("length", ())
