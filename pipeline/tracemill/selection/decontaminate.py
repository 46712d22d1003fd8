"""Finds problems that share text with a benchmark.

A problem is contaminated by an item if they share
- 13 words in a row (`ngram`), whatever the case, spacing and punctuation;
- 13 words in a row with numbers and names masked, at least 8 of them neither: the item with other numbers or names;
- where the item has 8 to 12 words, all of it in a row; where it has fewer, if it is the whole problem.

The first rule is that of GPT-3 (Brown et al. 2020, appendix C). Not covered: paraphrases and translations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracemill.selection.tokens import (
    CAPITALISED,
    I64,
    NUMBER,
    U64,
    WORD,
    Tokens,
    ngram_starts,
    ngrams,
    tokenise,
    whole_hashes,
)

_EMBEDDED = 8
"""Fewest words of an item that is looked for within a longer problem: "find the value of x" is in too many."""

_PLAIN_SHARE = 0.6
_MASKS = {CAPITALISED: np.uint64(0xA0761D6478BD642F), NUMBER: np.uint64(0xE7037ED1A0B428DB)}
_MASKED, _WHOLE = np.uint64(0x8EBC6AF09C88C6E3), np.uint64(0x589965CC75374CC3)
"""What tells a masked run and a whole text from an ordinary run of words."""


@dataclass(frozen=True, slots=True)
class Index:
    """The runs of words of all benchmarks: sorted `hashes`, and for each the number of its file in `names`.

    `lengths`: how long the items of 8 to `ngram` − 1 words are. 9 bytes per word of a benchmark, twice.
    """

    ngram: int
    names: tuple[str, ...]
    lengths: tuple[int, ...]
    hashes: U64
    owners: npt.NDArray[np.uint16]

    def contaminated(self, tokens: Tokens) -> list[tuple[int, str]]:
        """The texts that share a run with an item, in order, with the name of its file and the kind of run."""
        words = tokens.words()
        found: dict[int, str] = {}
        if not len(self.hashes):
            return []
        for what, hashes, rows in _runs(words, self.ngram, self.lengths):
            at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
            for hit in np.flatnonzero(self.hashes[at] == hashes).tolist():
                found.setdefault(int(rows[hit]), f"{self.names[self.owners[at[hit]]]}: {what}")
        return sorted(found.items())


def build_index(benchmarks: Mapping[str, Sequence[str]], ngram: int) -> Index:
    """The index of at least one file's items."""
    hashes, owners, lengths = [], [], set[int]()
    for owner, items in enumerate(benchmarks.values()):
        words = tokenise(items).words()
        sizes = np.diff(words.offsets)
        short = {int(size) for size in sizes if _EMBEDDED <= size < ngram}
        lengths |= short
        for part in _item_runs(words, sizes, ngram):
            hashes.append(part)
            owners.append(np.full(len(part), owner, np.uint16))
    every, first = np.unique(np.concatenate(hashes), return_index=True)
    return Index(ngram, tuple(benchmarks), tuple(sorted(lengths)), every, np.concatenate(owners)[first])


def _item_runs(words: Tokens, sizes: I64, ngram: int) -> list[U64]:
    """What of the items enters the index. An item without words has nothing that could be found."""
    whole = whole_hashes(words)
    return [
        ngrams(words, ngram)[0],
        _masked_runs(words, ngram)[0],
        whole[(sizes >= _EMBEDDED) & (sizes < ngram)],
        whole[(sizes > 0) & (sizes < _EMBEDDED)] ^ _WHOLE,
    ]


def _runs(words: Tokens, ngram: int, lengths: Sequence[int]) -> list[tuple[str, U64, I64]]:
    """What of the problems is looked up: for each kind of run its hashes and their rows."""
    sizes = np.diff(words.offsets)
    small = np.flatnonzero(sizes < _EMBEDDED)
    runs = [(f"{n} words in a row", *_with_rows(*ngrams(words, n))) for n in (ngram, *lengths)]
    runs.append((f"{ngram} words in a row but for numbers and names", *_with_rows(*_masked_runs(words, ngram))))
    runs.append(("the whole problem", whole_hashes(words)[small] ^ _WHOLE, small))
    return runs


def _with_rows(hashes: U64, counts: I64) -> tuple[U64, I64]:
    return hashes, np.repeat(np.arange(len(counts)), counts)


def _masked_runs(words: Tokens, ngram: int) -> tuple[U64, I64]:
    """The runs after masking; several numbers or names in a row count as one, so that `1,200` may become `95`.

    Runs that are mostly numbers or names are left out: they say nothing of where a text comes from.
    """
    masked = _mask(words)
    hashes, counts = ngrams(masked, ngram)
    starts, _ = ngram_starts(masked, ngram)
    words_before = np.concatenate(([0], np.cumsum(masked.kinds == WORD)))
    telling = words_before[starts + ngram] - words_before[starts] >= np.ceil(_PLAIN_SHARE * ngram)
    rows = np.repeat(np.arange(len(counts)), counts)
    return hashes[telling] ^ _MASKED, np.bincount(rows[telling], minlength=len(counts)).astype(np.int64)


def _mask(words: Tokens) -> Tokens:
    hashes = words.hashes.copy()
    for kind, stand_in in _MASKS.items():
        hashes[words.kinds == kind] = stand_in
    merged = Tokens(hashes, words.kinds, words.offsets)
    again = np.zeros(len(hashes), np.bool_)
    again[1:] = (words.kinds[1:] == words.kinds[:-1]) & (words.kinds[1:] != WORD)
    again[words.offsets[:-1][np.diff(words.offsets) > 0]] = False
    return merged.where(~again)
