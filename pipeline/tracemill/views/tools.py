"""The view `tools`: a verified solution that calls tools, as a conversation with their results, for TRL's SFT trainer.

The arguments of a call are JSON in a string, and so are the tools, since a Parquet column has one type: TRL reads the
tools from it; `docs/training.md` says which templates want the arguments as an object, and gives it to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import polars as pl
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from tracemill.records import Turn, canonical_json
from tracemill.views.columns import INT, TEXT, may, need, view_schema
from tracemill.views.groups import EachTrace
from tracemill.views.policies import not_best, not_right
from tracemill.views.row_parts import common_columns, prompt_messages, require_verified
from tracemill.views.view import RowGroup, View, ViewRow

FUNCTION = pa.struct([need("name", TEXT, "the tool"), need("arguments", TEXT, "json")])
FUNCTION_CALL = pa.struct(
    [need("id", TEXT, "the call's id"), need("type", TEXT, "`function`"), need("function", FUNCTION, "what is called")]
)
TOOL_MESSAGE = pa.struct(
    [
        need("role", TEXT, "`system`, `user`, `assistant` or `tool`"),
        may("content", TEXT, "a call without text", "the text; of a `tool`, its result"),
        may("tool_calls", pa.list_(FUNCTION_CALL), "the message calls nothing", "the calls"),
        may("tool_call_id", TEXT, "not a tool's result", "the call that it answers"),
        may("name", TEXT, "not a tool's result", "the tool"),
    ]
)
_REASONING = may(
    "reasoning_content", TEXT, "the message has no reasoning", "the reasoning before what is said or called"
)


def _schema(message: pa.DataType) -> pa.Schema:
    return view_schema(
        [
            need("messages", pa.list_(message), "the conversation with calls and their results"),
            need("tools", TEXT, "json: a list of the tools' JSON schemas"),
            need("calls", INT, "number of calls"),
        ]
    )


SCHEMA = _schema(TOOL_MESSAGE)
SCHEMA_WITH_REASONING_CONTENT = _schema(pa.struct([*TOOL_MESSAGE, _REASONING]))


class ToolsConfig(BaseModel):
    """`reasoning`: where the reasoning of a message stands, as for `sft`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["tools"]
    reasoning: Literal["inline", "reasoning_content"] = "inline"


def policy(require: Sequence[str]) -> pl.Expr:
    """As for `sft`."""
    against = not_right(require)
    return pl.coalesce(against, not_best(against.is_null()))


def row(group: RowGroup, config: ToolsConfig) -> ViewRow:
    """
    Raises:
        ValueError: no verifier verified the trace, it calls no tools, or a result in it answers no call.
    """
    trace, verdicts = group.single()
    require_verified("tools", trace, verdicts)
    names = {call.id: call.name for turn in trace.turns for call in turn.tool_calls}
    if not names:
        raise ValueError(f"view 'tools': trace {trace.id} calls no tools")
    asked = [_message(one["role"], one["content"]) for one in prompt_messages(group.problem)]
    messages = [*asked, *(_of_turn(turn, names, config.reasoning == "inline") for turn in trace.turns)]
    if config.reasoning == "inline":
        messages = [{key: value for key, value in one.items() if key != "reasoning_content"} for one in messages]
    calls = sum(len(turn.tool_calls) for turn in trace.turns)
    return {
        "messages": messages,
        "tools": canonical_json(group.problem.tools),
        "calls": calls,
        **common_columns(group),
    }


def _message(role: str, content: str | None, **more: Any) -> dict[str, Any]:
    empty = {"tool_calls": None, "tool_call_id": None, "name": None, "reasoning_content": None}
    return {"role": role, "content": content, **empty, **more}


def _of_turn(turn: Turn, names: Mapping[str, str], inline: bool) -> dict[str, Any]:
    if turn.role == "tool":
        name = names.get(turn.tool_call_id or "")
        if name is None:
            raise ValueError(f"view 'tools': a result answers no call ({turn.tool_call_id!r})")
        return _message("tool", turn.content, tool_call_id=turn.tool_call_id, name=name)
    content = turn.content
    if inline and turn.reasoning:
        content = f"<think>\n{turn.reasoning}\n</think>\n\n{turn.content}".rstrip("\n")
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": canonical_json(call.arguments)},
        }
        for call in turn.tool_calls
    ]
    return _message(turn.role, content or None, tool_calls=calls or None, reasoning_content=(turn.reasoning or None))


def _configured(config: ToolsConfig) -> View:
    schema = SCHEMA if config.reasoning == "inline" else SCHEMA_WITH_REASONING_CONTENT
    return replace(VIEW, schema=schema, row=partial(row, config=config))


VIEW = View(
    version="1",
    schema=SCHEMA,
    grouping=EachTrace(),
    policy=policy,
    row=partial(row, config=ToolsConfig(kind="tools")),
    Config=ToolsConfig,
    configured=_configured,
    calls_tools=True,
    use="supervised fine-tuning on verified conversations with tools",
    snippet=(
        "from datasets import load_dataset\nfrom trl import SFTTrainer\n\n{load}\n"
        "# Templates that write the arguments of a call as JSON themselves want them as an object:\n"
        "# see `as_objects` in docs/training.md.\n"
        'SFTTrainer(model="MODEL", train_dataset=rows).train()'
    ),
)
