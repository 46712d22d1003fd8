"""What a server sent for one call, as the teacher's reply."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tracemill.asking.teachers.openai.bad_reply import BadReplyError, ServerTroubleError
from tracemill.asking.teachers.openai.received import Received
from tracemill.asking.teachers.teacher import Reply
from tracemill.records import FinishReason, Payload, ToolCall, Turn
from tracemill.records.reasoning import split_reasoning

_FINISHES: dict[FinishReason, tuple[str, ...]] = {
    "stop": ("stop", "eos", "eos_token", "end_turn", "stop_sequence", "stop_token", "completed", "complete"),
    "length": ("length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"),
    "loop": ("repetition", "repetition_truncation", "loop"),
    "tool_calls": ("tool_calls", "tool_use", "function_call"),
    "content_filter": (
        *("content_filter", "content_filtered", "safety", "refusal", "recitation", "blocklist", "prohibited_content"),
        *("spii", "sensitive", "guardrail_intervened"),
    ),
}
"""How servers spell the reason for which a reply ends, in lower case."""
_BROKEN = frozenset({"error", "abort", "aborted", "cancelled", "network_error", "insufficient_system_resource"})
"""Ends that are the server's trouble."""
_FINISH_OF = {spelling: reason for reason, spellings in _FINISHES.items() for spelling in spellings}


def reply_of(
    received: Received, prefix: str = "", seconds: float | None = None, metadata: Payload | None = None
) -> Reply:
    """The reply that was received, which continues `prefix`.

    A thought without an answer after it is never an answer: it ends with `length`, whatever the server says.

    Raises:
        BadReplyError: it cannot be used.
        ServerTroubleError: the server says that it failed.
    """
    finish = _finish(received)
    reasoning, content = _parted(received, prefix)
    calls = tuple(map(_tool_call, received.tool_calls))
    error = None
    if finish in ("stop", "tool_calls") and not content and not calls:
        error = "the reply ended within its thought" if reasoning else None
        if not reasoning:
            raise BadReplyError(f"the reply has neither text nor reasoning; it has {_shown(received)}")
        finish = "length"
    if refusal := whole(received.refusal):
        content, finish = content or refusal, "content_filter"
    tokens = token_counts(received.usage)
    known = {"model": received.model, "fingerprint": received.fingerprint, "unread": received.unread or None}
    return Reply(
        turn=Turn("assistant", content=content, reasoning=reasoning, tool_calls=calls),
        finish_reason=finish,
        prompt_tokens=tokens.prompt,
        reasoning_tokens=tokens.reasoning,
        completion_tokens=tokens.completion,
        logprobs=line_logprobs(received.tokens),
        seconds=seconds,
        error=error,
        metadata={name: value for name, value in {**known, **(metadata or {})}.items() if value is not None}
        | _cached(received.usage),
    )


def _finish(received: Received) -> FinishReason:
    said = received.finish
    if said is None:
        raise ServerTroubleError("the reply ended without a reason to end (finish_reason)")
    if said.lower() in _BROKEN:
        raise ServerTroubleError(f"the server gave up a reply (finish_reason {said!r})")
    if said.lower() not in _FINISH_OF:
        known = ", ".join(sorted(_FINISH_OF))
        raise BadReplyError(f"the reply ends with finish_reason {said[:50]!r}, which is none of {known}")
    return _FINISH_OF[said.lower()]


def _parted(received: Received, prefix: str) -> tuple[str, str]:
    """Reasoning and content of the whole turn, its prefix included."""
    reasoning, content = whole(received.reasoning), whole(received.content)
    if prefix:
        reasoning, content = "", prefix + _continued(prefix, reasoning, content)
    split = split_reasoning(content)
    thoughts = [one for one in (reasoning.strip(), split.reasoning) if one]
    return "\n\n".join(thoughts), split.answer or ""


def _continued(prefix: str, reasoning: str, content: str) -> str:
    """What continues a prefix, as one text. A server may call it reasoning also where the prefix closed its thought."""
    within = split_reasoning(prefix).answer is None
    if not (within and reasoning and content):
        return reasoning + content
    closing = "[/THINK]" if prefix.lstrip().startswith("[THINK]") else "</think>"
    return f"{reasoning}{closing}{content}"


def whole(text: str) -> str:
    r"""The text with characters whose halves came apart put together (`"\ud83d" + "\ude00"`).

    Raises:
        BadReplyError: half a character is left, which no file can hold.
    """
    if text.isascii():
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise BadReplyError("the reply holds half a character (a lone surrogate)") from None


def _tool_call(given: Mapping[str, Any]) -> ToolCall:
    try:
        arguments = json.loads(given["arguments"] or "{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        raise BadReplyError(f"the arguments of the tool call {given['name']!r} are no JSON object")
    return ToolCall(given["id"], given["name"], arguments)


class TokenCounts(NamedTuple):
    """The server's own, None where it gives none. Those of the completion include those of its reasoning."""

    prompt: int | None
    reasoning: int | None
    completion: int | None


def token_counts(usage: Mapping[str, Any]) -> TokenCounts:
    details = usage.get("completion_tokens_details") or {}
    return TokenCounts(
        _count(usage.get("prompt_tokens")),
        _count(details.get("reasoning_tokens", usage.get("reasoning_tokens"))),
        _count(usage.get("completion_tokens")),
    )


def _cached(usage: Mapping[str, Any]) -> dict[str, int]:
    details = usage.get("prompt_tokens_details") or {}
    cached = _count(details.get("cached_tokens", usage.get("prompt_cache_hit_tokens")))
    return {} if cached is None else {"cached_tokens": cached}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def line_logprobs(tokens: Sequence[tuple[str, float]]) -> tuple[float, ...]:
    """The mean log-probability of the tokens of each line that has text, to six digits.

    >>> line_logprobs([("6", -0.2), (" * 7", -0.4), ("\\n", -1.0), ("42", 0.0)])
    (-0.533333, 0.0)
    """
    found: list[tuple[float, int, bool]] = [(0.0, 0, False)]
    for token, logprob in tokens:
        total, count, text = found[-1]
        found[-1] = (total + logprob, count + 1, text or bool(token.strip()))
        if "\n" in token:
            found.append((0.0, 0, False))
    return tuple(round(total / count, 6) for total, count, text in found if text)


def _shown(received: Received) -> str:
    fields = [name for name, parts in received.texts.items() if parts]
    return f"the fields {', '.join(fields)}" if fields else "no field with text"
