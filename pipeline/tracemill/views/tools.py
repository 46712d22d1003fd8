"""The view `tools`: a solution that calls tools, for TRL's SFT trainer. Not installable yet: its columns are frozen,
but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import INT, TEXT, need, view_schema

FUNCTION = pa.struct([need("name", TEXT), need("arguments", TEXT)])
FUNCTION_CALL = pa.struct([need("id", TEXT), need("type", TEXT), need("function", FUNCTION)])
TOOL_MESSAGE = pa.struct(
    [
        need("role", TEXT),
        ("content", TEXT),
        ("tool_calls", pa.list_(FUNCTION_CALL)),
        ("tool_call_id", TEXT),
        ("name", TEXT),
    ]
)

SCHEMA = view_schema([need("messages", pa.list_(TOOL_MESSAGE)), need("tools", TEXT), need("calls", INT)])
