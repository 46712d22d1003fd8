"""The view `bench`: a held-out problem with a solution and its label, in the columns of ProcessBench. Not installable
yet: its columns are frozen, but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import FLAG, FLAW_COLUMNS, INT, TEXT, need, view_schema

SCHEMA = view_schema(
    [
        need("id", TEXT),
        need("generator", TEXT),
        need("problem", TEXT),
        need("steps", pa.list_(TEXT)),
        need("final_answer_correct", FLAG),
        need("label", INT),
        need("label_source", TEXT),
        ("reason", TEXT),
        *FLAW_COLUMNS,
        need("answer", TEXT),
        need("check_kind", TEXT),
        need("check_spec", TEXT),
    ]
)
