"""Parts: the immutable Parquet files of a table, sorted by id and named by their digest.

Where a part or row group ends depends on the rows alone, never on how they came in batches: the same rows make the
same files, on every machine with the same pyarrow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from tracemill.records.sizes import fitting, row_bytes
from tracemill.settings.errors import TracemillError
from tracemill.store.commits import TablePart
from tracemill.store.files import Files

GROUP_ROWS = 4096
GROUP_BYTES = 8 << 20
PART_BYTES = 64 << 20
"""Of content, see `row_bytes`. A row group ends with the row that reaches either limit."""


def ensure(files: Files, path: str, data: bytes, digest: str) -> None:
    """Make the file; one that is there already stays if it is whole, else it is made again.

    Raises:
        TracemillError: another writer interferes.
    """
    if files.create(path, data):
        return
    if files.size(path) == len(data) and files.sha256(path) == digest:
        return
    files.delete(path)
    if not files.create(path, data):
        raise TracemillError(f"{files.url}/{path} appeared while it was being replaced; another run writes this build")


class PartWriter:
    """Cuts a stream of sorted rows into parts. Holds at most a row group and the part's compressed bytes."""

    def __init__(self, files: Files, table: str, schema: pa.Schema) -> None:
        self._files, self._table, self._schema = files, table, schema
        self._group: list[pa.RecordBatch] = []
        self._group_rows = self._group_bytes = 0
        self._sink: pa.BufferOutputStream | None = None
        self._writer: pq.ParquetWriter | None = None
        self._rows = self._bytes = 0
        self._min_id = self._max_id = ""
        self._parts: list[TablePart] = []

    def write(self, rows: pa.RecordBatch) -> None:
        sizes = row_bytes(rows)
        start = 0
        while start < rows.num_rows:
            left = sizes[start:]
            count = fitting(left, GROUP_ROWS - self._group_rows, GROUP_BYTES - self._group_bytes)
            self._take(rows.slice(start, count), int(left[:count].sum()))
            start += count

    def close(self) -> tuple[TablePart, ...]:
        """The parts of all rows written."""
        self._end_group()
        self._end_part()
        return tuple(self._parts)

    def _take(self, rows: pa.RecordBatch, size: int) -> None:
        self._group.append(rows)
        self._group_rows += rows.num_rows
        self._group_bytes += size
        if self._group_rows >= GROUP_ROWS or self._group_bytes >= GROUP_BYTES:
            self._end_group()
        if self._bytes >= PART_BYTES:
            self._end_part()

    def _end_group(self) -> None:
        if not self._group:
            return
        group = _joined(self._group)
        if self._writer is None:
            self._open(group)
        assert self._writer is not None
        self._writer.write_batch(group, row_group_size=group.num_rows)
        self._max_id = group.column("id")[-1].as_py()
        self._rows += self._group_rows
        self._bytes += self._group_bytes
        self._group, self._group_rows, self._group_bytes = [], 0, 0

    def _open(self, group: pa.RecordBatch) -> None:
        self._min_id = group.column("id")[0].as_py()
        self._sink = pa.BufferOutputStream()
        self._writer = pq.ParquetWriter(
            self._sink, self._schema, compression="zstd", write_statistics=["id"], write_page_index=True
        )

    def _end_part(self) -> None:
        if self._writer is None or self._sink is None:
            return
        self._writer.close()
        data = self._sink.getvalue().to_pybytes()
        digest = hashlib.sha256(data).hexdigest()
        path = f"parts/{self._table}/{digest[:20]}.parquet"
        ensure(self._files, path, data, digest)
        self._parts.append(TablePart(path, self._rows, len(data), digest, self._min_id, self._max_id))
        self._writer = self._sink = None
        self._rows = self._bytes = 0


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """One contiguous batch: Parquet pages would otherwise follow the borders of the batches."""
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def write_sorted(
    files: Files, table: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> tuple[TablePart, ...]:
    """Parts of rows that come in id order; equal ids may follow each other.

    Raises:
        ValueError: rows out of order, or with another schema.
    """
    writer = PartWriter(files, table, schema)
    last = ""
    for batch in batches:
        if not batch.schema.equals(schema):
            raise ValueError(f"rows for {table} have the schema\n{batch.schema}\nbut the table has\n{schema}")
        if batch.num_rows == 0:
            continue
        ids = batch.column("id").to_pylist()
        for before, after in zip((last, *ids), ids, strict=False):
            if after < before:
                raise ValueError(f"rows for {table} are out of order: id {after!r} comes after {before!r}")
        last = ids[-1]
        writer.write(batch.replace_schema_metadata(schema.metadata))
    return writer.close()
