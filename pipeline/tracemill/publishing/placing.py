"""Rows that come in any order, given back by their places: an external bucket sort over files.

Held in memory while rows come: nothing. While they are given back: one bucket. A bucket has 4,096 places, or more where
there would be more than 64 of them; a bucket of more than 32 MB is cut into smaller ones before it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from tracemill.views.make_rows import PlacedRows

BUCKET_ROWS = 4_096
"""Fewer would take more time for ever smaller pieces, more would take more memory."""
BUCKET_BYTES = 32 << 20
_ROWS_AT_ONCE = 512
_BYTES_AT_ONCE = 4 << 20
_BUCKETS = 64
_PLACE = "_place"


class RowsByPlace:
    """The rows of one view and stage on their way to its shards.

    `stem`: the beginning of the paths of its files, which nothing else may use. `rows`: how many there will be, with
    the places from `first` on.
    """

    def __init__(self, stem: Path, rows: int, first: int = 0) -> None:
        self._stem = stem
        self._first, self._end = first, first + rows
        self._bucket_rows = max(BUCKET_ROWS, -(-rows // _BUCKETS))

    def add(self, placed: PlacedRows) -> None:
        """Puts rows into the files of their buckets.

        Raises:
            ValueError: a place that is not below the number of rows.
        """
        places = placed.places.to_numpy()
        if len(places) and not self._first <= places.min() <= places.max() < self._end:
            raise ValueError(f"a row at place {places.max()} of {self._end}: places count from {self._first}")
        buckets = (places - self._first) // self._bucket_rows
        rows = placed.rows.append_column(_PLACE, placed.places)
        for bucket in np.unique(buckets).tolist():
            some = rows.take(pa.array(np.flatnonzero(buckets == bucket)))
            with self._path(bucket).open("ab") as file, pa.ipc.new_stream(file, some.schema) as stream:
                stream.write_batch(some)

    def in_order(self) -> Iterator[pa.RecordBatch]:
        """All rows by place; a bucket's file is removed once it is read.

        Raises:
            ValueError: a place without a row, or with two.
        """
        for bucket, first in enumerate(range(self._first, self._end, self._bucket_rows)):
            count = min(self._bucket_rows, self._end - first)
            path = self._path(bucket)
            if not path.exists():
                raise ValueError(f"no row at all for the places from {first} on")
            size = path.stat().st_size
            if size > BUCKET_BYTES and count > 1:
                yield from self._cut(path, count, first, size).in_order()
            else:
                yield from _sorted(path, count, first)

    def _cut(self, path: Path, count: int, first: int, size: int) -> RowsByPlace:
        """The rows of a large bucket in smaller ones."""
        smaller = RowsByPlace(path, count, first)
        smaller._bucket_rows = max(1, count * BUCKET_BYTES // (2 * size))
        for batch in _batches(path):
            for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
                rows = batch.slice(start, _ROWS_AT_ONCE)
                smaller.add(PlacedRows(rows.column(_PLACE), rows.drop_columns([_PLACE])))
        path.unlink()
        return smaller

    def _path(self, bucket: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}-{bucket:05d}")


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with path.open("rb") as file:
        while file.peek(1):
            with pa.ipc.open_stream(file) as stream:
                yield from stream


def _sorted(path: Path, count: int, first: int) -> Iterator[pa.RecordBatch]:
    """The rows of a bucket with `count` places from `first` on."""
    table = pa.Table.from_batches(_batches(path))
    path.unlink()
    order = pa.compute.sort_indices(table[_PLACE])
    if not np.array_equal(table[_PLACE].take(order).to_numpy(), np.arange(first, first + count)):
        raise ValueError(f"{len(table)} rows for the {count} places from {first} on, or two for one place")
    [rows] = table.drop_columns([_PLACE]).combine_chunks().to_batches()
    del table
    # Some at a time: a sorted copy of the whole bucket would take as much memory again.
    at_once = max(1, min(_ROWS_AT_ONCE, count * _BYTES_AT_ONCE // max(1, rows.nbytes)))
    for start in range(0, count, at_once):
        yield rows.take(order[start : start + at_once])
