"""The view `critique`: a flawed solution, where and why it is wrong, and its repair, for TRL's SFT trainer. Not
installable yet: its columns are frozen, but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import FLAW_COLUMNS, INT, MESSAGE, TEXT, need, view_schema

SCHEMA = view_schema(
    [
        need("messages", pa.list_(MESSAGE)),
        need("problem", TEXT),
        need("steps", pa.list_(TEXT)),
        need("first_wrong", INT),
        need("label_source", TEXT),
        need("reason", TEXT),
        *FLAW_COLUMNS,
        need("critique", TEXT),
        ("repair", TEXT),
    ]
)
