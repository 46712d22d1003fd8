"""Compaction: from a phase's segments, and the parts that it adds to, to new parts.

An external bucket sort: rows are spread by id range into files, then each is sorted and written. Memory is bounded by
the buckets, not by the rows. The first row of an id in the order of arrival wins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from math import ceil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tracemill.settings.errors import TracemillError
from tracemill.store.commits import TablePart
from tracemill.store.files import Files
from tracemill.store.journal import open_again
from tracemill.store.parts import PartWriter
from tracemill.store.scanning import group_extents, part_batches
from tracemill.store.segments import Segment

SMALLEST = 4 << 20
LARGEST = 32 << 20
BUCKETS = 64
"""A bucket holds a 64th of its table, but within these bytes (uncompressed); as much is held before it is spilled."""


def compact(
    files: Files,
    schemas: Mapping[str, pa.Schema],
    earlier: Mapping[str, Sequence[TablePart]],
    segments: Sequence[Segment],
) -> dict[str, tuple[TablePart, ...]]:
    """New parts of each table: the rows of `earlier` first, then those of the segments in their order."""
    with files.scratch() as folder:
        buckets = {
            name: _Buckets(schema, folder / name, sorted(_weights(files, name, earlier.get(name, ()), segments)))
            for name, schema in schemas.items()
        }
        for name, parts in earlier.items():
            for part in parts:
                for batch in part_batches(files, part):
                    buckets[name].add(batch)
        for segment in segments:
            opened = open_again(files, segment)
            for name in segment.extents:
                for batch in opened.batches(name):
                    buckets[name].add(batch)
        # Two tables at a time: sorting, compressing and hashing leave Python free.
        with ThreadPoolExecutor(max_workers=2) as pool:
            written = pool.map(lambda name: _write(files, name, schemas[name], buckets[name].sorted()), buckets)
            return dict(zip(buckets, written, strict=True))


def _write(files: Files, table: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> tuple[TablePart, ...]:
    writer = PartWriter(files, table, schema)
    for batch in batches:
        writer.write(batch)
    return writer.close()


def _weights(
    files: Files, table: str, parts: Sequence[TablePart], segments: Sequence[Segment]
) -> Iterator[tuple[str, float]]:
    """Ids spread like the table's, each with the bytes that it stands for."""
    for part in parts:
        for first, _, size in group_extents(files, part):
            yield first, size
    for segment in segments:
        if extent := segment.extents.get(table):
            for id in extent.sample:
                yield id, extent.raw / len(extent.sample)


def _bounds(points: Sequence[tuple[str, float]], size: float) -> list[str]:
    """The first ids of all buckets but the first, so that each holds about the same bytes, and at most `size`."""
    total = sum(weight for _, weight in points)
    share = total / max(1, ceil(total / size))
    bounds: list[str] = []
    filled = 0.0
    for id, weight in points:
        if filled >= share and (not bounds or id > bounds[-1]):
            bounds.append(id)
            filled = 0.0
        filled += weight
    return bounds


class _Buckets:
    """One table's rows by id range. With one bucket they stay in memory, else they are spilled to `folder`.

    `points`: ids spread like the table's, in order, each with the bytes that it stands for.
    """

    def __init__(self, schema: pa.Schema, folder: Path, points: Sequence[tuple[str, float]]) -> None:
        self._schema, self._folder = schema, folder
        total = sum(weight for _, weight in points)
        self._size = min(max(total / BUCKETS, SMALLEST), LARGEST)
        self._bounds = _bounds(points, self._size)
        self._held: list[pa.RecordBatch] = []
        self._bytes = 0
        if self._bounds:
            folder.mkdir()

    def add(self, batch: pa.RecordBatch) -> None:
        """Raises: TracemillError for rows with another schema."""
        if not batch.schema.equals(self._schema):
            raise TracemillError(
                f"rows of {self._folder.name} were written with another schema, by another version of tracemill; "
                "finish the build with that version, or use a new --out"
            )
        self._held.append(batch.replace_schema_metadata(self._schema.metadata))
        self._bytes += batch.nbytes
        if self._bounds and self._bytes >= self._size:
            self._spill()

    def _spill(self) -> None:
        rows = _in_order(self._held)
        self._held, self._bytes = [], 0
        ids = rows.column("id").to_pylist()
        cuts = [0, *(bisect_left(ids, bound) for bound in self._bounds), len(ids)]
        for bucket, (start, end) in enumerate(pairwise(cuts)):
            if start < end:
                self._append(self._path(bucket), rows.slice(start, end - start))

    def _path(self, bucket: int) -> Path:
        return self._folder / f"{bucket}.arrows"

    def _append(self, path: Path, rows: pa.RecordBatch) -> None:
        """One more IPC stream at the file's end: a thousand buckets need no thousand open files."""
        options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        with path.open("ab") as file, pa.ipc.new_stream(file, self._schema, options=options) as writer:
            writer.write_batch(rows)

    def sorted(self) -> Iterator[pa.RecordBatch]:
        """All rows in id order, one per id, a bucket at a time."""
        if not self._bounds:
            if self._held:
                yield _first_of_each(_in_order(self._held))
            return
        if self._held:
            self._spill()
        for bucket in range(len(self._bounds) + 1):
            path = self._path(bucket)
            if path.exists():
                yield _first_of_each(_in_order(_streams(path)))
                path.unlink()


def _streams(path: Path) -> list[pa.RecordBatch]:
    batches: list[pa.RecordBatch] = []
    with pa.OSFile(str(path), "rb") as file:
        while file.tell() < file.size():
            with pa.ipc.open_stream(file) as reader:
                batches += reader
    return batches


def _in_order(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Sorted by id; rows of one id stay in the order of arrival (the sort is stable)."""
    rows = batches[0] if len(batches) == 1 else pa.concat_batches(batches)
    return rows.take(pc.sort_indices(rows.column("id")))


def _first_of_each(rows: pa.RecordBatch) -> pa.RecordBatch:
    ids = rows.column("id")
    again = pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1))
    if not pc.any(again).as_py():
        return rows
    return rows.filter(pa.concat_arrays([pa.array([True]), pc.invert(again)]))
