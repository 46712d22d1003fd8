"""Parts: the immutable Parquet files of a table, sorted by id and named by their digest.

Where a part or row group ends depends on the rows alone, never on how they came in batches: the same rows make the
same files, on every machine with the same pyarrow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracemill.settings.errors import TracemillError
from tracemill.store.commits import TablePart
from tracemill.store.files import Files
from tracemill.store.scanning import id_column

CHUNK_ROWS = 256
GROUP_ROWS = 4096
GROUP_BYTES = 8 << 20
PART_BYTES = 64 << 20
"""Of content, see `content_bytes`. A row group is closed by whichever limit it reaches first, looked at every chunk."""


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
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = 0
        self._group: list[pa.RecordBatch] = []
        self._group_rows = self._group_bytes = 0
        self._sink: pa.BufferOutputStream | None = None
        self._writer: pq.ParquetWriter | None = None
        self._rows = self._bytes = 0
        self._min_id = self._max_id = ""
        self._parts: list[TablePart] = []

    def write(self, rows: pa.RecordBatch) -> None:
        self._pending.append(rows)
        self._pending_rows += rows.num_rows
        if self._pending_rows < CHUNK_ROWS:
            return
        whole = _joined(self._pending)
        full = whole.num_rows - whole.num_rows % CHUNK_ROWS
        for start in range(0, full, CHUNK_ROWS):
            self._take(whole.slice(start, CHUNK_ROWS))
        rest = whole.slice(full)
        self._pending = [rest] if rest.num_rows else []
        self._pending_rows = rest.num_rows

    def close(self) -> tuple[TablePart, ...]:
        """The parts of all rows written."""
        if self._pending_rows:
            self._take(_joined(self._pending))
        self._end_group()
        self._end_part()
        return tuple(self._parts)

    def _take(self, chunk: pa.RecordBatch) -> None:
        self._group.append(chunk)
        self._group_rows += chunk.num_rows
        self._group_bytes += sum(map(content_bytes, chunk.columns))
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


def content_bytes(array: pa.Array) -> int:
    """The size of the values alone. `nbytes` and the size as IPC depend on what the array was cut from."""
    kind = array.type
    if pa.types.is_struct(kind):
        return sum(map(content_bytes, array.flatten()))
    if pa.types.is_nested(kind):
        return 4 * len(array) + content_bytes(array.flatten())
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return 4 * len(array) + (pc.sum(pc.binary_length(array)).as_py() or 0)
    return len(array) * int(kind.bit_width) // 8


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


def groups(files: Files, part: TablePart) -> Iterator[tuple[str, int]]:
    """The first id of each row group, and the group's uncompressed bytes."""
    with files.open_input(part.path) as file:
        metadata = pq.ParquetFile(file).metadata
        column = id_column(metadata)
        for index in range(metadata.num_row_groups):
            group = metadata.row_group(index)
            yield group.column(column).statistics.min, group.total_byte_size
