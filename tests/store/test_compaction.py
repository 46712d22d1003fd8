"""Compaction against a naive model, with limits so small that every path is taken."""

from __future__ import annotations

import os
import tempfile

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracemill.settings.errors import TracemillError
from tracemill.store import compaction, parts
from tracemill.store.commits import TablePart
from tracemill.store.files import Files
from tracemill.store.opening import open_files
from tracemill.store.parts import write_sorted
from tracemill.store.scanning import part_batches
from tracemill.store.segments import Segment, encode

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        ("text", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("turn", pa.struct([("content", pa.string()), ("tokens", pa.int64())])),
    ],
    metadata={"version": "1"},
)
Row = tuple[str, str | None]

ids = st.text("abé", min_size=1, max_size=3)
segment_rows = st.lists(st.tuples(ids, st.none() | st.text("xyz", max_size=40)), min_size=1, max_size=12)


@pytest.fixture(autouse=True, scope="module")
def small_limits() -> object:
    with pytest.MonkeyPatch.context() as patched:
        # What is tested here does not need to survive a power cut.
        patched.setattr(os, "fsync", lambda descriptor: None)
        patched.setattr(compaction, "SMALLEST", 300)
        patched.setattr(compaction, "LARGEST", 600)
        for name, value in {"GROUP_ROWS": 6, "GROUP_BYTES": 900, "PART_BYTES": 1500}.items():
            patched.setattr(parts, name, value)
        yield


def batch(rows: list[Row]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(
        [
            {
                "id": id,
                "text": text,
                "tags": None if text is None else list(text[:2]),
                "turn": {"content": text, "tokens": len(text)} if text else None,
            }
            for id, text in rows
        ],
        schema=SCHEMA,
    )


def journaled(files: Files, batches: list[list[Row]]) -> list[Segment]:
    segments = []
    for seq, rows in enumerate(batches):
        half = len(rows) // 2
        pieces = [batch(piece) for piece in (rows[:half], rows[half:]) if piece]
        segment, data = encode("traces", (1, seq), 0, "", {}, {"traces": SCHEMA}, [], {"traces": pieces})
        files.create(segment.path, data)
        segments.append(segment)
    return segments


def compacted(files: Files, earlier: list[TablePart], batches: list[list[Row]]) -> tuple[TablePart, ...]:
    made = compaction.compact(files, {"traces": SCHEMA}, {"traces": earlier}, journaled(files, batches))
    return made["traces"]


def read(files: Files, made: tuple[TablePart, ...]) -> list[Row]:
    for part in made:
        found = [id for rows in part_batches(files, part) for id in rows["id"].to_pylist()]
        assert (found[0], found[-1], len(found)) == (part.min_id, part.max_id, part.rows)
    return [(row["id"], row["text"]) for part in made for rows in part_batches(files, part) for row in rows.to_pylist()]


def naive(batches: list[list[Row]]) -> list[Row]:
    first: dict[str, str | None] = {}
    for rows in batches:
        for id, text in rows:
            first.setdefault(id, text)
    return sorted(first.items(), key=lambda item: item[0])


@settings(max_examples=80, deadline=None)
@given(st.lists(segment_rows, max_size=8))
def test_rows_are_sorted_and_unique_and_the_first_wins(batches: list[list[Row]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = open_files(folder)
        assert read(files, compacted(files, [], batches)) == naive(batches)


@settings(max_examples=40, deadline=None)
@given(segment_rows, st.lists(segment_rows, max_size=5))
def test_committed_rows_come_before_journaled_ones(old: list[Row], batches: list[list[Row]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = open_files(folder)
        earlier = write_sorted(files, "traces", SCHEMA, [batch(naive([old]))])
        assert read(files, compacted(files, list(earlier), batches)) == naive([old, *batches])


@settings(max_examples=40, deadline=None)
@given(st.lists(segment_rows, min_size=1, max_size=8))
def test_the_same_rows_make_the_same_files_however_they_came(batches: list[list[Row]]) -> None:
    rows = naive(batches)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        made = compacted(open_files(folder), [], batches)
        files = open_files(other)
        assert compacted(files, [], [rows[::-1]]) == made
        assert write_sorted(files, "traces", SCHEMA, [batch([row]) for row in rows]) == made


def test_rows_of_another_schema_are_refused_by_name() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = open_files(folder)
        segments = journaled(files, [[("a", "x")]])
        with pytest.raises(TracemillError, match="rows of traces were written with another schema"):
            compaction.compact(files, {"traces": pa.schema([("id", pa.string())])}, {}, segments)


def test_large_tables_are_spread_over_several_buckets_and_parts() -> None:
    batches: list[list[Row]] = [
        [(f"{(seq * 50 + number) * 7919 % 10007:05}", "x" * 30) for number in range(50)] for seq in range(20)
    ]
    with tempfile.TemporaryDirectory() as folder:
        files = open_files(folder)
        points = sorted(compaction._weights(files, "traces", (), journaled(files, batches)))
        assert len(compaction._bounds(points, 600)) > 20
        made = compacted(files, [], batches)
        assert len(made) > 20
        assert read(files, made) == naive(batches)
        assert files.list(".tmp") == []
