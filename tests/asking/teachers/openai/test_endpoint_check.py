"""What is wrong with a model or its server is said before any problem is spent."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from chats import checked
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai import endpoint_check
from tracemill.settings.errors import UsageError


def test_a_model_that_answers_passes_with_one_tiny_request():
    with ChatServer(Said("OK")) as server:
        checked(server.url, sampling={"max_tokens": 500, "temperature": 0.7}, effort="tokens 100")
    [seen] = server.seen
    assert (seen.body["max_tokens"], seen.body["temperature"]) == (16, 0.7) and server.listed == 1


@pytest.mark.parametrize("said", [Said("", finish="length"), Said(status=429), Said(status=503)])
def test_a_server_that_is_busy_or_says_little_passes(said):
    with ChatServer(said, models=None) as server:
        checked(server.url)


def test_a_thought_that_finds_no_room_in_a_tiny_reply_passes():
    error = {"error": {"message": "Could not finish the message because max_tokens or model output limit was reached."}}
    with ChatServer(Said(raw=json.dumps(error).encode(), status=400)) as server:
        checked(server.url, model="gpt-5.1")
    assert server.seen[0].body["max_completion_tokens"] == 16


def test_a_wrong_key_is_refused_with_the_variable_that_holds_it(monkeypatch):
    monkeypatch.setenv("TEST_KEY", "wrong")
    with ChatServer(Said("OK"), key="right") as server:
        with pytest.raises(UsageError, match=r"answered 401.*Correct the key in the environment variable TEST_KEY"):
            checked(server.url, api_key_env="TEST_KEY")
        with pytest.raises(UsageError, match=r"No key was sent: name the environment variable"):
            checked(server.url)
        monkeypatch.setenv("TEST_KEY", "right\n")
        checked(server.url, api_key_env="TEST_KEY")


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.setenv("TEST_KEY", " ")
    with pytest.raises(UsageError, match=r"variable TEST_KEY \(teacher.api_key_env\) is not set"):
        checked("http://127.0.0.1:9/v1", api_key_env="TEST_KEY")


def test_a_model_that_is_not_there_is_refused_with_those_that_are():
    missing = Said(raw=b'{"error": {"message": "The model `tyny` does not exist."}}', status=404)
    with (
        ChatServer(missing, models=("tiny", "large")) as server,
        pytest.raises(UsageError, match=r"`tyny` does not exist.*the server lists large, tiny; did you mean 'tiny'\?"),
    ):
        checked(server.url, model="tyny")


def test_a_wrong_address_is_refused_with_what_answers_there():
    with ChatServer(Said("OK")) as server:
        with pytest.raises(UsageError, match=r"answered 404.*`teacher.urls` \(most end in /v1\)"):
            checked(server.url.removesuffix("/v1"))
        gone = server.url
    with pytest.raises(UsageError, match=r"no model answers at http://127.0.0.1:\d+/v1.*start the server, or correct"):
        checked(gone)


def test_every_endpoint_is_looked_at():
    with ChatServer(Said("OK")) as alive, ChatServer(Said("OK")) as gone:
        dead = gone.url
        checked(alive.url, dead)
    with ChatServer(Said("OK")) as alive, pytest.raises(UsageError, match="no model answers at"):
        checked(alive.url, dead)


def test_a_page_of_a_proxy_is_refused():
    page = Said(raw=b"<html>Sign in</html>", content_type="text/html")
    with ChatServer(page) as server, pytest.raises(UsageError, match="answered with text/html, which is no JSON"):
        checked(server.url)


def test_a_request_that_the_server_does_not_understand_is_refused():
    error = {"error": {"message": "Unsupported parameter: 'seed'"}}
    with (
        ChatServer(Said(raw=json.dumps(error).encode(), status=400)) as server,
        pytest.raises(UsageError, match=r"a first tiny request failed: .*Unsupported parameter: 'seed'"),
    ):
        checked(server.url)


def test_a_context_that_is_shorter_than_the_reply_may_be_is_refused():
    with ChatServer(Said("OK"), lengths={"tiny": 2_048}) as server:
        with pytest.raises(UsageError, match=r"a context of 2,048 tokens.*max_tokens` asks for 4,096; lower it"):
            checked(server.url, sampling={"max_tokens": 4_096})
        checked(server.url, sampling={"max_tokens": 2_000})


@pytest.mark.parametrize("other", ["tiny", "Tiny", "org/tiny", "/models/tiny.gguf", "tiny-2026-01-01", ""])
def test_endpoints_that_name_one_model_differently_pass(other):
    with ChatServer(Said("OK")) as first, ChatServer(Said("OK", more={"model": other})) as second:
        checked(first.url, second.url)


def test_endpoints_of_several_models_are_refused_with_what_each_says():
    with ChatServer(Said("OK")) as first, ChatServer(Said("OK", more={"model": "org/other"})) as second:
        with pytest.raises(UsageError, match="endpoints say they are several") as refused:
            checked(first.url, second.url)
        assert f"{second.url} 'org/other'" in str(refused.value)


def test_a_list_of_models_that_never_comes_is_not_waited_for(monkeypatch):
    async def nothing(self, request):
        await asyncio.Event().wait()

    monkeypatch.setattr(ChatServer, "_list_models", nothing)
    monkeypatch.setattr(endpoint_check, "_LISTING", aiohttp.ClientTimeout(total=0.1))
    with ChatServer(Said("OK")) as server:
        checked(server.url)
