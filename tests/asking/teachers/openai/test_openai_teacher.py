"""A model behind an OpenAI-compatible URL, against a real HTTP server."""

from __future__ import annotations

import asyncio

import pytest
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai import retrying
from tracemill.asking.teachers.openai.openai_teacher import OpenAIConfig, OpenAITeacher
from tracemill.asking.teachers.teacher import Call
from tracemill.records import Check, Problem, Source

PROBLEM = Problem("p", "g", "a.b.c.d", "What is 6 times 7?", "42", Check("exact"), Source("test", "1", "MIT", 0, 0))


def call(**sampling):
    return Call(PROBLEM, ({"role": "user", "content": PROBLEM.prompt},), sampling, 0, 7)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_SECONDS", 0.001)


def asked(*urls, calls=(), **config):
    """What the teacher replies to each call; an exception where it raises."""

    async def ask():
        teacher = OpenAITeacher(OpenAIConfig(kind="openai", urls=urls, model="tiny", **config))
        try:
            return await asyncio.gather(*(teacher.answer(one) for one in calls or (call(),)), return_exceptions=True)
        finally:
            await teacher.close()

    return asyncio.run(ask())


@pytest.mark.parametrize("stream", [True, False])
def test_a_reply_has_text_reasoning_and_what_it_cost(stream):
    said = Said("It is 42.", "6 * 7 = 42", usage={"prompt_tokens": 9, "completion_tokens": 11})
    with ChatServer(said) as server:
        [reply] = asked(server.url, stream=stream)
    assert (reply.turn.reasoning, reply.turn.content) == ("6 * 7 = 42", "It is 42.")
    assert (reply.finish_reason, reply.prompt_tokens, reply.completion_tokens) == ("stop", 9, 11)
    assert reply.metadata["retries"] == 0 and reply.metadata["endpoint"] == 0
    assert reply.metadata["fingerprint"] == "fp_test"


def test_what_is_sent_is_the_config_and_what_the_call_wants_otherwise():
    with ChatServer(Said("42")) as server:
        asked(server.url, calls=[call(temperature=0.5)], sampling={"temperature": 1.0, "max_tokens": 50}, stream=False)
    assert server.seen[0].body == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "What is 6 times 7?"}],
        "temperature": 0.5,
        "max_tokens": 50,
        "seed": 7,
    }


def test_case_66_a_busy_server_is_asked_again_with_the_same_request():
    script = [Said(status=503), Said(status=429, headers={"Retry-After": "0"}), Said("42")]
    with ChatServer(script) as server:
        [reply] = asked(server.url)
    assert reply.turn.content == "42" and reply.metadata["retries"] == 2
    assert len({str(seen.body) for seen in server.seen}) == 1
