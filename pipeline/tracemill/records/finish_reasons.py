"""Why a reply ended, in every spelling that servers and data sets use."""

from __future__ import annotations

from typing import Literal

FinishReason = Literal["stop", "length", "loop", "budget", "tool_calls", "content_filter", "error"]

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
"""In lower case."""
FINISH_OF = {spelling: reason for reason, spellings in _FINISHES.items() for spelling in spellings}
"""By spelling, in lower case."""


def finish_reason_of(said: str) -> FinishReason | None:
    """The reason that a spelling stands for; None for one that nobody uses."""
    return FINISH_OF.get(said.strip().lower())
