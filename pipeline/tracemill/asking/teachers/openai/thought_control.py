"""Ends a thought that is too long, and continues one that ended early, with further requests (s1, arXiv:2501.19393).

The server must be able to continue an assistant's message, and to part reasoning from content, as vLLM and SGLang do
with a reasoning parser.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from tracemill.asking.effort import Rendering
from tracemill.asking.teachers.teacher import Call, Reply

ANSWER = "Final Answer:"
"""With what the answer begins that follows a thought which was ended."""
ON = "Wait"
"""What makes a model go on, and often look at what it has."""

AskOnce = Callable[[Call], Awaitable[Reply]]


async def answered_in_turns(call: Call, told: Rendering, most: int | None, ask: AskOnce) -> Reply:
    """The reply to a call whose thought may have at most `told.thought` tokens, and is continued `told.waits` times.
    `most`: tokens that the whole reply may have. What its requests cost is summed up."""
    if told.thought is None and not told.waits:
        return await ask(call)
    bound = told.thought if most is None or told.thought is None else min(told.thought, most)
    replies = [await ask(_with(call, max_tokens=bound) if bound else call)]
    if bound and replies[0].finish_reason == "length" and (most is None or bound < most):
        left = {} if most is None else {"max_tokens": most - bound}
        replies.append(await ask(_with(call, prefix=_to_answer(replies[0]), **left)))
    for _ in range(told.waits):
        last = replies[-1]
        if last.finish_reason != "stop" or not last.turn.reasoning:
            break
        replies.append(await ask(_with(call, prefix=f"<think>\n{last.turn.reasoning}\n\n{ON}")))
    forced = {"forced_end": True} if bound and len(replies) > 1 and not replies[0].turn.content else {}
    return _summed(replies, forced)


def _with(call: Call, **more: Any) -> Call:
    return replace(call, sampling={**call.sampling, **more})


def _to_answer(cut: Reply) -> str:
    """What continues a reply that was cut: after its thought the answer, where there was none yet."""
    if not cut.turn.reasoning:
        return cut.turn.content
    return f"<think>\n{cut.turn.reasoning}\n</think>\n\n{cut.turn.content or ANSWER}"


def _summed(replies: list[Reply], more: Mapping[str, Any]) -> Reply:
    last = replies[-1]
    retries = sum(one.metadata.get("retries", 0) for one in replies)
    first = {name: replies[0].metadata[name] for name in ("first_token_seconds",) if name in replies[0].metadata}
    gpu_seconds = _sum_of_all([one.metadata.get("gpu_seconds") for one in replies])
    counted = {"retries": retries, "requests": len(replies), "gpu_seconds": gpu_seconds}
    metadata = {**last.metadata, **first, **more, **counted}
    return replace(
        last,
        prompt_tokens=_sum([one.prompt_tokens for one in replies]),
        reasoning_tokens=_sum([one.reasoning_tokens for one in replies]),
        completion_tokens=_sum([one.completion_tokens for one in replies]),
        seconds=sum(one.seconds or 0 for one in replies),
        joules=_sum_of_all([one.joules for one in replies]),
        metadata={name: value for name, value in metadata.items() if value is not None},
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [one for one in counts if one is not None]
    return sum(known) if known else None


def _sum_of_all(amounts: list[float | None]) -> float | None:
    """None where one was not measured: the others alone would be too little."""
    known = [one for one in amounts if one is not None]
    return sum(known) if len(known) == len(amounts) else None
