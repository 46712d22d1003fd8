"""A call as the body of a request to `/chat/completions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracemill.asking.effort import Rendering, rendering
from tracemill.asking.teachers.openai.chat_config import OPENAI_FIXED, ChatConfig
from tracemill.asking.teachers.teacher import Call
from tracemill.records import Payload
from tracemill.settings.errors import UnusableTeacherError

SEED_BITS = 31
"""Some servers keep a seed in 32 bits with a sign."""


def effort_of(config: ChatConfig, call: Call) -> str | None:
    """How much the model is to think over a call: what the call says, else the config."""
    effort: str | None = call.sampling.get("effort", config.effort)
    return effort


def rendering_of(config: ChatConfig, call: Call) -> Rendering:
    """Raises: UnusableTeacherError: the model cannot be told to think so much, now or over any other call."""
    effort = effort_of(config, call)
    try:
        return rendering(config.known_family, config.model, effort) if effort else Rendering()
    except ValueError as exc:
        raise UnusableTeacherError(str(exc)) from None


def request_body(config: ChatConfig, call: Call, told: Rendering) -> dict[str, Any]:
    """What is sent for a call. A `prefix` in its sampling begins the assistant's turn, which the server is to continue;
    that is written as vLLM and SGLang understand it.

    Raises:
        UnusableTeacherError: a sampling parameter that models of this family refuse.
    """
    sampling = {name: value for name, value in call.sampling.items() if name not in ("effort", "prefix")}
    body = sent_body(config, call.messages, sampling, told, call.seed % 2**SEED_BITS)
    if prefix := call.sampling.get("prefix"):
        body["messages"].append({"role": "assistant", "content": prefix})
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    return body


def sent_body(
    config: ChatConfig, messages: Sequence[Payload], sampling: Payload, told: Rendering, seed: int
) -> dict[str, Any]:
    """`sampling` counts before the config's, and `told`, what the effort is in the words of the model's family, before
    both."""
    given = {name: value for name, value in config.sampling.model_dump().items() if value is not None} | dict(sampling)
    if config.known_family == "o_series":
        given = _for_openai(given)
    body = _merged(
        {**config.extra_body, "model": config.model, "messages": _messages(messages, told), **given}, told.body
    )
    if config.send_seed:
        body["seed"] = seed
    if config.streamed:
        body |= {"stream": True, "stream_options": config.stream_options}
    return body


def _for_openai(given: dict[str, Any]) -> dict[str, Any]:
    """OpenAI's reasoning models name the bound on tokens otherwise, and draw them in one way only."""
    if fixed := sorted(OPENAI_FIXED & set(given)):
        raise UnusableTeacherError(f"models of the family o_series take no {', '.join(fixed)}; leave it out")
    return {"max_completion_tokens" if name == "max_tokens" else name: value for name, value in given.items()}


def _messages(given: Sequence[Payload], told: Rendering) -> list[dict[str, Any]]:
    messages = [dict(message) for message in given]
    if told.system and messages and messages[0]["role"] == "system":
        messages[0]["content"] = f"{told.system}\n\n{messages[0]['content']}"
    elif told.system:
        messages.insert(0, {"role": "system", "content": told.system})
    if told.before or told.after:
        last = next((one for one in reversed(messages) if one["role"] == "user"), None)
        if last is not None:
            last["content"] = f"{told.before}{last['content']}{told.after}"
    return messages


def _merged(given: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both, also within mappings that both have; `more` counts where they differ."""
    found = dict(given)
    for name, value in more.items():
        old = found.get(name)
        found[name] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return found
