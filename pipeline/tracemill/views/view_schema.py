"""The Arrow schemas of the eight views, written by hand: what trainers load, version 1.

A view's own columns carry the names that its trainers read (TRL, verl, ProcessBench); the columns common to every view
follow. Free dictionaries are canonical JSON strings (`records.canonical_json`). Columns are documented in
`docs/schema.md`. Not covered here: how rows are made (`views.py`) and written (`shards.py`).

TRL tells a conversation from plain text by looking at any one of `prompt`, `completion`, `chosen`, `rejected` and
`messages`. So a view with `messages` has none of the others: the text of a problem is called `problem` there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

VERSION = 1

_S, _I, _L, _F, _B = pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()


def _need(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


MESSAGE = pa.struct([_need("role", _S), _need("content", _S)])
FUNCTION = pa.struct([_need("name", _S), _need("arguments", _S)])
FUNCTION_CALL = pa.struct([_need("id", _S), _need("type", _S), _need("function", FUNCTION)])
TOOL_MESSAGE = pa.struct(
    [
        _need("role", _S),
        ("content", _S),
        ("tool_calls", pa.list_(FUNCTION_CALL)),
        ("tool_call_id", _S),
        ("name", _S),
    ]
)
REWARD_MODEL = pa.struct([_need("style", _S), _need("ground_truth", _S)])
EXTRA_INFO = pa.struct(
    [
        _need("split", _S),
        _need("index", _L),
        _need("problem_id", _S),
        _need("group_id", _S),
        _need("domain", _S),
        _need("stage", _S),
        ("difficulty", _F),
    ]
)

COMMON: list[pa.Field] = list(
    pa.schema(
        [
            _need("problem_id", _S),
            _need("trace_ids", pa.list_(_S)),
            _need("domain", _S),
            _need("skill", _S),
            _need("stage", _S),
            ("difficulty", _F),
            _need("verifiers", pa.list_(_S)),
            ("strength", _S),
            ("coverage", _F),
            ("tokens", _L),
            _need("licence", _S),
        ]
    )
)
"""On every row of every view, after the view's own columns."""

_FLAW = [("flaw_kind", _S), ("flaw_explanation", _S)]


def _view(columns: Sequence[Any]) -> pa.Schema:
    return pa.schema([*columns, *COMMON])


SCHEMAS: dict[str, pa.Schema] = {
    "sft": _view([_need("messages", pa.list_(MESSAGE))]),
    "process": _view(
        [
            _need("prompt", _S),
            _need("completions", pa.list_(_S)),
            _need("labels", pa.list_(_B)),
            ("first_wrong", _I),
            _need("label_source", _S),
            ("reason", _S),
            *_FLAW,
            ("values", pa.list_(_F)),
            ("rollouts", _I),
            ("answer_correct", _B),
        ]
    ),
    "preference": _view(
        [
            _need("prompt", pa.list_(MESSAGE)),
            _need("chosen", pa.list_(MESSAGE)),
            _need("rejected", pa.list_(MESSAGE)),
            _need("criterion", _S),
            _need("chosen_trace_id", _S),
            _need("rejected_trace_id", _S),
            ("chosen_tokens", _L),
            ("rejected_tokens", _L),
            ("rejected_first_wrong", _I),
            ("reason", _S),
            *_FLAW,
        ]
    ),
    "critique": _view(
        [
            _need("messages", pa.list_(MESSAGE)),
            _need("problem", _S),
            _need("steps", pa.list_(_S)),
            _need("first_wrong", _I),
            _need("label_source", _S),
            _need("reason", _S),
            *_FLAW,
            _need("critique", _S),
            ("repair", _S),
        ]
    ),
    "budget": _view(
        [
            _need("messages", pa.list_(MESSAGE)),
            _need("thinking", _B),
            ("control", _S),
            _need("effort", _S),
            _need("effort_rank", _I),
            _need("efforts", _I),
            ("budget_tokens", _L),
            ("pass_rate", _F),
            ("sufficient", _B),
        ]
    ),
    "tools": _view([_need("messages", pa.list_(TOOL_MESSAGE)), _need("tools", _S), _need("calls", _I)]),
    "rlvr": _view(
        [
            _need("data_source", _S),
            _need("prompt", pa.list_(MESSAGE)),
            _need("ability", _S),
            _need("reward_model", REWARD_MODEL),
            _need("extra_info", EXTRA_INFO),
            ("tools", _S),
            ("pass_rate", _F),
            ("pass_rate_samples", _I),
        ]
    ),
    "bench": _view(
        [
            _need("id", _S),
            _need("generator", _S),
            _need("problem", _S),
            _need("steps", pa.list_(_S)),
            _need("final_answer_correct", _B),
            _need("label", _I),
            _need("label_source", _S),
            ("reason", _S),
            *_FLAW,
            _need("answer", _S),
            _need("check_kind", _S),
            _need("check_spec", _S),
        ]
    ),
}


def encode(view: str, rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Rows of one view as a batch of its schema.

    Raises:
        ValueError: a row that lacks a column or has one too many, or a null where a value must be: Arrow would fill in,
            drop or keep these.
        pyarrow.ArrowInvalid: a value that the column cannot hold (a subclass of ValueError).
        UnicodeEncodeError: a lone surrogate (a subclass of ValueError).
    """
    schema = SCHEMAS[view]
    names = set(schema.names)
    for row in rows:
        if row.keys() != names:
            off = ", ".join(sorted(names ^ row.keys()))
            raise ValueError(f"a row of view {view!r} lacks or adds the columns {off}; see docs/schema.md")
    columns = [pa.array([row[field.name] for row in rows], type=field.type) for field in schema]
    for field, column in zip(schema, columns, strict=True):
        _require_values(f"{view}.{field.name}", column, field.nullable)
    return pa.record_batch(columns, schema=schema)


def _require_values(name: str, column: pa.Array, nullable: bool) -> None:
    if column.null_count:
        if not nullable:
            raise ValueError(f"{name} is null in {column.null_count} of {len(column)} places; it must have a value")
        column = column.drop_null()
    if pa.types.is_list(column.type):
        _require_values(f"{name}[]", column.flatten(), nullable=False)
    elif pa.types.is_struct(column.type):
        for index, field in enumerate(column.type):
            _require_values(f"{name}.{field.name}", column.field(index), field.nullable)
