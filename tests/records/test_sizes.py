from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tracemill.records import Completion, Step, Turn
from tracemill.records.sizes import fitting, held_bytes, in_batches, json_bytes, row_bytes

ROWS = [
    {"id": "a", "tags": ["xy", "z"], "turn": {"text": "abc", "tokens": 3}},
    {"id": "bc", "tags": None, "turn": None},
    {"id": "d", "tags": [], "turn": {"text": "x" * 500, "tokens": 1}},
    {"id": "e", "tags": ["q"], "turn": {"text": None, "tokens": None}},
]
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("turn", pa.struct([("text", pa.string()), ("tokens", pa.int64())])),
    ]
)


def test_the_size_of_a_row_is_that_of_its_values() -> None:
    rows = pa.RecordBatch.from_pylist(ROWS, SCHEMA)
    tags = [4 + (4 + 2) + (4 + 1), 4, 4, 4 + (4 + 1)]
    turns = [4 + 3 + 8, 4 + 8, 4 + 500 + 8, 4 + 8]
    assert row_bytes(rows).tolist() == [4 + 1 + 15 + 15, 4 + 2 + 4 + 12, 4 + 1 + 4 + 512, 4 + 1 + 9 + 12]
    assert (tags[0], turns[0]) == (15, 15)


@pytest.mark.parametrize("start", range(4))
def test_the_size_of_a_row_does_not_depend_on_what_it_was_cut_from(start: int) -> None:
    whole = pa.RecordBatch.from_pylist(ROWS, SCHEMA)
    alone = pa.RecordBatch.from_pylist(ROWS[start : start + 2], SCHEMA)
    assert row_bytes(whole.slice(start, 2)).tolist() == row_bytes(alone).tolist()


def test_a_batch_ends_with_the_thing_that_reaches_a_bound() -> None:
    sizes = np.array([10, 10, 500, 10])
    assert fitting(sizes, rows=100, size=400) == 3
    assert fitting(sizes, rows=2, size=400) == 2
    assert fitting(sizes, rows=100, size=10) == 1
    assert fitting(sizes, rows=100, size=10_000) == 4
    assert list(in_batches([1, 1, 5, 9, 1, 1, 1], rows=3, size=6, weigh=lambda size: size)) == [
        [1, 1, 5],
        [9],
        [1, 1, 1],
    ]


def test_no_more_is_read_ahead_than_the_batch() -> None:
    taken = iter(range(10))
    assert next(in_batches(taken, rows=3, size=100, weigh=lambda _: 0)) == [0, 1, 2]
    assert next(taken) == 3


def test_long_texts_and_many_steps_weigh() -> None:
    turn = Turn("assistant", content="x" * 1000, reasoning="y" * 2000)
    steps = (Step(0, 0, 1),) * 10
    assert held_bytes(Completion("c", "p", "0", "author", turn, "stop")) == 3000
    assert held_bytes(Completion("c", "p", "0", "author", None, "error")) == 0
    assert held_bytes(Completion("c", "p", "0", "author", turn, "stop", steps)) > 4000
    assert json_bytes({"lines": [[1, "x" * 1000, ""]]}) == len("lines") + 8 + 1000
