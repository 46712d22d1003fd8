"""Reading committed parts: scans by id range, and the ranges that cut a build into pieces of work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracemill.settings.errors import DamagedError
from tracemill.store.commits import TablePart
from tracemill.store.files import Files

_BATCH_ROWS = 1024
_PREFIX = 20
"""Every id begins with its problem's id, 20 hex digits."""


def part_batches(
    files: Files, part: TablePart, columns: Sequence[str] | None = None, lo: str | None = None, hi: str | None = None
) -> Iterator[pa.RecordBatch]:
    """The part's rows with lo ≤ id < hi, in batches of at most 1024; row groups outside are not read.

    Raises:
        DamagedError: the part is missing or cannot be read.
    """
    wanted = None if columns is None else list(dict.fromkeys(["id", *columns]))
    try:
        with files.open_input(part.path) as file:
            parquet = pq.ParquetFile(file)
            chosen = _groups_within(parquet.metadata, lo, hi)
            for batch in parquet.iter_batches(_BATCH_ROWS, row_groups=chosen, columns=wanted):
                rows = _within(batch, lo, hi)
                if rows.num_rows:
                    yield rows if columns is None else rows.select(list(columns))
    except (FileNotFoundError, pa.ArrowException, OSError) as exc:
        raise DamagedError(
            f"cannot read {files.url}/{part.path} ({part.rows} rows): {exc}; `tracemill status` says what to do"
        ) from exc


def _groups_within(metadata: pq.FileMetaData, lo: str | None, hi: str | None) -> list[int]:
    column = id_column(metadata)
    chosen = []
    for index in range(metadata.num_row_groups):
        bounds = metadata.row_group(index).column(column).statistics
        if (lo is None or bounds.max >= lo) and (hi is None or bounds.min < hi):
            chosen.append(index)
    return chosen


def id_column(metadata: pq.FileMetaData) -> int:
    """The index of `id` among the leaf columns. Not from `metadata.schema`: the two refer to each other, and what they
    hold (a third of a MB for a part of verdicts) would stay until the garbage collector comes by."""
    group = metadata.row_group(0)
    return next(index for index in range(group.num_columns) if group.column(index).path_in_schema == "id")


def _within(batch: pa.RecordBatch, lo: str | None, hi: str | None) -> pa.RecordBatch:
    ids = batch.column("id")
    start = 0 if lo is None else pc.sum(pc.less(ids, lo)).as_py() or 0
    end = batch.num_rows if hi is None else pc.sum(pc.less(ids, hi)).as_py() or 0
    return batch.slice(start, max(0, end - start))


def cut(files: Files, parts: Sequence[TablePart], rows: int) -> list[tuple[str | None, str | None]]:
    """See `Store.partitions`.

    Raises:
        ValueError: fewer than one row a piece.
    """
    if rows < 1:
        raise ValueError(f"a partition needs at least 1 row; got {rows}")
    if not parts:
        return []
    cuts: list[str] = []
    filled, previous = 0, ""
    for part in parts:
        for batch in part_batches(files, part, ["id"]):
            prefixes = pc.utf8_slice_codeunits(batch.column("id"), 0, _PREFIX)
            starts, filled = _starts(prefixes, previous, filled, rows)
            cuts += starts
            previous = prefixes[-1].as_py()
    return list(zip([None, *cuts], [*cuts, None], strict=True))


def _starts(prefixes: pa.StringArray, previous: str, filled: int, rows: int) -> tuple[list[str], int]:
    """The prefixes of one batch at which a new piece begins, and how many rows the last piece has so far."""
    before = pa.concat_arrays([pa.array([previous]), prefixes.slice(0, len(prefixes) - 1)])
    changes = np.flatnonzero(pc.not_equal(prefixes, before).to_numpy(zero_copy_only=False))
    starts: list[str] = []
    begin = -filled
    while (at := int(np.searchsorted(changes, begin + rows))) < len(changes):
        begin = int(changes[at])
        starts.append(prefixes[begin].as_py())
    return starts, len(prefixes) - begin
