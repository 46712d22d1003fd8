"""What the schemas of views are made of: their common columns, messages, and `view_schema`, which puts them together.

A view's own columns carry the names that its trainers read (TRL, verl, ProcessBench); the columns common to every view
follow. Free dictionaries are canonical JSON strings (`records.canonical_json`). Columns are documented in
`docs/schema.md`.

TRL tells a conversation from plain text by looking at any one of `prompt`, `completion`, `chosen`, `rejected` and
`messages`. So a view with `messages` has none of the others: the text of a problem is called `problem` there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

TEXT, INT, LONG, NUMBER, FLAG = pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()


def need(name: str, kind: pa.DataType) -> pa.Field:
    """A column in which there is always a value; `(name, kind)` alone may be null."""
    return pa.field(name, kind, nullable=False)


MESSAGE = pa.struct([need("role", TEXT), need("content", TEXT)])

FLAW_COLUMNS = [("flaw_kind", TEXT), ("flaw_explanation", TEXT)]
"""Columns of the views that show a seeded mistake."""

COMMON: list[pa.Field] = list(
    pa.schema(
        [
            need("problem_id", TEXT),
            need("trace_ids", pa.list_(TEXT)),
            need("domain", TEXT),
            need("skill", TEXT),
            need("stage", TEXT),
            ("difficulty", NUMBER),
            need("verifiers", pa.list_(TEXT)),
            ("strength", TEXT),
            ("coverage", NUMBER),
            ("tokens", LONG),
            need("licence", TEXT),
        ]
    )
)
"""On every row of every view, after the view's own columns."""


def view_schema(own: Sequence[Any]) -> pa.Schema:
    """A view's schema: `own` columns (fields or `(name, type)` pairs), then the common ones."""
    return pa.schema([*own, *COMMON])
