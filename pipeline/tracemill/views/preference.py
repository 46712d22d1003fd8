"""The view `preference`: two replies to one prompt, for TRL's DPO trainer. Not installable yet: its columns are frozen,
but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import FLAW_COLUMNS, INT, LONG, MESSAGE, TEXT, need, view_schema

SCHEMA = view_schema(
    [
        need("prompt", pa.list_(MESSAGE)),
        need("chosen", pa.list_(MESSAGE)),
        need("rejected", pa.list_(MESSAGE)),
        need("criterion", TEXT),
        need("chosen_trace_id", TEXT),
        need("rejected_trace_id", TEXT),
        ("chosen_tokens", LONG),
        ("rejected_tokens", LONG),
        ("rejected_first_wrong", INT),
        ("reason", TEXT),
        *FLAW_COLUMNS,
    ]
)
