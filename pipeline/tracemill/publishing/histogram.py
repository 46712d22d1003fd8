"""Histograms: of shares in tenths, of counts in steps of a round width."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypedDict

import polars as pl

from tracemill.publishing.as_text import exact_text

_COLUMNS = 20
"""Of a histogram of counts, at most."""


class Column(TypedDict):
    """`count` values from `start` up to, without, the start of the next one; those equal to 1 are in the last tenth."""

    start: float
    count: int


def tenths(shares: pl.Series) -> pl.Series:
    """How many shares (0–1) lie in each tenth, nulls left out: 10 counts."""
    places = (shares.drop_nulls() * 10).floor().clip(0, 9)
    return pl.Series([int((places == place).sum()) for place in range(10)], dtype=pl.Int64)


def tenth_columns(counts: Sequence[int]) -> list[Column]:
    return [{"start": place / 10, "count": count} for place, count in enumerate(counts)]


def columns(counted: Mapping[int, int]) -> list[Column]:
    """From how many there are of each value (0 or more) to at most 20 columns of a width of 1, 2, 5, 10, 20, 50 …"""
    if not counted:
        return []
    longest = max(counted)
    widths = (digit * 10**power for power in range(19) for digit in (1, 2, 5))
    width = next(width for width in widths if longest // width < _COLUMNS)
    counts = [0] * (longest // width + 1)
    for value, count in counted.items():
        counts[value // width] += count
    return [{"start": place * width, "count": count} for place, count in enumerate(counts)]


def columns_from(edges: Sequence[int], values: pl.Series) -> list[Column]:
    """How many values lie from each edge up to the next one, without edges beyond the largest value."""
    within = [(low, int(((values >= low) & (values < high)).sum())) for low, high in pairwise([*edges, sys.maxsize])]
    last = max((place for place, (_, count) in enumerate(within) if count), default=-1)
    return [{"start": low, "count": count} for low, count in within[: last + 1]]


def starts(found: Sequence[Column]) -> list[str]:
    return [exact_text(column["start"]) for column in found]


def counts(found: Sequence[Column]) -> list[int]:
    return [column["count"] for column in found]
