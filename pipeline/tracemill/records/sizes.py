"""How many bytes rows and records take, and cutting by that: no bound on memory is a number of rows alone.

What is counted depends on the values only, never on how they came in batches, so that cuts are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tracemill.records import Completion, Problem, Record, Trace, Turn

Sizes = npt.NDArray[np.int64]
_Thing = TypeVar("_Thing")

_STEP = 200
"""What a step takes as an object, about."""


def row_bytes(rows: pa.RecordBatch) -> Sizes:
    """The bytes of each row's values. (`nbytes` also counts what a batch was cut from.)"""
    return sum((_value_bytes(column) for column in rows.columns), np.zeros(rows.num_rows, np.int64))


def _value_bytes(array: pa.Array) -> Sizes:
    kind = array.type
    if pa.types.is_struct(kind):
        return sum(map(_value_bytes, array.flatten()), np.zeros(len(array), np.int64))
    if pa.types.is_list(kind):
        ends = np.cumsum(_filled(pc.list_value_length(array)))
        inner = np.concatenate(([0], np.cumsum(_value_bytes(array.flatten()))))
        return 4 + np.diff(inner[ends], prepend=0)
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return 4 + _filled(pc.binary_length(array))
    return np.full(len(array), int(kind.bit_width) // 8, np.int64)


def _filled(lengths: pa.Array) -> Sizes:
    found: Sizes = pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def fitting(sizes: Sizes, rows: int, size: int) -> int:
    """How many of the first things make a batch: it ends with the one that reaches either bound.

    >>> fitting(np.array([10, 10, 500, 10]), rows=100, size=400)
    3
    """
    # No more than the first `rows` are summed up: callers come again with what is left.
    reached = int(np.searchsorted(np.cumsum(sizes[:rows]), size))
    return min(len(sizes), rows, reached + 1)


def in_batches(
    things: Iterable[_Thing], rows: int, size: int, weigh: Callable[[_Thing], int]
) -> Iterator[list[_Thing]]:
    """Lists of things, in their order. Each ends with the thing that reaches either bound."""
    batch: list[_Thing] = []
    held = 0
    for thing in things:
        batch.append(thing)
        held += weigh(thing)
        if len(batch) >= rows or held >= size:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def held_bytes(record: Record) -> int:
    """About what the texts and steps of a record take in memory."""
    match record:
        case Problem():
            texts = (record.system, record.prompt, record.answer, *(one.text for one in record.references))
            before = (turn for one in record.references for turn in one.before)
            return sum(map(len, texts)) + sum(map(_turn_bytes, before))
        case Completion():
            return sum(map(_turn_bytes, (*record.before, record.turn))) + _STEP * len(record.steps)
        case Trace():
            return sum(map(_turn_bytes, record.turns)) + _STEP * len(record.steps)
    return 0


def _turn_bytes(turn: Turn | None) -> int:
    return len(turn.content) + len(turn.reasoning) if turn else 0


def json_bytes(value: Any) -> int:
    """About what plain JSON takes: the characters of its texts, and eight bytes for each other value."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(json_bytes(one) for pair in value.items() for one in pair)
    if isinstance(value, list | tuple):
        return sum(map(json_bytes, value))
    return 8
