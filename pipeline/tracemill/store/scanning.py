"""Reading committed parts: scans by id range, and the ranges that cut a build into pieces of work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
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
    """The part's rows with lo ≤ id < hi, in batches of at most 1024 and one row group; row groups outside are not read.

    Raises:
        DamagedError: the part is missing or cannot be read.
    """
    wanted = None if columns is None else list(dict.fromkeys(["id", *columns]))
    try:
        with files.open_input(part.path) as file:
            parquet = pq.ParquetFile(file)
            chosen = _groups_within(parquet.metadata, lo, hi)
            # A group at a time: a batch of several would hold the bytes of them all.
            for group in chosen:
                for batch in parquet.iter_batches(_BATCH_ROWS, row_groups=[group], columns=wanted):
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


def cut(
    files: Files, parts: Sequence[TablePart], rows: int, weighed: Sequence[TablePart] = (), size: int = 0
) -> list[tuple[str | None, str | None]]:
    """See `Store.partitions`. `weighed`: parts of which a piece holds at most `size` bytes.

    Raises:
        ValueError: fewer than one row a piece.
    """
    if rows < 1:
        raise ValueError(f"a partition needs at least 1 row; got {rows}")
    if not parts:
        return []
    problems, counts = _problems(files, parts)
    rows_before = np.concatenate(([0], np.cumsum(counts)))
    bytes_before = np.concatenate(([0], np.cumsum(_bytes_each(files, weighed, problems))))
    cuts: list[str] = []
    begin = 0
    while True:
        end = int(np.searchsorted(rows_before, rows_before[begin] + rows))
        if weighed:
            most = int(np.searchsorted(bytes_before, bytes_before[begin] + size, side="right")) - 1
            end = min(end, max(most, begin + 1))
        if end >= len(problems):
            return list(zip([None, *cuts], [*cuts, None], strict=True))
        cuts.append(problems[end].decode())
        begin = end


def _problems(files: Files, parts: Sequence[TablePart]) -> tuple[npt.NDArray[np.bytes_], npt.NDArray[np.int64]]:
    """The problems of a table in their order, and how many rows each has."""
    prefixes = [
        np.array(pc.utf8_slice_codeunits(batch.column("id"), 0, _PREFIX).to_pylist(), f"S{_PREFIX}")
        for part in parts
        for batch in part_batches(files, part, ["id"])
    ]
    return np.unique(np.concatenate(prefixes), return_counts=True)


def _bytes_each(files: Files, parts: Sequence[TablePart], problems: npt.NDArray[np.bytes_]) -> npt.NDArray[np.float64]:
    """About how many bytes each problem has in these parts: those of a row group, in equal shares."""
    changes = np.zeros(len(problems) + 1)
    for part in parts:
        for first, last, size in group_extents(files, part):
            bounds = np.array([first[:_PREFIX], last[:_PREFIX]], f"S{_PREFIX}")
            start = max(0, int(np.searchsorted(problems, bounds[0], side="right")) - 1)
            end = max(start + 1, int(np.searchsorted(problems, bounds[1], side="right")))
            changes[start] += size / (end - start)
            changes[end] -= size / (end - start)
    return np.maximum(np.cumsum(changes[:-1]), 0)


def group_extents(files: Files, part: TablePart) -> Iterator[tuple[str, str, int]]:
    """The first and the last id of each row group, and the group's uncompressed bytes."""
    with files.open_input(part.path) as file:
        metadata = pq.ParquetFile(file).metadata
        column = id_column(metadata)
        for index in range(metadata.num_row_groups):
            group = metadata.row_group(index)
            bounds = group.column(column).statistics
            yield bounds.min, bounds.max, group.total_byte_size
