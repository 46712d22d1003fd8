"""Texts as bags of words, and a regularised linear model that reads them.

Sums run over the words that a text has, in the order of the rows and by one thread: the same weights on every machine,
and no linear algebra library whose threads wait for each other where the machine is busy.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
WrongFlags: TypeAlias = npt.NDArray[np.bool_]

_LENGTHS = (1, 3, 5, 8, 12, 18, 27, 41, 62, 93, 140, 210, 315, 473, 709, 1064)
"""Where the buckets of lengths begin. Each is half as wide again as the one before it: nobody tells 40 words from
45."""
_RIDGE = 0.5
"""The weight of the penalty. Rows have length 1, so it does not depend on how long the texts are."""
_STEEP = 1e-3
"""The slope at which the weights are as good as found: nobody reads more from them than an order of rows."""
_TOKEN = re.compile(r"‹\w+›|\w+(?:['’]\w+)*|[^\w\s]")
_GAP = re.compile(r"(?:(?!‹\w+›)\W)+")


def features(text: str) -> frozenset[str]:
    """The wording of a text and how long it is.

    >>> sorted(features("So it is."))
    ['.', '<3 words or more>', '<8 characters or more>', '«.»', 'is', 'is .', 'it', 'it is', 'so', 'so it']
    """
    return wording(text) | sizes(text)


@lru_cache(maxsize=512)
def wording(text: str) -> frozenset[str]:
    """The words of a text in lower case, its marks, each two of them in a row; words written otherwise than so or with
    a capital at their beginning; and what stands between words where that is more than a blank, in `«»`.

    Kept for a while: a line is shown alone, beside its neighbours and in a whole.

    >>> sorted(wording("It IS  so"))
    ['IS', '«  »', 'is', 'is so', 'it', 'it is', 'so']
    """
    written = _TOKEN.findall(text)
    tokens = [token.lower() for token in written]
    odd = {token for token in written if token[1:] != token[1:].lower() and not token.startswith("‹")}
    gaps = {f"«{gap}»" for gap in _GAP.findall(text) if gap != " "}
    return frozenset({*tokens, *(f"{one} {following}" for one, following in pairwise(tokens)), *odd, *gaps})


def sizes(text: str) -> frozenset[str]:
    """How long a text is, in words and in characters, each in buckets."""
    words = sum(token[0].isalnum() or token[0] == "‹" for token in _TOKEN.findall(text))
    return frozenset({bucket(words, "words"), bucket(len(text), "characters")})


def bucket(count: int, of: str) -> str:
    """`<8 words or more>` of 8 to 11 words."""
    at = bisect_right(_LENGTHS, count)
    return f"<{_LENGTHS[at - 1]} {of} or more>" if at else f"<no {of}>"


@dataclass(frozen=True, slots=True)
class WordTable:
    """Texts by features: row `rows[i]` has `vocabulary[columns[i]]`; `lengths` are the numbers of features of each row.
    The last column is the intercept, which every row has."""

    vocabulary: tuple[str, ...]
    rows: Ints
    columns: Ints
    lengths: Ints

    @property
    def values(self) -> Floats:
        """Each row has length 1, and 1 in the intercept."""
        scale = 1 / np.sqrt(np.maximum(self.lengths - 1, 1))
        return np.where(self.columns == len(self.vocabulary), 1.0, scale[self.rows])

    def shares(self, chosen: WrongFlags) -> Floats:
        """The share of the chosen rows that have each word of the vocabulary."""
        held = self.columns[chosen[self.rows]]
        counts: Floats = np.bincount(held, minlength=len(self.vocabulary) + 1)[:-1] / chosen.sum()
        return counts


def table_of(shown: Sequence[frozenset[str]], groups: Ints, least: int) -> WordTable:
    """The table of these sets of features, with those that sets of at least `least` groups have and not all sets."""
    places_of: dict[str, list[int]] = {}
    for at, words in enumerate(shown):
        for word in words:
            places_of.setdefault(word, []).append(at)
    kept = sorted(
        word
        for word, places in places_of.items()
        if least <= len(places) < len(shown) and len({int(groups[at]) for at in places}) >= least
    )
    rows = [at for word in kept for at in places_of[word]]
    columns = np.repeat(np.arange(len(kept)), [len(places_of[word]) for word in kept])
    return _table(kept, np.array(rows, dtype=np.int64), columns, len(shown))


def _table(vocabulary: Sequence[str], rows: Ints, columns: Ints, count: int) -> WordTable:
    """The table of `count` rows with these entries and the intercept, row by row."""
    rows = np.concatenate([rows, np.arange(count)])
    columns = np.concatenate([columns, np.full(count, len(vocabulary))])
    order = np.lexsort((columns, rows))
    return WordTable(tuple(vocabulary), rows[order], columns[order], np.bincount(rows, minlength=count))


def telling(table: WordTable, wanted: Floats, learn: WrongFlags, most: int) -> WordTable:
    """The table with those features alone, at most so many, whose shares differ most surely between the rows to learn
    that are `wanted` and those that are not."""
    count, hits = len(table.vocabulary), learn & (wanted == 1)
    if count <= most:
        return table
    total, found = float(learn.sum()), float(hits.sum())
    all_ = np.bincount(table.columns[learn[table.rows]], minlength=count + 1)[:count].astype(np.float64)
    ones = np.bincount(table.columns[hits[table.rows]], minlength=count + 1)[:count]
    spread = all_ * (total - all_) * found * (total - found) / total**2 / max(total - 1, 1)
    surely = np.abs(ones - all_ * found / total) / np.sqrt(np.maximum(spread, 1e-9))
    chosen = np.sort(np.lexsort((np.arange(count), -np.round(surely, 9)))[:most])
    place = np.full(count + 1, -1)
    place[chosen] = np.arange(len(chosen))
    kept = place[table.columns] >= 0
    vocabulary = [table.vocabulary[at] for at in chosen]
    return _table(vocabulary, table.rows[kept], place[table.columns[kept]], len(table.lengths))


def fitted(table: WordTable, wanted: Floats, learn: WrongFlags) -> Floats:
    """The weights of ridge logistic regression for `wanted` (1 or 0 of each row), from the rows to learn; the last one
    is the intercept's.

    Source: Y. Nesterov, Introductory Lectures on Convex Optimization, 2004, section 2.2: the scheme of constant steps
    for a strongly convex function.
    """
    values, width = table.values, len(table.vocabulary) + 1
    # The largest curvature: a logistic's is 1/4 at most, and a row's length is 1 beside its intercept's 1.
    curvature = 0.25 * 2 * float(learn.sum()) + _RIDGE
    momentum = (sqrt(curvature) - sqrt(_RIDGE)) / (sqrt(curvature) + sqrt(_RIDGE))
    weights = ahead = np.zeros(width)
    while True:
        missed = np.where(learn, 1 / (1 + np.exp(-scores(table, ahead))) - wanted, 0.0)
        slope = np.bincount(table.columns, values * missed[table.rows], width) + _RIDGE * ahead
        if float(np.abs(slope).max()) < _STEEP:
            return ahead
        better = ahead - slope / curvature
        weights, ahead = better, better + momentum * (better - weights)


def scores(table: WordTable, weights: Floats) -> Floats:
    """What a model with these weights says of each row: above 0 where it holds it for wanted."""
    said: Floats = np.bincount(table.rows, table.values * weights[table.columns], len(table.lengths)).astype(np.float64)
    return said
