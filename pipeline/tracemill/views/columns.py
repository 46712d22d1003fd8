"""What the schemas of views are made of: their common columns, messages, and `view_schema`, which puts them together.

A view's own columns carry the names that its trainers read (TRL, verl, ProcessBench); the columns common to every view
follow. Free dictionaries are canonical JSON strings (`records.canonical_json`). What a column means stands beside it
here, and from there on the card; a test keeps `docs/schema.md` equal to it.

TRL tells a conversation from plain text by looking at any one of `prompt`, `completion`, `chosen`, `rejected` and
`messages`. So a view with `messages` has none of the others: the text of a problem is called `problem` there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

TEXT, INT, LONG, NUMBER, FLAG = pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()


MEANING, NULL_WHEN = b"meaning", b"null_when"
"""Keys of a column's metadata, in its Arrow field: the card and `docs/schema.md` say what stands there."""


def need(name: str, kind: pa.DataType, meaning: str = "") -> pa.Field:
    """A column in which there is always a value."""
    return pa.field(name, kind, nullable=False, metadata={MEANING: meaning})


def may(name: str, kind: pa.DataType, null_when: str, meaning: str) -> pa.Field:
    """A column that is null when what `null_when` says is so."""
    return pa.field(name, kind, metadata={MEANING: meaning, NULL_WHEN: null_when})


def said_of(column: pa.Field) -> tuple[str, str]:
    """When it is null, and what it means: `("never", "the problem")`. Empty texts where its schema does not say."""
    said = column.metadata or {}
    null_when = said.get(NULL_WHEN, b"").decode() if column.nullable else "never"
    return null_when, said.get(MEANING, b"").decode()


MESSAGE = pa.struct([need("role", TEXT, "`system`, `user` or `assistant`"), need("content", TEXT, "the text")])

FLAW_COLUMNS = [
    may("flaw_kind", TEXT, "no mistake was seeded there", "name of the misconception"),
    may("flaw_explanation", TEXT, "no mistake was seeded there", "what is wrong, in words"),
]
"""Columns of the views that show a seeded mistake."""

COMMON: list[pa.Field] = list(
    pa.schema(
        [
            need("problem_id", TEXT, "row of `problems`"),
            need(
                "trace_ids",
                pa.list_(TEXT),
                "rows of `traces` that the row is made of; for `rlvr` those that show the answer can be reached",
            ),
            need("domain", TEXT, "`area.field.task.theme`"),
            need("skill", TEXT, "of the (first) trace: `skills`, `calibration`, `strategy` or `abstraction`"),
            need("stage", TEXT, "the curriculum stage"),
            may(
                "difficulty",
                NUMBER,
                "not known",
                "0 to 1; measured where there are samples, else the generator's own measure",
            ),
            need("verifiers", pa.list_(TEXT), "`name@version` of each that verified or refuted, sorted"),
            may(
                "strength",
                TEXT,
                "none verified",
                "the weakest strength among the verifiers that verified; in `process` that of the verdict on "
                "the steps, on which the labels rest",
            ),
            may(
                "coverage",
                NUMBER,
                "the row shows no steps, or they were not judged",
                "decided claims over all steps of the row, 0 to 1; of several traces the least; in `process` over the "
                "steps that have labels, so always 1",
            ),
            may(
                "tokens",
                LONG,
                "the row shows no solution, or it was not counted",
                "tokens of the solutions that the row shows, by the teacher's own count",
            ),
            need("licence", TEXT, "SPDX expression over the licences of source and teacher"),
        ]
    )
)
"""On every row of every view, after the view's own columns."""


def view_schema(own: Sequence[Any]) -> pa.Schema:
    """A view's schema: `own` columns (fields or `(name, type)` pairs), then the common ones."""
    return pa.schema([*own, *COMMON])
