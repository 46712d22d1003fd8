"""The files of a finished dataset: view rows and ledger tables as Parquet shards of bounded size.

The same rows in the same order give the same bytes, however they arrive: row groups are cut by the number of rows and
the bytes of their values, and shards at the end of a row group, so neither the batches nor the executor show. (Bytes
also depend on the version of pyarrow.)
Names sort in curriculum order and need no total, so shards leave as soon as they are full. They end in the beginning
of the file's SHA-256: a name stands for one content, so that `datasets`, which keys its cache on names, cannot take the
rows of one build for those of another:

    dataset/<view>/<stage index>-<stage>-<shard>-<digest>.parquet
    dataset/<table>/part-<shard>-<digest>.parquet

    dataset/sft/00-warm_up-00000-5f0c2ab19e44d1b7.parquet

Held in memory: a row group of rows for each open shard, and one finished shard; open shards lie in temporary files.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from tracemill.curriculum.curriculum_config import SPLITS, STAGE_NAME
from tracemill.records import Payload
from tracemill.records.schema import SCHEMA_VERSION, SCHEMAS
from tracemill.records.sizes import fitting, row_bytes
from tracemill.settings.errors import UsageError
from tracemill.views.view import view_with

Put = Callable[[str, bytes], None]
"""Stores bytes under a path relative to the build."""

NAMING = 2
"""Of how shards are named; another one makes them again. 1: without the digest. 2: with it."""

ROW_GROUP = 1_000
GROUP_BYTES = 16 << 20
"""A row group ends with the row that reaches either bound."""
_DIGITS = 16
"""Of the digest in a name."""
LEDGER = ("problems", "traces", "verdicts", "estimates")
_CLOCK = ("seconds", "created")


@dataclass(frozen=True, slots=True)
class ShardLimits:
    """When a shard is full: at `rows`, or at the end of the row group in which it reaches `size` bytes."""

    rows: int = 100_000
    size: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class ShardFile:
    """A file as the manifest lists it."""

    path: str
    rows: int
    bytes: int
    sha256: str


def require_stage_name(stage: str) -> None:
    """Raises:
    UsageError: a name that could leave its folder, or that is a split which a view has anyway.
    """
    if not re.fullmatch(STAGE_NAME, stage) or stage in SPLITS:
        raise UsageError(
            f"no stage can be called {stage!r}; use lower-case letters, digits and '_', and none of "
            f"{', '.join(SPLITS)}: those are splits of every view"
        )


class ShardWriter:
    """Takes the rows of one table in order, in batches of any size."""

    def __init__(self, put: Put, stem: str, table_schema: pa.Schema, limits: ShardLimits | None) -> None:
        self._shards = _Shards(put, stem, table_schema, limits or ShardLimits())
        self._expected = table_schema
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Raises:
        ValueError: a batch with another schema than the table.
        """
        if not batch.schema.equals(self._expected):
            raise ValueError(f"a batch has other columns than its table:\n{batch.schema}\nnot\n{self._expected}")
        sizes = row_bytes(batch)
        start = 0
        while start < batch.num_rows:
            left = sizes[start:]
            count = fitting(left, self._shards.wanted - self._rows, GROUP_BYTES - self._bytes)
            self._take(batch.slice(start, count), int(left[:count].sum()))
            start += count

    def _take(self, rows: pa.RecordBatch, size: int) -> None:
        self._waiting.append(rows)
        self._rows += rows.num_rows
        self._bytes += size
        if self._rows >= self._shards.wanted or self._bytes >= GROUP_BYTES:
            self._end_group()

    def _end_group(self) -> None:
        group = pa.Table.from_batches(self._waiting, schema=self._expected)
        self._waiting, self._rows, self._bytes = [], 0, 0
        self._shards.add(group)

    def close(self) -> list[ShardFile]:
        """The files written, in order; an empty list if there was no row."""
        if self._waiting:
            self._end_group()
        return self._shards.close()


def view_writer(
    put: Put, view: str, index: int, stage: str, limits: ShardLimits | None = None, settings: Payload | None = None
) -> ShardWriter:
    """For the rows of one (view, stage). `index` is the stage's place in the curriculum, from 0; `settings` are the
    view's in the config.

    Raises:
        UsageError: a stage name that cannot be part of a path or a split; a view that is not installed.
    """
    require_stage_name(stage)
    stem = f"dataset/{view}/{index:02d}-{stage}-"
    return ShardWriter(put, stem, view_with(view, settings or {}).schema, limits)


def write_ledger(
    put: Put, table: str, batches: Iterable[pa.RecordBatch], limits: ShardLimits | None = None
) -> list[ShardFile]:
    """A ledger table from its batches, in their order, without the wall clock.

    Raises:
        ValueError: a batch that has another schema than the table.
    """
    return write_table(put, f"dataset/{table}/part-", SCHEMAS[table], map(without_clock, batches), limits)


def write_table(
    put: Put, stem: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], limits: ShardLimits | None = None
) -> list[ShardFile]:
    """A table from its batches, in their order. `stem`: how the paths of its shards begin, `dataset/traces/part-`.

    Raises:
        ValueError: a batch that has another schema.
    """
    writer = ShardWriter(put, stem, schema, limits)
    for batch in batches:
        writer.add(batch)
    return writer.close()


def without_clock(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with its measured times set to null: they differ from run to run, the dataset does not."""
    for name in _CLOCK:
        at = batch.schema.get_field_index(name)
        if at >= 0:
            field = batch.schema.field(at)
            batch = batch.set_column(at, field, pa.nulls(batch.num_rows, field.type))
    return batch


class _Shards:
    """Row groups in, files out. `wanted` is the most rows that the next row group may have."""

    def __init__(self, put: Put, stem: str, table_schema: pa.Schema, limits: ShardLimits) -> None:
        self._put = put
        self._stem = stem
        self._schema = table_schema.with_metadata({"tracemill_schema_version": str(SCHEMA_VERSION)})
        self._limits = limits
        self._files: list[ShardFile] = []
        self._file: IO[bytes] | None = None
        self._writer: pq.ParquetWriter | None = None
        self._count = 0

    @property
    def wanted(self) -> int:
        return min(ROW_GROUP, self._limits.rows - self._count)

    def add(self, group: pa.Table) -> None:
        if self._writer is None or self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed with the shard
            self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
        # In one piece: pages would otherwise follow the borders of the batches.
        group = group.combine_chunks().replace_schema_metadata(self._schema.metadata)
        self._writer.write_table(group, row_group_size=ROW_GROUP)
        self._count += group.num_rows
        if self._count >= self._limits.rows or self._file.tell() >= self._limits.size:
            self._finish()

    def close(self) -> list[ShardFile]:
        self._finish()
        return self._files

    def _finish(self) -> None:
        if self._writer is None or self._file is None:
            return
        self._writer.close()
        self._file.seek(0)
        data = self._file.read()
        self._file.close()
        digest = hashlib.sha256(data).hexdigest()
        path = f"{self._stem}{len(self._files):05d}-{digest[:_DIGITS]}.parquet"
        self._put(path, data)
        self._files.append(ShardFile(path, self._count, len(data), digest))
        self._file = self._writer = None
        self._count = 0
