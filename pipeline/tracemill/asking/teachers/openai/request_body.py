"""A call as the body of a request to `/chat/completions`."""

from __future__ import annotations

from typing import Any

from tracemill.asking.teachers.openai.chat_config import ChatConfig
from tracemill.asking.teachers.teacher import Call

SEED_BITS = 31
"""Some servers keep a seed in 32 bits with a sign."""


def request_body(config: ChatConfig, call: Call, streamed: bool) -> dict[str, Any]:
    """What is sent for a call. The call's own sampling comes before the config's, and `extra_body` before neither.

    A `prefix` in the call's sampling begins the assistant's turn, which the server is to continue; that is written as
    vLLM and SGLang understand it.
    """
    given = {name: value for name, value in config.sampling.model_dump().items() if value is not None}
    given |= {name: value for name, value in call.sampling.items() if name not in ("effort", "prefix")}
    body: dict[str, Any] = {**config.extra_body, "model": config.model, "messages": list(call.messages), **given}
    if config.send_seed:
        body["seed"] = call.seed % 2**SEED_BITS
    if prefix := call.sampling.get("prefix"):
        body["messages"].append({"role": "assistant", "content": prefix})
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    if streamed:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body
