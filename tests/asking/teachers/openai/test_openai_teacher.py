"""What is sent to a model behind an OpenAI-compatible URL, and what becomes of its reply."""

from __future__ import annotations

import pytest
from chats import asked, call, configured
from pydantic import ValidationError
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai.openai_teacher import OpenAITeacher

BOTH = pytest.mark.parametrize("stream", [True, False])


@BOTH
def test_a_reply_has_text_reasoning_and_what_it_cost(stream):
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 11,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 6},
    }
    with ChatServer(Said("It is 42.", "6 * 7 = 42", usage=usage)) as server:
        [reply] = asked(server.url, stream=stream)
    assert (reply.turn.reasoning, reply.turn.content) == ("6 * 7 = 42", "It is 42.")
    assert (reply.finish_reason, reply.prompt_tokens, reply.reasoning_tokens, reply.completion_tokens) == (
        "stop",
        9,
        6,
        11,
    )
    kept = {"retries": 0, "endpoint": 0, "fingerprint": "fp_test", "model": "tiny", "cached_tokens": 4}
    assert {name: reply.metadata[name] for name in kept} == kept
    assert ("first_token_seconds" in reply.metadata) == stream and reply.seconds > 0


def test_what_is_sent_is_the_config_and_what_the_call_wants_otherwise():
    config = {"sampling": {"temperature": 1.0, "max_tokens": 50}, "extra_body": {"priority": 3}, "stream": False}
    with ChatServer(Said("42")) as server:
        asked(server.url, calls=[call(temperature=0.5)], **config)
    assert server.seen[0].body == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "What is 6 times 7?"}],
        "temperature": 0.5,
        "max_tokens": 50,
        "seed": 7,
        "priority": 3,
    }


def test_a_server_that_takes_no_seed_gets_none():
    with ChatServer(Said("42")) as server:
        asked(server.url, send_seed=False)
    assert "seed" not in server.seen[0].body


def sent(model, effort, **config):
    with ChatServer(Said("42")) as server:
        asked(server.url, model=model, effort=effort, stream=False, send_seed=False, **config)
    return server.seen[0].body


USER = {"role": "user", "content": "What is 6 times 7?"}


@pytest.mark.parametrize(
    ("model", "effort", "body"),
    [
        (
            "Qwen/Qwen3-8B",
            "off",
            {
                "messages": [{"role": "user", "content": "What is 6 times 7? /no_think"}],
                "chat_template_kwargs": {"enable_thinking": False},
            },
        ),
        (
            "Qwen/Qwen3.5-9B",
            "tokens 300",
            {
                "messages": [USER],
                "chat_template_kwargs": {"enable_thinking": True},
                "thinking_token_budget": 300,
            },
        ),
        (
            "openai/gpt-oss-20b",
            "high",
            {"messages": [{"role": "system", "content": "Reasoning: high"}, USER], "reasoning_effort": "high"},
        ),
        ("o4-mini", "low", {"messages": [USER], "reasoning_effort": "low", "max_completion_tokens": 99}),
        (
            "gemini-2.5-flash",
            "dynamic",
            {
                "messages": [USER],
                "extra_body": {"google": {"thinking_config": {"thinking_budget": -1, "include_thoughts": True}}},
            },
        ),
        (
            "nvidia/Llama-3_3-Nemotron-Super-49B-v1",
            "off",
            {"messages": [{"role": "system", "content": "detailed thinking off"}, USER]},
        ),
    ],
)
def test_the_whole_request_for_an_effort(model, effort, body):
    most = {} if "max_completion_tokens" in body else {"max_tokens": 99}
    assert sent(model, effort, sampling={"max_tokens": 99}) == {"model": model, **most, **body}


def test_an_effort_keeps_the_template_arguments_of_the_config():
    body = sent("Qwen/Qwen3-8B", "off", extra_body={"chat_template_kwargs": {"tools_in_user_message": False}})
    assert body["chat_template_kwargs"] == {"tools_in_user_message": False, "enable_thinking": False}


def test_the_system_prompt_stays_below_what_is_said_of_the_effort():
    from dataclasses import replace

    one = call(effort="low")
    one = replace(one, messages=({"role": "system", "content": "Be brief."}, *one.messages))
    with ChatServer(Said("42")) as server:
        [reply] = asked(server.url, calls=[one], model="openai/gpt-oss-20b", effort="high")
    assert server.seen[0].body["messages"][0]["content"] == "Reasoning: low\n\nBe brief."
    assert reply.metadata["effort"] == "low"


def test_a_prefix_is_continued_and_stands_in_the_turn():
    with ChatServer(Said(" 42.")) as server:
        [reply] = asked(server.url, calls=[call(prefix="<think>6 * 7</think>The answer is")])
    body = server.seen[0].body
    assert body["messages"][-1] == {"role": "assistant", "content": "<think>6 * 7</think>The answer is"}
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
    assert (reply.turn.reasoning, reply.turn.content) == ("6 * 7", "The answer is 42.")


@pytest.mark.parametrize(
    ("said", "turn"),
    [
        (Said("It is 42.", "7 is 42"), ("6 * 7 is 42", "It is 42.")),
        (Said("7 is 42</think>It is 42."), ("6 * 7 is 42", "It is 42.")),
        (Said("", "7 is", finish="length"), ("6 * 7 is", "")),
    ],
)
def test_a_prefix_within_a_thought_goes_on_with_the_thought(said, turn):
    with ChatServer(said) as server:
        [reply] = asked(server.url, calls=[call(prefix="<think>6 * ")])
    assert (reply.turn.reasoning, reply.turn.content) == turn


def test_log_probabilities_are_summed_up_by_line():
    tokens = [("6", -0.1), (" is", -0.3), ("\n", 0.0), ("42", -0.5)]
    logprobs = {"content": [{"token": token, "logprob": value} for token, value in tokens]}
    whole = {"choices": [{"message": {"content": "6 is\n42"}, "finish_reason": "stop", "logprobs": logprobs}]}
    with ChatServer(Said(more=whole)) as server:
        [reply] = asked(server.url, calls=[call(logprobs=True)], stream=False)
    assert server.seen[0].body["logprobs"] is True
    assert reply.logprobs == (-0.133333, -0.5)


@BOTH
def test_tool_calls_are_put_together(stream):
    function = {"name": "add", "arguments": '{"a": 1}'}
    message = {"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": function}]}
    with ChatServer(Said(message=message, finish="tool_calls")) as server:
        [reply] = asked(server.url, stream=stream)
    [made] = reply.turn.tool_calls
    assert (made.id, made.name, made.arguments, reply.finish_reason) == ("c1", "add", {"a": 1}, "tool_calls")


def test_the_fingerprint_changes_with_what_replies_depend_on_and_with_nothing_else():
    def of(url="http://a/v1", **config):
        return OpenAITeacher(configured(url, **config)).fingerprint

    same = [of("http://b/v1"), of(retries=1), of(deadline_seconds=9), of(stream=False), of(api_key_env="K")]
    assert set(same) == {of()}
    assert len({of(), of(model="big"), of(sampling={"top_p": 0.5}), of(effort="dynamic"), of(loops=None)}) == 5


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"urls": ["localhost:8000"]}, "write it as in http://localhost:8000/v1"),
        ({"urls": ["http://user:secret@host/v1"]}, "give a key in the environment"),
        ({"urls": ["http://host/v1?key=abc"]}, "give a key in the environment"),
        ({"extra_body": {"n": 4}}, "'n' is set by tracemill"),
        ({"extra_body": {"temperature": 1}}, "'temperature' belongs in `sampling`"),
        ({"effort": "medium"}, "it can: dynamic, tokens N, wait N"),
        ({"model": "o3", "sampling": {"temperature": 1}}, "'o3' takes no 'temperature'"),
        ({"sampling": {"temprature": 1}}, "temprature"),
        ({"api_key_env": "sk-123"}, "api_key_env"),
    ],
)
def test_a_config_that_cannot_work_is_refused_with_the_reason(config, said):
    with pytest.raises(ValidationError, match=said):
        configured(**{"urls": ["http://localhost:8000/v1"], **config})
