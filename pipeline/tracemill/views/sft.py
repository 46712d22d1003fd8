"""The view `sft`: a verified solution as a conversation, for TRL's SFT trainer."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from tracemill.records import Trace, Turn
from tracemill.views.columns import MESSAGE, need, view_schema
from tracemill.views.groups import EachTrace
from tracemill.views.policies import SELF_CORRECTION, not_verified
from tracemill.views.row_parts import common_columns, prompt_messages, require_verified
from tracemill.views.view import RowGroup, View, ViewRow

SCHEMA = view_schema([need("messages", pa.list_(MESSAGE))])


def policy(require: Sequence[str]) -> pl.Expr:
    """Every required verifier verified it, and a flaw that somebody put into it was repaired in it."""
    repaired = pl.col("relation").eq_missing(SELF_CORRECTION)
    seeded = pl.when(pl.col("flaw_index").is_not_null() & ~repaired).then(pl.lit("seeded flaw"))
    return pl.coalesce(*(not_verified(verifier) for verifier in require), seeded)


def row(group: RowGroup) -> ViewRow:
    """A verified solution, its reasoning within `<think>…</think>`.

    Raises:
        ValueError: no verifier verified the trace, or it calls tools (the view `tools` is for those).
    """
    trace, verdicts = group.single()
    require_verified("sft", trace, verdicts)
    messages = prompt_messages(group.problem)
    messages.extend(_message(trace, turn) for turn in trace.turns)
    return {"messages": messages, **common_columns(group)}


def _message(trace: Trace, turn: Turn) -> dict[str, str]:
    if turn.role == "tool" or turn.tool_calls:
        raise ValueError(f"view 'sft': trace {trace.id} calls tools; the view 'tools' is for those")
    if turn.role == "assistant" and turn.reasoning:
        return {"role": "assistant", "content": f"<think>\n{turn.reasoning}\n</think>\n\n{turn.content}"}
    return {"role": turn.role, "content": turn.content}


VIEW = View(version="1", schema=SCHEMA, grouping=EachTrace(), policy=policy, row=row)
