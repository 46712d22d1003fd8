"""What a server sent for one call, as the teacher's reply."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tracemill.asking.teachers.openai.bad_reply import BadReplyError
from tracemill.asking.teachers.openai.chat_client import Exchange
from tracemill.asking.teachers.openai.finishes import finish_of
from tracemill.asking.teachers.openai.received import Received, mapping
from tracemill.asking.teachers.teacher import Reply, count_pieces
from tracemill.records import FinishReason, Payload, ToolCall, Turn, canonical_json
from tracemill.records.reasoning import split_reasoning
from tracemill.records.trace import UNREAD_ARGUMENTS

NAME = 200
"""Characters of what a server calls itself or its model."""
TOKENS = 2**31
"""No call takes so many: a larger number is none."""


def reply_of(
    exchange: Exchange, prefix: str = "", most: int | None = None, may_be_empty: bool = False, tools: bool = False
) -> Reply:
    """The reply that was received, which continues `prefix` and may have `most` tokens, or none if it `may_be_empty`.
    `tools`: whether it was asked to call any; then a call whose arguments cannot be read is one of its calls.

    A thought without an answer after it is never an answer: it ends with `length`, whatever the server says.

    Raises:
        BadReplyError: it cannot be used.
    """
    received = exchange.received
    reasoning, content = _parted(received, prefix)
    finish: FinishReason = "loop" if exchange.loop else finish_of(received)
    # Where the reply was cut off, so was its last tool call; none of them was made.
    calls = () if finish in ("length", "loop") else tuple(_tool_call(one, tools) for one in received.tool_calls)
    error = None
    silent = not content and not calls and not received.refusal
    if finish in ("stop", "tool_calls") and silent and (reasoning or not may_be_empty):
        if not reasoning:
            raise BadReplyError(f"the reply has neither text nor reasoning; {_fields(received)}")
        finish, error = "length", "the reply ended within its thought"
    if received.refusal:
        content, finish = content or whole(received.refusal), "content_filter"
    counts = token_counts(received, exchange.ended)
    energy = exchange.price.of(counts.completion) if exchange.price and counts.completion else None
    return Reply(
        turn=Turn("assistant", content=content, reasoning=reasoning, tool_calls=calls),
        finish_reason=finish,
        prompt_tokens=counts.prompt,
        reasoning_tokens=counts.reasoning,
        completion_tokens=counts.completion,
        logprobs=line_logprobs(received.tokens),
        seconds=exchange.seconds,
        joules=energy and energy.joules,
        error=error,
        metadata={**_metadata(exchange, counts, most), **({"gpu_seconds": energy.gpu_seconds} if energy else {})},
    )


def _metadata(exchange: Exchange, counts: TokenCounts, most: int | None) -> Payload:
    received = exchange.received
    found: dict[str, Any] = {
        "retries": exchange.retries,
        "endpoint": exchange.endpoint,
        "first_token_seconds": exchange.first_token_seconds,
        "model": received.model and whole(received.model)[:NAME],
        "fingerprint": received.fingerprint and whole(received.fingerprint)[:NAME],
        "cached_tokens": counts.cached,
        "unread": {whole(name): whole(text) for name, text in received.unread.items()} or None,
    }
    if loop := exchange.loop:
        saved = 0 if not exchange.ended else None if most is None else max(0, most - (counts.completion or 0))
        found["loop"] = {"period": loop.period, "at": loop.at, "saved_tokens": saved}
    return {name: value for name, value in found.items() if value is not None}


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


def _tool_call(given: Mapping[str, str], tools: bool) -> ToolCall:
    name, said = whole(given["name"]), whole(given["arguments"]) or "{}"
    try:
        arguments = json.loads(said)
        canonical_json(arguments).encode()
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        if not tools:
            raise BadReplyError(f"the arguments of the tool call {name!r} are no JSON object")
        # The model's mistake: whoever carries out the call answers it.
        arguments = {UNREAD_ARGUMENTS: said}
    return ToolCall(whole(given["id"]), name, arguments)


class TokenCounts(NamedTuple):
    """The server's own, None where it gives none. Those of the completion include those of its reasoning, and those of
    the prompt the cached ones, also where the server counts them beside each other."""

    prompt: int | None
    reasoning: int | None
    completion: int | None
    cached: int | None


def token_counts(received: Received, ended: bool) -> TokenCounts:
    """`ended`: we ended the reply, so that its server may never have counted; then its words and marks are."""
    usage = received.usage
    details, prompt_details = (mapping(usage.get(f"{part}_tokens_details")) for part in ("completion", "prompt"))
    prompt = _count(usage.get("prompt_tokens"))
    reasoning = _count(details.get("reasoning_tokens", usage.get("reasoning_tokens")))
    completion = _count(usage.get("completion_tokens"))
    if completion is None and ended:
        completion = len(received.tokens) or count_pieces(received.all_text)
    elif completion is not None:
        completion = _with_thought(completion, reasoning or 0, prompt, _count(usage.get("total_tokens")))
    cached = _count(prompt_details.get("cached_tokens", usage.get("prompt_cache_hit_tokens")))
    if cached is not None and prompt is not None and cached > prompt:
        cached = None
    return TokenCounts(prompt, reasoning, completion, cached)


def _with_thought(completion: int, reasoning: int, prompt: int | None, total: int | None) -> int:
    """What is paid as output. Gemini's and xAI's servers leave the thought out of `completion_tokens`; their total has
    it."""
    if prompt is not None and total is not None and total > prompt + completion:
        return total - prompt
    return completion + reasoning if reasoning > completion else completion


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < TOKENS else None


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


def _fields(received: Received) -> str:
    names = [name for name, parts in received.texts.items() if any(parts)]
    return f"its fields with text: {', '.join(names) or 'none'}"
