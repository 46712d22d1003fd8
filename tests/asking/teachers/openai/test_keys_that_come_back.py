"""Servers that repeat the key, in whatever place and spelling: it is in no error and no row."""

from __future__ import annotations

import json

import pytest
from chats import asked
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai.api_key import Key

KEY = "sk-se/cret+key"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("A_KEY", KEY)


def reply_to(said: Said, **config):
    with ChatServer(said) as server:
        [reply] = asked(server.url, api_key_env="A_KEY", retries=0, **config)
    return reply


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
@pytest.mark.parametrize("spelt", ["sk-se\\/cret+key", "\\u0073k-se/cret+key", "x" * 290 + "sk-se\\/cret+key"])
def test_an_error_that_spells_the_key_otherwise_in_its_json_does_not_show_it(status, spelt):
    raw = b'{"error": {"message": "Incorrect key: %s"}}' % spelt.encode()
    said = str(reply_to(Said(status=status, raw=raw)))
    assert "Incorrect key" in said and "sk-se" not in said


def test_an_error_within_a_stream_does_not_show_the_key():
    said = str(reply_to(Said("It is", error={"message": f'the key "{KEY}" has run out'})))
    assert "has run out" in said and KEY not in said


@pytest.mark.parametrize(
    "said",
    [
        Said("42", more={"model": KEY}, under="content"),
        Said("42", more={"system_fingerprint": KEY}),
        Said("42", finish=f"ended by {KEY}"),
        Said(message={"content": "42", f"note {KEY}": "x"}),
        Said(
            message={
                "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": '{"key": "sk-se\\/cret+key"}'}}]
            },
            finish="tool_calls",
        ),
    ],
    ids=["model", "fingerprint", "finish reason", "name of a field", "arguments of a tool"],
)
@pytest.mark.parametrize("stream", [True, False])
def test_a_reply_with_the_key_in_any_of_its_parts_is_refused(said, stream):
    reply = reply_to(said, stream=stream)
    assert str(reply) == "the reply repeats the API key"


def test_a_key_that_is_a_mere_word_may_stand_in_a_reply(monkeypatch):
    monkeypatch.setenv("A_KEY", "EMPTY")
    assert reply_to(Said("The box is EMPTY")).turn.content == "The box is EMPTY"


def test_what_shows_a_client_config_does_not_show_the_key():
    assert json.dumps(repr(Key("A_KEY", KEY))).find("cret") < 0
