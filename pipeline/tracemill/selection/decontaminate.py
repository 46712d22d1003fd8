"""Finds problems that share text with a benchmark.

A problem is contaminated by an item if they share
- 13 words in a row (`ngram`), whatever the case, spacing and punctuation;
- 13 words in a row with numbers and names masked, at least 8 of them neither: the item with other numbers or names;
- where the item has 8 to 12 words, all of it in a row; where it has fewer, if it is the whole problem.

The first rule is that of GPT-3 (Brown et al. 2020, appendix C). Not covered: paraphrases and translations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tracemill.records.sizes import in_batches
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

_ITEMS_AT_ONCE = 4096
_CHARACTERS_AT_ONCE = 2**20
_PLAIN_SHARE = 0.6
_MASKS = {CAPITALISED: np.uint64(0xA0761D6478BD642F), NUMBER: np.uint64(0xE7037ED1A0B428DB)}
_MASKED, _WHOLE = np.uint64(0x8EBC6AF09C88C6E3), np.uint64(0x589965CC75374CC3)
"""What tells a masked run and a whole text from an ordinary run of words."""


@dataclass(frozen=True, slots=True)
class Index:
    """The runs of words of each benchmark, as sorted `hashes` by the name of its file.

    `lengths`: how long the items of 8 to `ngram` − 1 words are. 8 bytes per word of a benchmark, twice.
    """

    ngram: int
    hashes: Mapping[str, U64]
    lengths: tuple[int, ...]

    def contaminated(self, tokens: Tokens) -> list[tuple[int, str]]:
        """The texts that share a run with an item, in order, with the name of its file and the kind of run."""
        words = tokens.words()
        found: dict[int, str] = {}
        for what, hashes, rows in _runs(words, self.ngram, self.lengths):
            hits = ((hit, name) for name, known in self.hashes.items() for hit in _places_in(known, hashes))
            for hit, name in sorted(hits, key=lambda one: one[0]):
                found.setdefault(int(rows[hit]), f"{name}: {what}")
        return sorted(found.items())


def _places_in(known: U64, hashes: U64) -> list[int]:
    """Which of the hashes are known. `known` is sorted."""
    if not len(known):
        return []
    at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found: list[int] = np.flatnonzero(known[at] == hashes).tolist()
    return found


def build_index(benchmarks: Mapping[str, Iterable[str]], ngram: int) -> Index:
    """The index of the items of some files, which are read once. Beside the index itself, some items are held."""
    hashes: dict[str, U64] = {}
    lengths: set[int] = set()
    for name, items in benchmarks.items():
        runs = bytearray()
        for some in in_batches(items, _ITEMS_AT_ONCE, _CHARACTERS_AT_ONCE, len):
            words = tokenise(some).words()
            sizes = np.diff(words.offsets)
            lengths |= {int(size) for size in sizes if _EMBEDDED <= size < ngram}
            runs += np.unique(np.concatenate(_item_runs(words, sizes, ngram))).tobytes()
        hashes[name] = np.frombuffer(runs, np.uint64)
        # In place; a copy without what occurs twice would take as much memory again.
        hashes[name].sort()
    return Index(ngram, hashes, tuple(sorted(lengths)))


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
