"""Rows that come in any order, given back by their places: an external bucket sort over files.

Held in memory while rows come: nothing. While they are given back: one bucket. A bucket has 4,096 places, or more where
there would be more than 64 of them, so that memory grows with a sixty-fourth of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from tracemill.views.make_rows import PlacedRows

BUCKET_ROWS = 4_096
"""Fewer would take more time for ever smaller pieces, more would take more memory."""
_ROWS_AT_ONCE = 512
_BUCKETS = 64
_PLACE = "_place"


class RowsByPlace:
    """The rows of one view and stage on their way to its shards.

    `stem`: the beginning of the paths of its files, which nothing else may use. `rows`: how many there will be, with
    the places from 0.
    """

    def __init__(self, stem: Path, rows: int) -> None:
        self._stem = stem
        self._rows = rows
        self._bucket_rows = max(BUCKET_ROWS, -(-rows // _BUCKETS))

    def add(self, placed: PlacedRows) -> None:
        """Puts rows into the files of their buckets.

        Raises:
            ValueError: a place that is not below the number of rows.
        """
        places = placed.places.to_numpy()
        if len(places) and not 0 <= places.min() <= places.max() < self._rows:
            raise ValueError(f"a row at place {places.max()} of {self._rows}: places count from 0")
        buckets = places // self._bucket_rows
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
        for bucket in range(-(-self._rows // self._bucket_rows)):
            table = self._read(bucket)
            order = pa.compute.sort_indices(table[_PLACE])
            first = bucket * self._bucket_rows
            wanted = np.arange(first, min(first + self._bucket_rows, self._rows))
            if not np.array_equal(table[_PLACE].take(order).to_numpy(), wanted):
                raise ValueError(
                    f"{len(table)} rows for the {len(wanted)} places from {first} on, or two for one place"
                )
            [rows] = table.drop_columns([_PLACE]).combine_chunks().to_batches()
            del table
            # Some at a time: a sorted copy of the whole bucket would take as much memory again.
            for start in range(0, len(order), _ROWS_AT_ONCE):
                yield rows.take(order[start : start + _ROWS_AT_ONCE])

    def _path(self, bucket: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}-{bucket:05d}")

    def _read(self, bucket: int) -> pa.Table:
        path = self._path(bucket)
        if not path.exists():
            raise ValueError(f"no row at all for the places from {bucket * self._bucket_rows} on")
        batches = []
        with path.open("rb") as file:
            while file.peek(1):
                with pa.ipc.open_stream(file) as stream:
                    batches += list(stream)
        path.unlink()
        return pa.Table.from_batches(batches)
