"""Near duplicates: MinHash sketches and the pairs among them that are alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl
import rensa

from tracemill.selection.tokens import I64, U64, Tokens, shingles, span_hashes

Sketches = npt.NDArray[np.uint16]

PERMUTATIONS = 128
_SEED = 7
_WINDOW = 16
_PREFIX = 16
_PAIRS_AT_ONCE = 2**16
_CERTAINTY = 0.95


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


def near_duplicates(sketches: Sketches, threshold: float) -> dict[int, int]:
    """Each row that is like an earlier kept one → that one. Earlier rows are kept in preference.

    A row is only rejected in favour of a row that is itself kept and that is like it, not for a chain of likenesses.
    """
    return _greedy(sketches, _alike(sketches, _bands(sketches, threshold), threshold), threshold)


def near_duplicates_within(groups: I64, sketches: Sketches, threshold: float) -> dict[int, int]:
    """`near_duplicates` among rows of the same group only, comparing all of them; for small groups."""
    order = np.argsort(groups, kind="stable")
    return _greedy(sketches, _alike(sketches, _neighbours(order, groups[order], len(groups)), threshold), threshold)


def _greedy(sketches: Sketches, pairs: I64, threshold: float) -> dict[int, int]:
    keeper: dict[int, int] = {}
    for later, earlier in pairs.tolist():
        if later in keeper:
            continue
        kept = keeper.get(earlier, earlier)
        if kept == earlier or similarity(sketches[kept], sketches[later]) >= threshold:
            keeper[later] = kept
    return keeper


def _alike(sketches: Sketches, candidates: Iterator[I64], threshold: float) -> I64:
    """The candidate pairs at or above the threshold as rows (later, earlier), sorted."""
    found = [np.zeros((0, 2), np.int64)]
    for pairs in candidates:
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            part = pairs[start : start + _PAIRS_AT_ONCE]
            found.append(part[similarity(sketches[part[:, 0]], sketches[part[:, 1]]) >= threshold])
    return np.unique(np.concatenate(found), axis=0)


def _bands(sketches: Sketches, threshold: float) -> Iterator[I64]:
    """Candidate pairs by locality-sensitive hashing: rows that agree on all cells of a band.

    Each band is sorted by its cells and the cells that follow, and a row is compared with the next 16 in that order
    (as in LSH Forest, Bawa et al. 2005). So the work is linear even where thousands of problems come from one
    template and share a band, and the likest of them still stand next to each other.
    """
    cells = _cells_per_band(threshold)
    doubled = np.concatenate((sketches, sketches[:, :_PREFIX]), axis=1)
    for start in range(0, PERMUTATIONS - cells + 1, cells):
        prefix = np.ascontiguousarray(doubled[:, start : start + _PREFIX]).astype(">u2").view(">u8")
        order = np.lexsort(prefix.T[::-1])
        yield from _neighbours(order, _row_hashes(doubled[order, start : start + cells]), _WINDOW)


def _cells_per_band(threshold: float) -> int:
    """The most cells with which a pair at the threshold still shares a band with 95% certainty."""
    sure = [r for r in range(1, _PREFIX + 1) if 1 - (1 - threshold**r) ** (PERMUTATIONS // r) >= _CERTAINTY]
    return max(sure)


def _row_hashes(cells: Sketches) -> U64:
    height, width = cells.shape
    starts = np.arange(height, dtype=np.int64) * width
    return span_hashes(cells.ravel().astype(np.uint64) + np.uint64(1), starts, starts + width)


def _neighbours(order: I64, keys: npt.NDArray[np.generic], window: int) -> Iterator[I64]:
    """Pairs (later, earlier) of rows with equal keys at most `window` apart; `keys` are those of `order`, grouped."""
    for distance in range(1, min(window, len(order) - 1) + 1):
        same = np.flatnonzero(keys[distance:] == keys[:-distance])
        if not len(same):
            return
        one, other = order[same], order[same + distance]
        yield np.stack((np.maximum(one, other), np.minimum(one, other)), axis=1)


def describe(duplicates: Mapping[int, int], ids: pl.Series, sketches: Sketches) -> pl.DataFrame:
    """The rejected rows as `id, detail`, where the detail names the one kept instead."""
    later, kept = np.array(list(duplicates)), np.array(list(duplicates.values()))
    if not duplicates:
        return pl.DataFrame(schema={"id": pl.String, "detail": pl.String})
    alike = [f"{value:.2f}" for value in similarity(sketches[later], sketches[kept]).tolist()]
    rows = pl.DataFrame({"id": ids.gather(later), "kept": ids.gather(kept), "alike": alike})
    return rows.select("id", detail=pl.format("of {}, similarity {}", "kept", "alike"))
