"""Why a reply ended, in every spelling that servers use."""

from __future__ import annotations

from tracemill.asking.teachers.openai.bad_reply import BadReplyError, ServerTroubleError
from tracemill.asking.teachers.openai.received import Received
from tracemill.records import FinishReason

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
_BROKEN = frozenset({"error", "abort", "aborted", "cancelled", "network_error", "insufficient_system_resource"})
"""Ends that are the server's trouble."""
_FINISH_OF = {spelling: reason for reason, spellings in _FINISHES.items() for spelling in spellings}


def refuse_unfinished(received: Received) -> None:
    """Raises: ServerTroubleError: the reply has not come to its end."""
    if received.finish is None:
        raise ServerTroubleError("the reply ended without a reason to end (finish_reason)")
    if str(received.finish).lower() in _BROKEN:
        raise ServerTroubleError(f"the server gave up a reply (finish_reason {received.finish!r})")


def finish_of(received: Received) -> FinishReason:
    """Raises: BadReplyError: a spelling that nobody uses."""
    said = str(received.finish).lower()
    if said not in _FINISH_OF:
        known = ", ".join(sorted(_FINISH_OF))
        raise BadReplyError(f"the reply ends with finish_reason {said[:50]!r}, which is none of {known}")
    return _FINISH_OF[said]
