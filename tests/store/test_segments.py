"""Segments: any Arrow tool opens them; what is not whole, or of another format, is not read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from tracemill.store import segments
from tracemill.store.local_disk import LocalFiles
from tracemill.store.sealed import OtherFormatError
from tracemill.store.segments import BrokenSegmentError, OpenedSegment, Segment, encode

Rows = Callable[..., pa.RecordBatch]
KEY = {"teacher": "symbolic"}


def written(
    folder: Path, schema: pa.Schema, tables: dict[str, list[pa.RecordBatch]], done: list[str]
) -> tuple[Segment, bytes]:
    schemas = dict.fromkeys(("traces", "verdicts"), schema)
    segment, data = encode("traces", (3, 7), 5, "basis", KEY, schemas, done, tables)
    LocalFiles(folder).create(segment.path, data)
    return segment, data


def test_polars_and_pyarrow_open_a_segment_without_our_code(tmp_path: Path, schema: pa.Schema, rows: Rows) -> None:
    segment, _ = written(tmp_path, schema, {"traces": [rows(["a"], "1"), rows(["b", "c"], "2")]}, ["x", "y"])
    one = pl.read_ipc(tmp_path / segment.path)
    assert one.columns == ["done", "traces", "verdicts"]
    assert one["done"].to_list() == [["x", "y"]]
    traces = one.select(pl.col("traces").explode()).unnest("traces")
    assert traces.to_dicts() == [{"id": "a", "text": "1"}, {"id": "b", "text": "2"}, {"id": "c", "text": "2"}]
    with pa.OSFile(str(tmp_path / segment.path)) as file:
        header = json.loads(pa.ipc.open_file(file).schema.metadata[b"tracemill"])
    assert (header["format"], header["epoch"], header["seq"], header["key"]) == (2, 3, 7, KEY)
    assert header["tables"] == {"traces": {"rows": 3, "raw": segment.extents["traces"].raw, "sample": ["a", "b", "c"]}}


def test_the_segments_of_a_phase_are_read_as_one_whatever_tables_have_rows(
    tmp_path: Path, schema: pa.Schema, rows: Rows
) -> None:
    schemas = dict.fromkeys(("traces", "verdicts"), schema)
    for seq, table in enumerate(schemas):
        segment, data = encode("traces", (1, seq), 0, "", {}, schemas, [table], {table: [rows([table])]})
        LocalFiles(tmp_path).create(segment.path, data)
    every = pl.read_ipc(tmp_path / "journal/traces/*.arrow")
    assert every["done"].to_list() == [["traces"], ["verdicts"]]


def test_what_was_written_comes_back(tmp_path: Path, schema: pa.Schema, rows: Rows) -> None:
    whole = rows([f"{number:02}" for number in range(40)], "ä")
    segment, data = written(tmp_path, schema, {"traces": [whole.slice(3, 30), whole.slice(33, 4)]}, ["x"])
    opened = OpenedSegment(segment.path, data)
    assert opened.segment == segment
    assert opened.done() == ["x"]
    (batch,) = opened.batches("traces")
    assert batch.equals(whole.slice(3, 34))
    assert list(opened.batches("verdicts")) == []
    assert segment.extents["traces"].sample[0] == "03"
    assert set(segment.extents) == {"traces"}


def test_no_single_changed_byte_and_no_cut_passes(tmp_path: Path, schema: pa.Schema, rows: Rows) -> None:
    segment, data = written(tmp_path, schema, {"traces": [rows(["a"])]}, ["x"])
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(BrokenSegmentError):
            OpenedSegment(segment.path, bytes(changed))
        with pytest.raises(BrokenSegmentError):
            OpenedSegment(segment.path, data[:at])


@pytest.mark.parametrize("made_in", [1, 3])
def test_a_segment_of_another_format_is_refused_and_not_taken_for_damaged(
    tmp_path: Path, schema: pa.Schema, rows: Rows, monkeypatch: pytest.MonkeyPatch, made_in: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(segments, "FORMAT", made_in)
        segment, data = written(tmp_path, schema, {"traces": [rows(["a"])]}, ["x"])
    with pytest.raises(OtherFormatError, match=f"{segment.path} has format {made_in}"):
        OpenedSegment(segment.path, data)
