"""Near duplicates: MinHash sketches and the pairs among them that are alike."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
import rensa

from tracemill.selection.tokens import I64, U64, Tokens, shingles

Sketches = npt.NDArray[np.uint16]
Rows = npt.NDArray[np.integer[Any]]

PERMUTATIONS = 128
_SEED = 7
_WINDOW = 16
_PREFIX = 16
_NEAREST = 16
_CELLS_PER_WORD = 4
_ROWS_AT_ONCE = 2**12
_PAIRS_AT_ONCE = 2**16
_CERTAINTY = 0.95


class SketchRows(Protocol):
    """Sketches in memory or on disk."""

    def take(self, rows: Rows) -> Sketches:
        """Those of some rows."""


class Duplicates(NamedTuple):
    """Places of rejected rows, ascending, and for each the place of the row that is kept instead."""

    later: I64
    kept: I64


def sketch(tokens: Tokens, shingle: int) -> Sketches:
    """MinHash of each text's token shingles, shape (texts, 128): 256 bytes a text.

    Of each 32-bit minimum only 16 bits are kept (b-bit minwise hashing, Li and König 2010): two different minima look
    alike once in 65536 times, far below the estimate's own error of 0.035.
    """
    hashes, counts = shingles(tokens, shingle)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.uint64)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, PERMUTATIONS, _SEED)
    return np.array(matrix.to_rows(), dtype=np.uint32).reshape(-1, PERMUTATIONS).astype(np.uint16)


def similarity(one: Sketches, other: Sketches) -> npt.NDArray[np.float64]:
    """The estimated Jaccard similarity, row by row."""
    return np.asarray((one == other).mean(axis=-1), dtype=np.float64)


def near_duplicates(sketches: SketchRows, rows: Rows, threshold: float) -> Duplicates:
    """Which of `rows` are like an earlier kept one. They are in order of preference; places count within them.

    A row is only rejected in favour of a row that is itself kept and that is like it, not for a chain of likenesses.
    In memory: some 150 bytes a row.
    """
    nearest = _Nearest(len(rows))
    for pairs in _alike_in_bands(sketches, rows, threshold):
        nearest.add(pairs)
    return _greedy(sketches, rows, nearest.pairs(), threshold)


def near_duplicates_within(groups: I64, sketches: Sketches, threshold: float) -> Duplicates:
    """`near_duplicates` among rows of the same group only, comparing all of them; for small groups."""
    order = np.argsort(groups, kind="stable")
    pairs = _alike(sketches, _neighbours(order, groups[order]), threshold)
    return _greedy(InMemory(sketches), np.arange(len(groups)), iter(pairs.tolist()), threshold)


class InMemory:
    """`SketchRows` of an array."""

    def __init__(self, sketches: Sketches) -> None:
        self._sketches = sketches

    def take(self, rows: Rows) -> Sketches:
        return self._sketches[rows]


def _greedy(sketches: SketchRows, rows: Rows, pairs: Iterable[list[int]], threshold: float) -> Duplicates:
    """`pairs`: places (later, earlier) of rows that are alike, ascending."""
    keeper = array("q", range(len(rows)))
    for later, earlier in pairs:
        if keeper[later] != later:
            continue
        kept = keeper[earlier]
        if kept == earlier or _similar(sketches.take(rows[[kept, later]])) >= threshold:
            keeper[later] = kept
    found = np.frombuffer(keeper, np.int64) if keeper else np.zeros(0, np.int64)
    rejected = np.flatnonzero(found != np.arange(len(found)))
    return Duplicates(rejected, found[rejected])


def _similar(pair: Sketches) -> float:
    return float(similarity(pair[0], pair[1]))


def _alike(sketches: Sketches, candidates: Iterator[I64], threshold: float) -> I64:
    """The candidate pairs at or above the threshold as rows (later, earlier), sorted."""
    found = [np.zeros((0, 2), np.int64)]
    for pairs in candidates:
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            part = pairs[start : start + _PAIRS_AT_ONCE]
            found.append(part[similarity(sketches[part[:, 0]], sketches[part[:, 1]]) >= threshold])
    return np.unique(np.concatenate(found), axis=0)


class _Nearest:
    """Of each row the earlier rows that are like it, the first 16 of them: more would take memory without bound where
    thousands are alike, and one of 16 that are alike is kept, or rejected in favour of a row that is like this one too.
    """

    def __init__(self, rows: int) -> None:
        self._none = rows
        self._earlier = np.full((rows, _NEAREST), rows, np.int32)

    def add(self, pairs: I64) -> None:
        """Rows (later, earlier), some of which may be known."""
        later = _distinct(pairs[:, 0])
        known = self._earlier[later]
        old = np.stack((np.repeat(later, _NEAREST), known.ravel().astype(np.int64)), axis=1)
        keys = np.concatenate((pairs, old[old[:, 1] < self._none]))
        rows, earlier = np.divmod(_distinct(keys[:, 0] * self._none + keys[:, 1]), self._none)
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)
        first = place < _NEAREST
        known[:] = self._none
        known[np.searchsorted(later, rows[first]), place[first]] = earlier[first]
        self._earlier[later] = known

    def pairs(self) -> Iterator[list[int]]:
        for start in range(0, len(self._earlier), _ROWS_AT_ONCE):
            part = self._earlier[start : start + _ROWS_AT_ONCE]
            rows, columns = np.nonzero(part < self._none)
            yield from np.stack((rows + start, part[rows, columns]), axis=1).tolist()


def _distinct(values: I64) -> I64:
    """Sorted, each once. (`numpy.unique` builds a hash table, which takes four times as long here.)"""
    ordered = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]


def _alike_in_bands(sketches: SketchRows, rows: Rows, threshold: float) -> Iterator[I64]:
    """Pairs (later, earlier) by locality-sensitive hashing: rows that agree on all cells of a band, and are alike.

    Each band is sorted by its cells and the cells that follow, and a row is compared with the next 16 in that order
    (as in LSH Forest, Bawa et al. 2005). So the work is linear even where thousands of problems come from one
    template and share a band, and the likest of them still stand next to each other.
    """
    cells = _cells_per_band(threshold)
    for start in range(0, PERMUTATIONS - cells + 1, cells):
        prefixes = _prefixes(sketches, rows, start)
        order = np.lexsort(prefixes[::-1])
        for begin in range(0, len(order), _ROWS_AT_ONCE):
            span = order[begin : begin + _ROWS_AT_ONCE + _WINDOW]
            pairs = _alike_near(sketches.take(rows[span]), _band(prefixes[:, span], cells), threshold)
            if len(pairs):
                places = span[pairs]
                yield np.stack((places.max(axis=1), places.min(axis=1)), axis=1)


def _prefixes(sketches: SketchRows, rows: Rows, start: int) -> U64:
    """Of each row the 16 cells from `start` on, as four words that sort like them: shape (4, rows)."""
    columns = np.arange(start, start + _PREFIX) % PERMUTATIONS
    found = np.empty((_PREFIX // _CELLS_PER_WORD, len(rows)), np.uint64)
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        some = sketches.take(rows[begin : begin + _ROWS_AT_ONCE])[:, columns]
        found[:, begin : begin + len(some)] = np.ascontiguousarray(some.astype(">u2")).view(">u8").T
    return found


def _band(prefixes: U64, cells: int) -> U64:
    """The prefixes without the cells that follow the band."""
    kept = [min(max(cells - _CELLS_PER_WORD * word, 0), _CELLS_PER_WORD) for word in range(len(prefixes))]
    masks = [(2**64 - 1) ^ (2 ** (16 * (_CELLS_PER_WORD - some)) - 1) for some in kept]
    return prefixes & np.array(masks, np.uint64)[:, None]


def _alike_near(sketches: Sketches, bands: U64, threshold: float) -> I64:
    """Pairs of places at most 16 apart with the same band, at or above the threshold."""
    found = [np.zeros((0, 2), np.int64)]
    for distance in range(1, min(_WINDOW, len(sketches) - 1) + 1):
        same = np.flatnonzero((bands[:, distance:] == bands[:, :-distance]).all(axis=0))
        if not len(same):
            break
        alike = same[similarity(sketches[same], sketches[same + distance]) >= threshold]
        found.append(np.stack((alike, alike + distance), axis=1))
    return np.concatenate(found)


def _cells_per_band(threshold: float) -> int:
    """The most cells with which a pair at the threshold still shares a band with 95% certainty."""
    sure = [r for r in range(1, _PREFIX + 1) if 1 - (1 - threshold**r) ** (PERMUTATIONS // r) >= _CERTAINTY]
    return max(sure)


def _neighbours(order: I64, keys: npt.NDArray[np.generic]) -> Iterator[I64]:
    """Pairs (later, earlier) of rows with equal keys; `keys` are those of `order`, grouped."""
    for distance in range(1, len(order)):
        same = np.flatnonzero(keys[distance:] == keys[:-distance])
        if not len(same):
            return
        one, other = order[same], order[same + distance]
        yield np.stack((np.maximum(one, other), np.minimum(one, other)), axis=1)


def details(kept: pl.Series, one: Sketches, other: Sketches) -> pl.Series:
    """What is said of rejected rows: the ids of those kept instead, and how alike they are."""
    alike = pl.Series([f"{value:.2f}" for value in similarity(one, other).tolist()], dtype=pl.String)
    return pl.select(pl.format("of {}, similarity {}", kept, alike)).to_series()
