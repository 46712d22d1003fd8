"""The view `budget`: one problem at several efforts, for TRL's SFT trainer. Not installable yet: its columns are
frozen, but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import FLAG, INT, LONG, MESSAGE, NUMBER, TEXT, need, view_schema

SCHEMA = view_schema(
    [
        need("messages", pa.list_(MESSAGE)),
        need("thinking", FLAG),
        ("control", TEXT),
        need("effort", TEXT),
        need("effort_rank", INT),
        need("efforts", INT),
        ("budget_tokens", LONG),
        ("pass_rate", NUMBER),
        ("sufficient", FLAG),
    ]
)
