"""Texts as arrays of token hashes: what duplicates, decontamination and loop detection all count.

A token is a run of letters and digits, or a single symbol; ideographs and kana stand alone. Texts are compared after
NFKC and case folding (character by character, so `ß` stays), whatever their spacing, and without characters that are
not seen (soft hyphens, zero-width spaces and the like: case 71). Hashes are 64-bit and the same on every machine. Not
covered: letters of another script that look alike; collisions made on purpose, which can only get a text rejected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

WORD, CAPITALISED, NUMBER, SYMBOL = range(4)
"""The kinds of token; a capitalised word begins with an upper-case letter."""

_SPACE, _LETTER, _SINGLE_WORD, _SINGLE_SYMBOL = range(4)
_CHUNK = 2**20
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's default ignorable code points, as NFKC leaves them."""
_BASE = 0x9E3779B97F4A7C15
_BASE_INVERSE = pow(_BASE, -1, 2**64)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of many texts end to end: those of text k are `hashes[offsets[k]:offsets[k + 1]]`."""

    hashes: U64
    kinds: npt.NDArray[np.uint8]
    offsets: I64

    def where(self, mask: npt.NDArray[np.bool_]) -> Tokens:
        """Only the tokens that `mask` marks."""
        before = np.concatenate(([0], np.cumsum(mask)))
        return Tokens(self.hashes[mask], self.kinds[mask], before[self.offsets])

    def words(self) -> Tokens:
        return self.where(self.kinds != SYMBOL)


class _Alphabet:
    """What each character is, found out when it first occurs."""

    def __init__(self) -> None:
        size = 0x110000
        self.role = np.zeros(size, dtype=np.uint8)
        self.kind = np.zeros(size, dtype=np.uint8)
        self.folded = np.zeros(size, dtype=np.uint64)
        self._learn(range(128))

    def learn(self, codes: npt.NDArray[np.uint32]) -> None:
        strange = codes[codes > 127]
        if len(strange):
            new = np.unique(strange)
            self._learn(new[self.folded[new] == 0].tolist())

    def _learn(self, codes: Sequence[int]) -> None:
        for code in codes:
            char = chr(code)
            folded = char.casefold()
            self.role[code] = _role(char)
            self.kind[code] = CAPITALISED if char.isupper() else NUMBER if char.isnumeric() else WORD
            # Plus one: a hash must tell a text from the same text with a zero in front.
            self.folded[code] = 1 + ord(folded if len(folded) == 1 else char)


@cache
def _alphabet() -> _Alphabet:
    return _Alphabet()


def _role(char: str) -> int:
    if char.isspace() or unicodedata.category(char) == "Cc":
        return _SPACE
    if "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or char >= "\U00020000":
        return _SINGLE_WORD
    return _LETTER if unicodedata.category(char)[0] in "LMN" else _SINGLE_SYMBOL


def tokenise(texts: Sequence[str]) -> Tokens:
    """The tokens of each text. Working memory: about 40 bytes per character of a chunk of a million characters."""
    parts = [_tokenise(chunk) for chunk in _chunks([_normal(text) for text in texts])]
    if not parts:
        return Tokens(np.zeros(0, np.uint64), np.zeros(0, np.uint8), np.zeros(1, np.int64))
    counts = np.concatenate([np.diff(part.offsets) for part in parts])
    return Tokens(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        _offsets(counts),
    )


def _normal(text: str) -> str:
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start, size = 0, 0
    for index, text in enumerate(texts):
        if size and size + len(text) > _CHUNK:
            yield texts[start:index]
            start, size = index, 0
        size += len(text)
    if texts:
        yield texts[start:]


def _tokenise(texts: Sequence[str]) -> Tokens:
    # A space after each text keeps the last token of one apart from the first of the next.
    codes = np.frombuffer((" ".join(texts) + " ").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = np.cumsum(np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts)))
    alphabet = _alphabet()
    alphabet.learn(codes)
    role = alphabet.role[codes]
    first = role != _SPACE
    first[1:] &= (role[1:] != _LETTER) | (role[:-1] != _LETTER)
    last = role != _SPACE
    last[:-1] &= (role[:-1] != _LETTER) | (role[1:] != _LETTER)
    starts, stops = np.flatnonzero(first), np.flatnonzero(last) + 1
    kinds = alphabet.kind[codes[starts]]
    kinds[role[starts] == _SINGLE_SYMBOL] = SYMBOL
    hashes = span_hashes(alphabet.folded[codes], starts, stops)
    return Tokens(hashes, kinds, np.concatenate(([0], np.searchsorted(starts, ends))))


def _offsets(counts: I64) -> I64:
    return np.concatenate(([0], np.cumsum(counts)))


@cache
def _powers(size: int) -> tuple[U64, U64]:
    """The powers of the base and of its inverse modulo 2^64, from the zeroth."""
    ups = np.full(size, _BASE, np.uint64)
    downs = np.full(size, _BASE_INVERSE, np.uint64)
    ups[0] = downs[0] = 1
    return np.cumprod(ups), np.cumprod(downs)


def span_hashes(values: U64, starts: I64, stops: I64) -> U64:
    """A hash of each `values[start:stop]`: a polynomial modulo 2^64 (Karp and Rabin 1987) from prefix sums, mixed."""
    size = len(values)
    ups, downs = _powers(1 << max(size, 1).bit_length())
    sums = np.zeros(size + 1, np.uint64)
    np.cumsum(values * ups[:size], out=sums[1:])
    raw = (sums[stops] - sums[starts]) * downs[starts]
    return mix(raw + (stops - starts).astype(np.uint64) * np.uint64(0xD1342543DE82EF95))


def mix(values: U64) -> U64:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): each bit depends on every bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def whole_hashes(tokens: Tokens) -> U64:
    """One hash per text."""
    return span_hashes(tokens.hashes, tokens.offsets[:-1], tokens.offsets[1:])


def ngrams(tokens: Tokens, n: int) -> tuple[U64, I64]:
    """The hashes of all runs of `n` tokens, text after text, and how many each text has; it may have none."""
    starts, counts = ngram_starts(tokens, n)
    return span_hashes(tokens.hashes, starts, starts + n), counts


def ngram_starts(tokens: Tokens, n: int) -> tuple[I64, I64]:
    """Where the runs of `ngrams` begin, and how many each text has."""
    counts = np.maximum(np.diff(tokens.offsets) - n + 1, 0)
    return _ranges(tokens.offsets[:-1], counts), counts


def shingles(tokens: Tokens, n: int) -> tuple[U64, I64]:
    """Like `ngrams`, but a text of fewer than `n` tokens has one shingle: all of it."""
    counts = np.maximum(np.diff(tokens.offsets) - n + 1, 1)
    starts = _ranges(tokens.offsets[:-1], counts)
    stops = np.minimum(starts + n, np.repeat(tokens.offsets[1:], counts))
    return span_hashes(tokens.hashes, starts, stops), counts


def _ranges(starts: I64, counts: I64) -> I64:
    """starts[0], starts[0] + 1, … (counts[0] of them), starts[1], …"""
    total = int(counts.sum())
    return np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
