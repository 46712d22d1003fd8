"""Texts as bags of words, and a regularised linear model that reads them.

Sums run over the words that a text has, in the order of the rows and by one thread: the same weights on every machine,
and no linear algebra library whose threads wait for each other where the machine is busy.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
WrongFlags: TypeAlias = npt.NDArray[np.bool_]

_LENGTHS = (1, 3, 5, 8, 12, 18, 27, 41, 62, 93)
"""Where the buckets of lengths begin, in words. Each is half as wide again as the one before it: nobody tells 40 words
from 45."""
_RIDGE = 0.5
"""The weight of the penalty. Rows have length 1, so it does not depend on how long the texts are."""
_STEEP = 1e-4
"""The slope at which the weights are as good as found."""


def features(text: str) -> set[str]:
    """The words and marks of a text, each two in a row, and a bucket of its length in words.

    >>> sorted(features("so it is."))
    ['.', '<3 words or more>', 'is', 'is .', 'it', 'it is', 'so', 'so it']
    """
    tokens = re.findall(r"‹\w+›|\w+(?:['’]\w+)*|[^\w\s]", text)
    bucket = bisect_right(_LENGTHS, sum(token[0].isalnum() or token[0] == "‹" for token in tokens))
    length = f"<{_LENGTHS[bucket - 1]} words or more>" if bucket else "<no word>"
    return {*tokens, *(f"{one} {following}" for one, following in pairwise(tokens)), length}


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


def table_of(texts: Sequence[str], groups: Ints, least: int) -> WordTable:
    """The table of these texts, with the features that texts of at least `least` groups have."""
    found = [features(text) for text in texts]
    seen = {(int(group), word) for group, words in zip(groups, found, strict=True) for word in words}
    counts = Counter(word for _, word in seen)
    vocabulary = sorted(word for word, count in counts.items() if count >= least)
    places = {word: at for at, word in enumerate(vocabulary)}
    kept = [[*sorted(places[word] for word in words if word in places), len(vocabulary)] for words in found]
    lengths = np.array([len(columns) for columns in kept])
    flat = np.array([column for columns in kept for column in columns])
    return WordTable(tuple(vocabulary), np.repeat(np.arange(len(texts)), lengths), flat, lengths)


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
