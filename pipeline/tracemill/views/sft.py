"""The view `sft`: a verified solution as a conversation, for TRL's SFT trainer.

Chat templates differ in where they look for reasoning, so a config says where it stands: in the content, within
`<think>…</think>`, or in a field of its own. `docs/training.md` says which to take for which family of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import polars as pl
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from tracemill.records import Trace, Turn
from tracemill.views.columns import MESSAGE, TEXT, may, need, view_schema
from tracemill.views.groups import EachTrace
from tracemill.views.policies import not_best, not_right
from tracemill.views.row_parts import common_columns, prompt_messages, require_verified
from tracemill.views.view import RowGroup, View, ViewRow

SCHEMA = view_schema(
    [
        need(
            "messages",
            pa.list_(MESSAGE),
            "system text if there is one, prompt, reply; the reasoning of a reply stands before it as "
            "`<think>…</think>`",
        )
    ]
)

_REASONING = may("reasoning_content", TEXT, "the message has no reasoning", "the reasoning before what is said")
_WITH_REASONING = pa.struct([*MESSAGE, _REASONING])
SCHEMA_WITH_REASONING_CONTENT = view_schema(
    [
        need(
            "messages",
            pa.list_(_WITH_REASONING),
            "system text if there is one, prompt, reply; the reasoning of a reply stands in `reasoning_content`",
        )
    ]
)


class SftConfig(BaseModel):
    """`reasoning`: where the reasoning of a message stands: `inline`, within `<think>…</think>` before what is said, or
    `reasoning_content`, in a field of that name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["sft"]
    reasoning: Literal["inline", "reasoning_content"] = "inline"


def policy(require: Sequence[str]) -> pl.Expr:
    """Every required verifier verified it, a flaw that somebody put into it was repaired in it, and of ranked samples
    it is the best of those."""
    against = not_right(require)
    return pl.coalesce(against, not_best(against.is_null()))


def row(group: RowGroup) -> ViewRow:
    """A verified solution, its reasoning within `<think>…</think>`.

    Raises:
        ValueError: no verifier verified the trace, or it calls tools (the view `tools` is for those).
    """
    replies = [_inline(turn) for turn in _turns(group)]
    return {"messages": [*prompt_messages(group.problem), *replies], **common_columns(group)}


def row_with_reasoning_content(group: RowGroup) -> ViewRow:
    """The same with the reasoning in a field of its own, null in messages that have none. Raises: ValueError."""
    asked = [{**message, "reasoning_content": None} for message in prompt_messages(group.problem)]
    replies = [
        {"role": turn.role, "content": turn.content, "reasoning_content": turn.reasoning or None}
        for turn in _turns(group)
    ]
    return {"messages": [*asked, *replies], **common_columns(group)}


def _turns(group: RowGroup) -> Sequence[Turn]:
    trace, verdicts = group.single()
    require_verified("sft", trace, verdicts)
    for turn in trace.turns:
        _refuse_tools(trace, turn)
    return trace.turns


def _refuse_tools(trace: Trace, turn: Turn) -> None:
    if turn.role == "tool" or turn.tool_calls:
        raise ValueError(f"view 'sft': trace {trace.id} calls tools; the view 'tools' is for those")


def _inline(turn: Turn) -> dict[str, str]:
    if turn.role == "assistant" and turn.reasoning:
        return {"role": "assistant", "content": f"<think>\n{turn.reasoning}\n</think>\n\n{turn.content}"}
    return {"role": turn.role, "content": turn.content}


def _configured(config: SftConfig) -> View:
    if config.reasoning == "inline":
        return VIEW
    return replace(VIEW, schema=SCHEMA_WITH_REASONING_CONTENT, row=row_with_reasoning_content)


VIEW = View(
    version="2",
    schema=SCHEMA,
    grouping=EachTrace(),
    policy=policy,
    row=row,
    Config=SftConfig,
    configured=_configured,
    use="supervised fine-tuning on verified solutions, as a cold start or for distillation",
    snippet=(
        "from datasets import load_dataset\nfrom trl import SFTTrainer\n\n{load}\n"
        'SFTTrainer(model="MODEL", train_dataset=rows).train()'
    ),
)
