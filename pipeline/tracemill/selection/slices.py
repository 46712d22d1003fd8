"""Frames in pieces: working on texts takes some hundred bytes for each of their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from tracemill.records.sizes import fitting

SLICE_BYTES = 2 << 20


def slices(frame: pl.DataFrame, rows: int, texts: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The frame's rows in order. A piece ends with the row that reaches `rows`, or 2 MB in the columns `texts`."""
    sizes = frame.select(pl.sum_horizontal(pl.col(texts).str.len_bytes().fill_null(0)).cast(pl.Int64))
    left = sizes.to_series().to_numpy()
    start = 0
    while start < frame.height:
        count = fitting(left[start:], rows, SLICE_BYTES)
        yield frame.slice(start, count)
        start += count
