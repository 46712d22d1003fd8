"""Reasoning under every name that servers use is kept, and never taken for the answer."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import pytest
from chats import LAST, asked, event
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai.bad_reply import BadReplyError
from tracemill.asking.teachers.openai.event_stream import read_events

BOTH = pytest.mark.parametrize("stream", [True, False])
THOUGHT, ANSWER = "6 * 7 = 42", "It is 42."

SHAPES = {
    "reasoning_content": {"reasoning_content": THOUGHT, "content": ANSWER},
    "reasoning": {"reasoning": THOUGHT, "content": ANSWER},
    "thinking": {"thinking": THOUGHT, "content": ANSWER},
    "under two names": {"reasoning": THOUGHT, "reasoning_content": THOUGHT, "content": ANSWER},
    "with details": {
        "reasoning": THOUGHT,
        "reasoning_details": [{"type": "reasoning.text", "text": THOUGHT}],
        "content": ANSWER,
    },
    "details alone": {"reasoning_details": [{"type": "reasoning.summary", "summary": THOUGHT}], "content": ANSWER},
    "a renamed field": {"model_thoughts": THOUGHT, "content": ANSWER},
    "tags": {"content": f"<think>{THOUGHT}</think>{ANSWER}"},
    "tags opened in the prompt": {"content": f"{THOUGHT}</think>{ANSWER}"},
    "Magistral's tags": {"content": f"[THINK]{THOUGHT}[/THINK]{ANSWER}"},
    "Gemini's tags": {"content": f"<thought>{THOUGHT}</thought>{ANSWER}"},
    "harmony": {
        "content": f"<|channel|>analysis<|message|>{THOUGHT}<|end|>"
        f"<|start|>assistant<|channel|>final<|message|>{ANSWER}"
    },
    "parts of content": {
        "content": [
            {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]},
            {"type": "text", "text": ANSWER},
        ]
    },
}


@BOTH
@pytest.mark.parametrize("shape", SHAPES)
def test_case_64_reasoning_is_kept_under_whatever_name(shape, stream):
    with ChatServer(Said(message=SHAPES[shape])) as server:
        [reply] = asked(server.url, stream=stream)
    assert (reply.turn.reasoning, reply.turn.content, reply.finish_reason) == (THOUGHT, ANSWER, "stop")


def test_a_text_under_a_name_that_says_nothing_is_kept_beside_the_reply():
    with ChatServer(Said(message={"content": ANSWER, "scratch": "6 * 7"})) as server:
        [reply] = asked(server.url)
    assert reply.turn.text == ANSWER and reply.metadata["unread"] == {"scratch": "6 * 7"}


def test_case_64_a_reply_with_text_under_no_known_name_is_an_error_that_names_it():
    with ChatServer(Said(message={"content": None, "scratch": "6 * 7"})) as server:
        [failed] = asked(server.url)
    assert isinstance(failed, BadReplyError) and "its fields with text: scratch" in str(failed)


@BOTH
@pytest.mark.parametrize(
    "said",
    [
        Said("", "6 * 7 is", finish="length"),
        Said("<think>6 * 7 is", finish="length"),
        Said("<think>6 * 7 is", finish="stop"),
        Said("[THINK]6 * 7 is", finish="max_tokens"),
    ],
)
def test_case_62_a_thought_that_is_cut_off_is_truncated_and_has_no_answer(said, stream):
    with ChatServer(said) as server:
        [reply] = asked(server.url, stream=stream)
    assert (reply.turn.reasoning, reply.turn.content, reply.finish_reason) == ("6 * 7 is", "", "length")


@BOTH
def test_case_63_a_thought_that_stops_without_an_answer_is_classified(stream):
    with ChatServer(Said("", "It must be 42.")) as server:
        [reply] = asked(server.url, stream=stream)
    assert (reply.turn.content, reply.finish_reason) == ("", "length")
    assert reply.error == "the reply ended within its thought"


def test_a_reply_without_any_text_is_an_error():
    with ChatServer(Said("")) as server:
        [failed] = asked(server.url)
    assert isinstance(failed, BadReplyError) and "neither text nor reasoning" in str(failed)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("eos", "stop"),
        ("END_TURN", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("repetition", "loop"),
    ],
)
def test_reasons_to_end_are_known_in_every_spelling(said, means):
    with ChatServer(Said("42", finish=said)) as server:
        [reply] = asked(server.url)
    assert reply.finish_reason == means


def test_a_reason_to_end_that_nobody_knows_is_an_error_that_names_it():
    with ChatServer(Said("42", finish="tired")) as server:
        [failed] = asked(server.url)
    assert isinstance(failed, BadReplyError) and "'tired', which is none of" in str(failed)


def test_a_refusal_is_no_answer():
    with ChatServer(Said(message={"content": None, "refusal": "I cannot."})) as server:
        [reply] = asked(server.url)
    assert (reply.turn.content, reply.finish_reason) == ("I cannot.", "content_filter")


def divided(one: bytes) -> bytes:
    """The event with its data in three lines."""
    return one.replace(b", ", b",\ndata: ", 2)


@pytest.mark.parametrize(
    "raw",
    [
        b": keep-alive\n\n" + event(content="It is ") + b"\r\n" + event(content="42.") + LAST + b"data: [DONE]\n\n",
        (event(content="It is ") + event(content="42.") + LAST).replace(b"data: ", b"data:"),
        b"event: message\n" + (event(content="It is ") + event(content="42.") + LAST).rstrip(b"\n"),
        event(role="assistant", content="") + event(content="It is 42.") + LAST + b"data: [DONE]\n\ndata: nonsense\n\n",
        (event(content="It is ") + event(content="42.") + LAST).replace(b"\n\n", b"\n"),
        divided(event(content="It is 42.")) + divided(LAST) + b"data: [DONE]\n\n",
        (divided(event(content="It is 42.")) + divided(LAST)).replace(b"\n", b"\r\n").rstrip(),
        (divided(event(content="It is 42.")) + divided(LAST)).replace(b"\n", b"\r"),
    ],
)
def test_streams_are_read_in_every_form(raw):
    with ChatServer(Said(raw=raw, content_type="text/event-stream")) as server:
        [reply] = asked(server.url)
    assert reply.turn.content == "It is 42."


@given(st.lists(st.integers(0, 400), max_size=12))
@settings(max_examples=100, deadline=None)
def test_a_stream_is_read_alike_however_its_bytes_come(cuts):
    first, second = event(content="It is "), divided(event(content="42 \u20ac.")).replace(b"\n", b"\r\n")
    raw = b": ping\r\n\r\n" + first + second + LAST + b"data: [DONE]\n\n"
    places = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]

    async def pieces():
        for start, end in pairwise(places):
            yield raw[start:end]

    async def read():
        return [one for events in [batch async for batch in read_events(pieces())] for one in events]

    texts = [one["choices"][0]["delta"].get("content") for one in asyncio.run(read())]
    assert texts == ["It is ", "42 \u20ac.", None]


def test_a_server_that_does_not_stream_is_read_all_the_same():
    whole = {"choices": [{"message": {"content": ANSWER}, "finish_reason": "stop"}]}
    with ChatServer(Said(raw=json.dumps(whole).encode())) as server:
        [reply] = asked(server.url, stream=True)
    assert reply.turn.content == ANSWER and reply.completion_tokens is None


def test_halves_of_a_character_that_came_apart_are_put_together():
    raw = event(content="\ud83d") + event(content="\ude00 42") + LAST
    with ChatServer(Said(raw=raw, content_type="text/event-stream")) as server:
        [reply] = asked(server.url)
    assert reply.turn.content == "\U0001f600 42"
