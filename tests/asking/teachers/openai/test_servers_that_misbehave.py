"""What becomes of requests to servers that are busy, broken, stuck or gone."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from chats import LAST, asked, call, event
from hypothesis import example, given, settings
from hypothesis import strategies as st
from servers.chat_server import ChatServer, Said
from tracemill.asking.rollouts import completion_of
from tracemill.asking.teachers.openai import chat_client, event_stream, retrying
from tracemill.asking.teachers.openai.bad_reply import BadReplyError, ServerTroubleError
from tracemill.asking.teachers.openai.chat_client import Exchange
from tracemill.asking.teachers.openai.chat_reply import reply_of
from tracemill.asking.teachers.openai.endpoints import Endpoints
from tracemill.asking.teachers.openai.finishes import refuse_unfinished
from tracemill.asking.teachers.openai.received import Received
from tracemill.asking.teachers.teacher import wrong_in
from tracemill.records.codec import decode, encode
from tracemill.settings.errors import UnusableTeacherError
from tracemill.settings.failures import kind_of

BOTH = pytest.mark.parametrize("stream", [True, False])
SLOW = Said("x" * 400, piece=1, pause=0.005)
"""A reply that keeps an endpoint moving for two seconds."""


def test_case_61_a_server_that_hangs_is_left_for_another_while_that_one_moves():
    with ChatServer(Said("42", hang=0)) as stuck, ChatServer(lambda body, n: SLOW if n == 0 else Said("42")) as alive:
        replies = asked(stuck.url, alive.url, calls=[call(f"{n}") for n in range(6)], progress_seconds=0.5)
    assert all(reply.finish_reason == "stop" for reply in replies)
    assert {reply.metadata["endpoint"] for reply in replies} == {1}
    assert sum(reply.metadata["retries"] > 0 for reply in replies) == len(stuck.seen) > 0
    assert stuck.left == len(stuck.seen)


@pytest.mark.parametrize("beats", [False, True])
def test_what_is_stuck_is_not_left_to_its_deadline(beats):
    with ChatServer(Said("42", hang=0, beats=beats)) as stuck, ChatServer(SLOW) as alive:
        calls = [call(f"{n}") for n in range(6)]
        settings = {"progress_seconds": 0.4, "deadline_seconds": 20, "retries": 0}
        failed = [one for one in asked(stuck.url, alive.url, calls=calls, **settings) if isinstance(one, Exception)]
    assert len(failed) == len(stuck.seen) > 0
    assert all("sent nothing for 0.4 s while other requests moved" in str(one) for one in failed)

    with ChatServer(lambda body, n: Said("42", hang=1, beats=beats) if n == 0 else SLOW) as server:
        failed, _ = asked(server.url, calls=[call("0"), call("1")], **settings)
    assert "sent nothing for 0.4 s while other requests moved" in str(failed)


def test_case_61_a_stream_that_stands_still_is_asked_again_while_its_endpoint_goes_on():
    def script(body, number):
        stands_still = body["messages"][0]["content"] == "still" and len(server.seen) <= 2
        return Said("It is 42", hang=1) if stands_still else SLOW if number < 2 else Said("42")

    with ChatServer(script) as server:
        replies = asked(server.url, calls=[call("still"), call("slow")], progress_seconds=0.4)
    assert [reply.metadata["retries"] for reply in replies] == [1, 0]


@BOTH
def test_case_61_what_takes_longer_than_the_deadline_is_asked_elsewhere(stream):
    with ChatServer(Said("42", hang=0)) as stuck, ChatServer(Said("42")) as alive:
        replies = asked(
            stuck.url, alive.url, calls=[call(f"{n}") for n in range(6)], deadline_seconds=0.5, stream=stream
        )
    assert {reply.turn.content for reply in replies} == {"42"} and stuck.seen


def test_a_request_that_never_ends_anywhere_is_a_row_that_says_so():
    with ChatServer(Said("42", hang=0)) as server:
        [failed] = asked(server.url, deadline_seconds=0.2, retries=1)
    assert isinstance(failed, ServerTroubleError) and kind_of(failed) == "trouble"
    assert "took longer than 0.2 s (deadline_seconds); after 1 retries" in str(failed)


@BOTH
@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_case_66_a_busy_or_broken_server_is_asked_again_with_the_same_request(status, stream):
    with ChatServer([Said(status=status), Said(status=status), Said("42")]) as server:
        [reply] = asked(server.url, stream=stream)
    assert reply.turn.content == "42" and reply.metadata["retries"] == 2
    assert len({json.dumps(seen.body) for seen in server.seen}) == 1


def test_case_66_a_storm_of_refusals_loses_no_call_and_repeats_each_as_it_was():
    def storm(body, number):
        return Said(status=503 if number % 2 else 429) if number < 60 else Said(body["messages"][0]["content"])

    with ChatServer(storm) as server:
        replies = asked(server.url, calls=[call(f"{n}") for n in range(30)], retries=200)
    assert [reply.turn.content for reply in replies] == [f"{n}" for n in range(30)]
    bodies = [json.dumps(seen.body) for seen in server.seen]
    assert len(set(bodies)) == 30 and len(bodies) == 90


@pytest.mark.parametrize("drop", [0, 1, 3])
@BOTH
def test_a_connection_that_breaks_is_made_again(drop, stream):
    with ChatServer([Said("It is 42.", drop=drop), Said("It is 42.")]) as server:
        [reply] = asked(server.url, stream=stream)
    assert reply.turn.content == "It is 42." and reply.metadata["retries"] == 1


def test_a_dead_server_is_left_for_the_living():
    with ChatServer(Said("42")) as gone:
        dead = gone.url
    with ChatServer(Said("42")) as alive:
        replies = asked(dead, alive.url, calls=[call(f"{n}") for n in range(10)])
    assert {reply.turn.content for reply in replies} == {"42"}


def test_a_stream_that_ends_too_early_is_asked_again():
    cut = Said("It is 42.", finish=None)
    with ChatServer(
        [cut, Said("It is 42.", error={"message": "engine died"}), Said("It is 42.", finish="abort"), Said("42")]
    ) as server:
        [reply] = asked(server.url)
    assert reply.turn.content == "42" and reply.metadata["retries"] == 3


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, BadReplyError), (401, UnusableTeacherError), (503, ServerTroubleError), ("oops", ServerTroubleError)],
)
@BOTH
def test_an_error_within_an_answer_of_200_counts_as_one_with_its_code(code, kind, stream):
    error = {"message": "too long", "code": code}
    said = Said("It is", error=error) if stream else Said(raw=json.dumps({"error": error}).encode())
    with ChatServer(said) as server:
        [failed] = asked(server.url, stream=stream, retries=1)
        assert len(server.seen) == (2 if kind is ServerTroubleError else 1)
    assert type(failed) is kind and "too long" in str(failed)


def test_the_page_of_a_proxy_is_no_reply():
    page = Said(raw=b"<html><h1>Please wait</h1></html>", content_type="text/html")
    with ChatServer(page) as server:
        [failed] = asked(server.url, retries=1)
    assert isinstance(failed, ServerTroubleError)
    assert "answered with text/html, which is no JSON: <html><h1>Please wait" in str(failed)


WHOLE = {"choices": [{"index": 0, "message": {"content": "42"}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(WHOLE).encode()[:-9],
        b'"42"',
        b"{}",
        b'{"choices": "42"}',
        b'{"choices": [{"index": 0, "message": "42", "finish_reason": "stop"}]}',
        b'{"choices": [{"message": {"content": "\\ud800 42"}, "finish_reason": "stop"}]}',
        b'{"choices": [{"message": {"content": "' + b"\xff\xfe" + b'"}, "finish_reason": "stop"}]}',
        b"[" * 100_000,
        b'{"choices": [], "usage": {"prompt_tokens": 4}}',
        b'{"choices": [{"message": {"tool_calls": [{"function": {"name": "f", "arguments": "{"}}]},'
        b' "finish_reason": "stop"}]}',
    ],
)
def test_case_65_a_malformed_reply_is_a_row_that_says_why(raw):
    with ChatServer(Said(raw=raw)) as server:
        [failed] = asked(server.url)
    assert isinstance(failed, BadReplyError | ServerTroubleError), failed
    assert kind_of(failed) in ("data", "trouble") and str(failed).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "stop", "42", "\ud800", "{"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["index", "id", "type", "text", "function", "token", "content"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
FIELDS = ("content", "reasoning", "tool_calls", "refusal", "other")


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3),
    st.dictionaries(st.sampled_from(["index", "finish_reason", "logprobs"]), JSON, max_size=3),
    st.dictionaries(st.sampled_from(["model", "usage", "system_fingerprint", "choices"]), JSON, max_size=2),
)
@example({"content": "\ud800"}, {}, {})
@example({"content": "42", "reasoning": "\ud800"}, {}, {})
@example({"content": "42", "other": "\ud800"}, {}, {})
@example({"content": "42"}, {}, {"model": "\ud800"})
@example({"content": "42"}, {}, {"usage": {"prompt_tokens": 10**30}})
@example({"tool_calls": [{"function": {"name": "f", "arguments": '{"a": NaN}'}}]}, {}, {})
@settings(max_examples=300, deadline=None)
def test_case_65_whatever_a_server_sends_is_a_reply_that_can_be_stored_or_a_row_that_says_why(message, choice, answer):
    received = Received()
    whole = {"choices": [{"message": message, "finish_reason": "stop", **choice}], **answer}
    try:
        received.take(whole, "message")
        refuse_unfinished(received)
        reply = reply_of(Exchange(received, 1.0))
    except (BadReplyError, ServerTroubleError) as exc:
        assert str(exc).encode("utf-8", "replace").decode() == str(exc) != ""
        return
    assert not wrong_in(reply)
    completion = completion_of("k", "0", 0, "p", "tiny", reply)
    assert decode("completions", encode("completions", [completion])) == [completion]


def test_case_65_a_malformed_piece_of_a_stream_is_a_row_that_says_why():
    with ChatServer(Said(raw=b'data: {"choices": [{"delta"\n\n', content_type="text/event-stream")) as server:
        [failed] = asked(server.url)
    assert isinstance(failed, BadReplyError) and '{"choices": [{"delta"' in str(failed)


def test_case_67_one_bad_reply_among_many_leaves_the_others_at_their_place():
    def script(body, number):
        prompt = body["messages"][0]["content"]
        return Said(raw=b'{"choices": [') if prompt == "3" else Said(f"answer {prompt}")

    with ChatServer(script) as server:
        replies = asked(server.url, calls=[call(f"{n}") for n in range(8)])
    assert isinstance(replies.pop(3), BadReplyError)
    assert [reply.turn.content for reply in replies] == [f"answer {n}" for n in (0, 1, 2, 4, 5, 6, 7)]


def test_case_67_of_several_choices_the_first_is_taken_whatever_the_others_are():
    choices = [{"index": 1, "message": "broken"}, {**WHOLE["choices"][0]}, {"index": 2}]
    with ChatServer(Said(raw=json.dumps({"choices": choices}).encode())) as server:
        [reply] = asked(server.url)
    assert reply.turn.content == "42"


def test_a_reply_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(chat_client, "REPLY_BYTES", 1_000)
    monkeypatch.setattr(event_stream, "STREAM_BYTES", 2_000)
    with ChatServer(Said("x" * 10_000)) as server:
        failed = asked(server.url, stream=False) + asked(server.url, stream=True, loops=None)
    assert [type(one) for one in failed] == [BadReplyError] * 2


def test_an_event_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(event_stream, "LINE_BYTES", 1_000)
    raw = b"data: {no JSON\n" * 400 + LAST
    with ChatServer(Said(raw=raw, content_type="text/event-stream")) as server:
        [failed] = asked(server.url)
    assert isinstance(failed, BadReplyError) and "has an event over" in str(failed)


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        (Said(status=401), "Correct the key in the environment variable TEST_KEY"),
        (Said(status=403), "ask for access to the model"),
        (Said(status=404), r"Correct `teacher.model`, or `teacher.urls` \(most end in /v1\)"),
        (Said(raw=b'{"error": {"message": "API key not valid."}}', status=400), "in the environment variable TEST_KEY"),
        (Said(status=402), "nothing left to pay with"),
        (Said(raw=b'{"error": {"code": "insufficient_quota"}}', status=429), "nothing left to pay with"),
        (
            Said(status=307, headers={"Location": "http://evil.example/v1?k=1"}),
            "It points to http://evil.example/v1, and no key",
        ),
    ],
)
def test_what_no_request_can_pass_ends_the_run_at_once(said, fix, monkeypatch):
    monkeypatch.setenv("TEST_KEY", "the-secret-key")
    with ChatServer(said) as server:
        [failed] = asked(server.url, api_key_env="TEST_KEY")
        assert len(server.seen) == 1
    assert isinstance(failed, UnusableTeacherError)
    assert re.search(fix, str(failed)), failed


def test_a_request_that_is_refused_for_its_length_is_a_row():
    said = {"error": {"message": "This model's maximum context length is 2048 tokens. You requested 4000."}}
    with ChatServer(Said(raw=json.dumps(said).encode(), status=400)) as server:
        [failed] = asked(server.url)
        assert len(server.seen) == 1
    assert isinstance(failed, BadReplyError) and "maximum context length is 2048" in str(failed)


def test_case_68_the_key_is_in_no_error_and_no_reply(monkeypatch):
    monkeypatch.setenv("TEST_KEY", "the-secret-key")
    told = "your key is the-secret-key"
    scripts = [
        Said(raw=json.dumps({"error": {"message": told}}).encode(), status=401),
        Said(raw=json.dumps({"error": {"message": told}}).encode(), status=400),
        Said(raw=told.encode(), status=503),
        Said(raw=told.encode(), content_type="text/html"),
        Said(raw=f'{{"choices": "{told}'.encode()),
        Said("42", error={"message": told}),
        Said(told),
        Said("42", told),
    ]
    for said in scripts:
        with ChatServer(said) as server:
            [failed] = asked(server.url, api_key_env="TEST_KEY", retries=0)
            assert server.seen[0].headers["Authorization"] == "Bearer the-secret-key"
        assert isinstance(failed, Exception), said
        chain = f"{failed!r} {failed} {failed.__cause__!r}"
        assert "the-secret" not in chain


def test_a_key_that_is_not_in_the_environment_is_named():
    with ChatServer(Said("42")) as server:
        [failed] = asked(server.url, api_key_env="NO_SUCH_KEY")
        assert not server.seen
    assert isinstance(failed, UnusableTeacherError) and "variable NO_SUCH_KEY (teacher.api_key_env) is not set" in str(
        failed
    )


@BOTH
def test_a_reply_in_a_loop_is_ended_or_told_apart(stream):
    with ChatServer(Said("So it is:" + "Wait, no. " * 50_000, piece=40, finish="length")) as server:
        [reply] = asked(server.url, stream=stream, sampling={"max_tokens": 9_000})
    assert reply.finish_reason == "loop"
    loop = reply.metadata["loop"]
    assert (loop["period"], loop["at"]) == (10, 9)
    if stream:
        assert len(reply.turn.content) < 1_500 and server.left == 1
        assert loop["saved_tokens"] == 9_000 - reply.completion_tokens > 8_000
    else:
        assert loop["saved_tokens"] == 0


def test_a_loop_in_a_thought_that_comes_under_two_names_is_seen():
    events = [event(reasoning=text, reasoning_content=text) for text in ["So ", "we", " see"] * 2_000]
    with ChatServer(Said(raw=b"".join([*events, LAST]), content_type="text/event-stream")) as server:
        [reply] = asked(server.url)
    assert reply.finish_reason == "loop" and reply.metadata["loop"]["period"] == 9


def test_loops_may_run_on():
    with ChatServer(Said("Wait, no. " * 500, piece=40, finish="length")) as server:
        [reply] = asked(server.url, loops=None)
    assert reply.finish_reason == "length" and len(reply.turn.content) == 4_999


def test_retry_after_is_obeyed_in_seconds_and_as_a_date_and_is_capped(monkeypatch):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert retrying.retry_after("2.5") == 2.5 and 90 < retrying.retry_after(soon) <= 100
    assert retrying.retry_after("-4") == 0 and retrying.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert [retrying.retry_after(odd) for odd in (None, "", "soon", "nan", "inf", "Wed")] == [None] * 6
    monkeypatch.setattr("tracemill.asking.teachers.openai.refusals.ASKED_SECONDS", 0.05)
    with ChatServer(Said(status=429, headers={"Retry-After": "86400"})) as server:
        [failed] = asked(server.url, retries=1)
        assert server.seen[1].at - server.seen[0].at >= 0.05
    assert "it asks to wait 86,400 s; at most 0 s are waited" in str(failed)


def test_an_endpoint_that_fails_is_left_alone_longer_each_time_and_together_counts_once():
    [endpoint] = Endpoints(["http://a/v1"]).all
    pauses = []
    now = 0.0
    for _ in range(5):
        endpoint.failed(now, None)
        endpoint.failed(now, None)
        pauses.append(endpoint.pause)
        now = endpoint.ready_at
    assert pauses == [retrying.FIRST_SECONDS * 2**n for n in range(5)]
    endpoint.failed(now, 50)
    assert endpoint.ready_at == now + 50
    endpoint.answered(now)
    endpoint.failed(now + 60, None)
    assert endpoint.pause == retrying.FIRST_SECONDS


def test_prompts_keep_to_an_endpoint_until_it_is_busier_than_others():
    endpoints = Endpoints(["http://a/v1", "http://b/v1", "http://c/v1"])
    first = endpoints.choose(b"prompt", 0.0)
    assert endpoints.choose(b"prompt", 0.0) is first
    first.in_flight = 50
    assert endpoints.choose(b"prompt", 0.0) is not first
    assert {endpoints.choose(f"{n}".encode(), 0.0).index for n in range(20)} >= {0, 1, 2} - {first.index}


def test_an_endpoint_that_just_failed_is_left_for_any_other():
    endpoints = Endpoints(["http://a/v1", "http://b/v1"])
    first = endpoints.choose(b"prompt", 0.0)
    first.failed(0.0, None)
    assert endpoints.choose(b"prompt", 0.0) is not first


def test_many_requests_are_spread_over_the_endpoints():
    with ChatServer(Said("42", pause=0.05)) as a, ChatServer(Said("42", pause=0.05)) as b:
        asked(a.url, b.url, calls=[call("one prompt") for _ in range(40)])
    assert abs(len(a.seen) - len(b.seen)) <= 8 and len(a.seen) + len(b.seen) == 40


def test_a_redirect_is_not_followed_and_takes_no_key_along(monkeypatch):
    monkeypatch.setenv("TEST_KEY", "the-secret-key")
    with ChatServer(Said("42")) as evil:
        moved = Said(status=301, headers={"Location": f"{evil.url}/chat/completions"})
        with ChatServer(moved) as server:
            [failed] = asked(server.url, api_key_env="TEST_KEY")
        assert isinstance(failed, UnusableTeacherError) and not evil.seen
