"""Segments: immutable files of finished rows, each whole or not trusted at all.

Layout: 8 bytes of magic, the header's length (4 bytes, little-endian), the header as canonical JSON, one Arrow IPC
stream (LZ4) per block in the header's order, and the SHA-256 of everything before it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tracemill.records import canonical_json

_MAGIC = b"TMSEG1\r\n"
_DIGEST = 32
_DONE = ""
_SAMPLE = 16
_NAME = re.compile(r"journal/([^/]+)/(\d{6,})-(\d{6,})\.seg")
DONE_SCHEMA = pa.schema([pa.field("id", pa.string(), nullable=False)])

SegmentNumber = tuple[int, int]
"""(epoch, seq): the order of segments. It ends up in names with six digits or more of each."""


class BrokenSegmentError(ValueError):
    """A segment that is cut short, empty, altered, or under another's name."""


@dataclass(frozen=True, slots=True)
class TableExtent:
    """How much of a table a segment holds; `sample`: evenly spaced ids of its rows, at least one if there are any."""

    rows: int
    raw: int
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A whole segment, without its rows.

    `first` is the seq at which its journal was opened, `basis` the digest of the segments that were there then, `key`
    the key of the phase under which its rows were made.
    """

    path: str
    number: SegmentNumber
    first: int
    basis: str
    key: Mapping[str, Any]
    extents: Mapping[str, TableExtent]


def path_of(phase: str, number: SegmentNumber) -> str:
    return f"journal/{phase}/{number_name(number)}.seg"


def number_name(number: SegmentNumber) -> str:
    return f"{number[0]:06}-{number[1]:06}"


def number_of(path: str) -> SegmentNumber | None:
    """None for a file that is no segment."""
    match = _NAME.fullmatch(path)
    return (int(match[2]), int(match[3])) if match else None


def parse_number(name: str) -> SegmentNumber:
    epoch, _, seq = name.partition("-")
    return int(epoch), int(seq)


def encode(
    phase: str,
    number: SegmentNumber,
    first: int,
    basis: str,
    key: Mapping[str, Any],
    done: Sequence[str],
    tables: Mapping[str, Sequence[pa.RecordBatch]],
) -> tuple[Segment, bytes]:
    """A segment and its bytes. Every table has at least one batch; the ids lie in the column `id`."""
    finished = pa.record_batch([pa.array(done, pa.string())], schema=DONE_SCHEMA)
    blocks = {_DONE: [finished], **tables}
    extents = {name: _extent(batches) for name, batches in blocks.items()}
    bodies = [_stream(batches) for batches in blocks.values()]
    header = {
        "epoch": number[0],
        "seq": number[1],
        "first": first,
        "basis": basis,
        "key": key,
        "blocks": [
            {"name": name, "rows": extent.rows, "raw": extent.raw, "sample": extent.sample, "length": body.size}
            for (name, extent), body in zip(extents.items(), bodies, strict=True)
        ],
    }
    text = canonical_json(header).encode()
    pieces = [_MAGIC, len(text).to_bytes(4, "little"), text, *bodies]
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    extents.pop(_DONE)
    return Segment(path_of(phase, number), number, first, basis, key, extents), b"".join((*pieces, digest.digest()))


def _extent(batches: Sequence[pa.RecordBatch]) -> TableExtent:
    sample: list[str] = []
    rows = sum(batch.num_rows for batch in batches)
    step, at = max(1, rows // _SAMPLE), 0
    for batch in batches:
        ids = batch.column("id")
        sample += [ids[index].as_py() for index in range(-at % step, batch.num_rows, step)]
        at += batch.num_rows
    return TableExtent(rows, sum(batch.nbytes for batch in batches), tuple(sample))


def _stream(batches: Sequence[pa.RecordBatch]) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_stream(sink, batches[0].schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


class OpenedSegment:
    """A segment's bytes, found whole.

    Raises:
        BrokenSegmentError: they are not, or they belong under another name.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self._data = memoryview(data)
        start = len(_MAGIC) + 4
        if len(data) < start + _DIGEST or data[: len(_MAGIC)] != _MAGIC:
            raise BrokenSegmentError("cut short" if data else "empty")
        if hashlib.sha256(self._data[:-_DIGEST]).digest() != data[-_DIGEST:]:
            raise BrokenSegmentError("its content differs from its hash")
        end = start + int.from_bytes(data[len(_MAGIC) : start], "little")
        header = json.loads(data[start:end])
        number = (header["epoch"], header["seq"])
        if number_of(path) != number:
            raise BrokenSegmentError(f"it is segment {number_name(number)} under another name")
        self._spans: dict[str, tuple[int, int]] = {}
        extents: dict[str, TableExtent] = {}
        for block in header["blocks"]:
            self._spans[block["name"]] = (end, end + block["length"])
            end += block["length"]
            extents[block["name"]] = TableExtent(block["rows"], block["raw"], tuple(block["sample"]))
        extents.pop(_DONE)
        self.segment = Segment(path, number, header["first"], header["basis"], header["key"], extents)

    def done(self) -> list[str]:
        ids: list[str] = []
        for batch in self._batches(_DONE):
            ids += batch.column("id").to_pylist()
        return ids

    def batches(self, table: str) -> Iterator[pa.RecordBatch]:
        """None for a table of which the segment has no rows."""
        if table in self._spans:
            yield from self._batches(table)

    def _batches(self, name: str) -> Iterator[pa.RecordBatch]:
        start, end = self._spans[name]
        with pa.ipc.open_stream(pa.py_buffer(self._data[start:end])) as reader:
            yield from reader
