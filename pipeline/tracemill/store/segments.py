"""Segments: immutable files of finished rows, each whole or not trusted at all.

A segment is an Arrow IPC file (LZ4) with one row. Its column `done` lists the ids of the inputs that are finished, and
one column for each table of the phase lists the table's rows as structs. So every Arrow tool opens it:

    >>> one = pl.read_ipc("journal/traces/000001-000000-5f0c….arrow")
    >>> one.select(pl.col("traces").explode()).unnest("traces")

The schema's metadata has under `tracemill` what `Segment` says, as JSON. The name ends in 20 digits of the file's
SHA-256, so that a file that was cut short or altered does not fit its name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tracemill import __version__
from tracemill.records import canonical_json
from tracemill.store.sealed import FORMAT, refuse_other_format

_DIGITS = 20
_HEADER = b"tracemill"
_DONE = "done"
_SAMPLE = 16
_NAME = re.compile(r"journal/([^/]+)/(\d{6,})-(\d{6,})-([0-9a-f]{20})\.arrow")

SegmentNumber = tuple[int, int]
"""(epoch, seq): the order of segments. It ends up in names with six digits or more of each."""


class BrokenSegmentError(ValueError):
    """A segment that is cut short, empty, altered, or under another's name."""


@dataclass(frozen=True, slots=True)
class TableExtent:
    """How much of a table a segment holds; `sample`: evenly spaced ids of its rows, at least one of them."""

    rows: int
    raw: int
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A whole segment, without its rows.

    `first` is the seq at which its journal was opened, `basis` the digest of the segments that were there then, `key`
    the key of the phase under which its rows were made. `extents` has the tables of which it holds rows.
    """

    path: str
    number: SegmentNumber
    first: int
    basis: str
    key: Mapping[str, Any]
    extents: Mapping[str, TableExtent]


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
    schemas: Mapping[str, pa.Schema],
    done: Sequence[str],
    tables: Mapping[str, Sequence[pa.RecordBatch]],
) -> tuple[Segment, bytes]:
    """A segment and its bytes. `schemas` are all the tables of the phase; the ids lie in the column `id`."""
    rows = {name: _joined(tables.get(name, ()), schema) for name, schema in schemas.items()}
    extents = {name: _extent(batch) for name, batch in rows.items() if batch.num_rows}
    header = {
        "format": FORMAT,
        "tracemill": __version__,
        "epoch": number[0],
        "seq": number[1],
        "first": first,
        "basis": basis,
        "key": key,
        "tables": {
            name: {"rows": extent.rows, "raw": extent.raw, "sample": extent.sample} for name, extent in extents.items()
        },
    }
    columns = {
        _DONE: _listed(pa.array(done, pa.string())),
        **{name: _listed(batch.to_struct_array()) for name, batch in rows.items()},
    }
    data = _file(pa.record_batch(columns, metadata={_HEADER: canonical_json(header)}))
    path = f"journal/{phase}/{number_name(number)}-{_digest(data)}.arrow"
    return Segment(path, number, first, basis, key, extents), data


def _joined(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    if not batches:
        return pa.RecordBatch.from_pylist([], schema)
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def _extent(batch: pa.RecordBatch) -> TableExtent:
    ids = batch.column("id")
    step = max(1, batch.num_rows // _SAMPLE)
    sample = tuple(ids[index].as_py() for index in range(0, batch.num_rows, step))
    return TableExtent(batch.num_rows, batch.nbytes, sample)


def _listed(values: pa.Array) -> pa.ListArray:
    """All values as the one row of a column; nothing is copied."""
    return pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)


def _file(row: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_file(sink, row.schema, options=options) as writer:
        writer.write_batch(row)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]


class OpenedSegment:
    """A segment's bytes, found whole.

    Raises:
        BrokenSegmentError: they are not, or they belong under another name.
        OtherFormatError: a version of tracemill with another format wrote them.
    """

    def __init__(self, path: str, data: bytes) -> None:
        match = _NAME.fullmatch(path)
        # Nothing is parsed that was not found whole.
        if match is None or _digest(data) != match[4]:
            raise BrokenSegmentError("its content differs from the hash in its name" if data else "empty")
        self._data = data
        self._schema = pa.ipc.open_file(data).schema
        header = json.loads(self._schema.metadata[_HEADER])
        refuse_other_format(header["format"], header["tracemill"], path)
        number = (header["epoch"], header["seq"])
        if number_of(path) != number:
            raise BrokenSegmentError(f"it is segment {number_name(number)} under another name")
        extents = {
            name: TableExtent(table["rows"], table["raw"], tuple(table["sample"]))
            for name, table in header["tables"].items()
        }
        self.segment = Segment(path, number, header["first"], header["basis"], header["key"], extents)

    def _values(self, name: str) -> pa.Array:
        """Only this column is decompressed; without threads, which cost more than they save in small files."""
        options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=[self._schema.get_field_index(name)])
        with pa.ipc.open_file(self._data, options=options) as reader:
            return reader.get_batch(0).column(0).flatten()

    def done(self) -> list[str]:
        ids: list[str] = self._values(_DONE).to_pylist()
        return ids

    def batches(self, table: str) -> Iterator[pa.RecordBatch]:
        """The rows of the table, without its schema's metadata. Nothing if the segment has no row of it."""
        if table in self.segment.extents:
            yield pa.RecordBatch.from_struct_array(self._values(table))
