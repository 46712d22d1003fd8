"""The view `tools`: a solution that calls tools, for TRL's SFT trainer. Not installable yet: its columns are frozen,
but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import INT, TEXT, may, need, view_schema

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

SCHEMA = view_schema(
    [
        need("messages", pa.list_(TOOL_MESSAGE), "the conversation with calls and their results"),
        need("tools", TEXT, "json: a list of the tools' JSON schemas"),
        need("calls", INT, "number of calls"),
    ]
)
