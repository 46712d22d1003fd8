"""Why a reply ended, and whether it has ended at all."""

from __future__ import annotations

from tracemill.asking.teachers.openai.bad_reply import BadReplyError, ServerTroubleError
from tracemill.asking.teachers.openai.received import Received
from tracemill.records import FinishReason
from tracemill.records.finish_reasons import FINISH_OF

_BROKEN = frozenset({"error", "abort", "aborted", "cancelled", "network_error", "insufficient_system_resource"})
"""Ends that are the server's trouble."""


def refuse_unfinished(received: Received) -> None:
    """Raises: ServerTroubleError: the reply has not come to its end."""
    if received.finish is None:
        raise ServerTroubleError("the reply ended without a reason to end (finish_reason)")
    if str(received.finish).lower() in _BROKEN:
        raise ServerTroubleError(f"the server gave up a reply (finish_reason {received.finish!r})")


def finish_of(received: Received) -> FinishReason:
    """Raises: BadReplyError: a spelling that nobody uses."""
    said = str(received.finish).lower()
    if said not in FINISH_OF:
        known = ", ".join(sorted(FINISH_OF))
        raise BadReplyError(f"the reply ends with finish_reason {said[:50]!r}, which is none of {known}")
    return FINISH_OF[said]
