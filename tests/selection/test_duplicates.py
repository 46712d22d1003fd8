from __future__ import annotations

from random import Random

import numpy as np
import pytest
from tracemill.selection import duplicates
from tracemill.selection.duplicates import InMemory, near_duplicates_within, similarity, sketch
from tracemill.selection.tokens import tokenise


def words(rng: Random, count: int) -> list[str]:
    return [f"w{rng.randrange(5000)}" for _ in range(count)]


def changed(text: list[str], count: int, rng: Random) -> list[str]:
    """With `count` neighbouring words replaced: of n 5-shingles, count + 4 differ."""
    at = rng.randrange(10, len(text) - 20)
    return [*text[:at], *words(rng, count), *text[at + count :]]


def sketches(*texts: list[str]) -> np.ndarray:
    return sketch(tokenise([" ".join(text) for text in texts]), 5)


def near_duplicates(sketches: np.ndarray, threshold: float) -> dict[int, int]:
    found = duplicates.near_duplicates(InMemory(sketches), np.arange(len(sketches)), threshold)
    return dict(zip(found.later.tolist(), found.kept.tolist(), strict=True))


def within(groups: np.ndarray, sketches: np.ndarray, threshold: float) -> dict[int, int]:
    found = near_duplicates_within(groups, sketches, threshold)
    return dict(zip(found.later.tolist(), found.kept.tolist(), strict=True))


def test_the_estimate_is_close_to_the_true_similarity():
    rng = Random(1)
    for replaced, true in ((1, 91 / 101), (6, 86 / 106), (20, 72 / 120)):
        pairs = [(base, changed(base, replaced, rng)) for base in (words(rng, 100) for _ in range(30))]
        estimate = similarity(sketches(*(a for a, _ in pairs)), sketches(*(b for _, b in pairs)))
        assert estimate.mean() == pytest.approx(true, abs=0.02)


def test_the_earlier_row_is_kept_and_named():
    rng = Random(2)
    base, other = words(rng, 100), words(rng, 100)
    assert near_duplicates(sketches(base, other, changed(base, 1, rng), base), 0.8) == {2: 0, 3: 0}


def test_the_threshold_decides():
    rng = Random(3)
    base = words(rng, 100)
    pair = sketches(base, changed(base, 3, rng))  # similarity about 0.87
    assert near_duplicates(pair, 0.8) == {1: 0}
    assert near_duplicates(pair, 0.95) == {}


def test_a_chain_of_likenesses_does_not_reject_its_end():
    first = words(Random(4), 100)
    rng = Random(5)
    middle = [*words(rng, 7), *first[7:]]
    last = [*middle[:93], *words(rng, 7)]
    three = sketches(first, middle, last)
    near = [similarity(three[a], three[b]) >= 0.8 for a, b in ((0, 1), (1, 2), (0, 2))]
    assert near == [True, True, False]
    assert near_duplicates(three, 0.8) == {1: 0}


def test_a_large_cluster_keeps_only_its_first():
    rng = Random(6)
    base = words(rng, 100)
    cluster = [changed(base, 1, rng) for _ in range(300)]
    assert near_duplicates(sketches(base, *cluster), 0.7) == dict.fromkeys(range(1, 301), 0)


def scattered(text: list[str], count: int, rng: Random) -> list[str]:
    """With `count` words replaced at random places: of n 5-shingles, up to 5 · count differ."""
    text = list(text)
    for at in rng.sample(range(len(text)), count):
        text[at] = words(rng, 1)[0]
    return text


@pytest.mark.parametrize(("window", "share"), [(16, 0.85), (4, 0.7)])
def test_most_duplicates_are_found_where_all_texts_are_from_one_template(
    window: int, share: float, monkeypatch: pytest.MonkeyPatch
):
    """The few likest of 1500 texts that are all alike at 0.7; a smaller window is what more texts are to a larger."""
    monkeypatch.setattr(duplicates, "_WINDOW", window)
    rng = Random(7)
    template = words(rng, 160)
    crowd = sketches(*(scattered(template, 3, rng) for _ in range(1500)))
    assert 0.65 < similarity(crowd[:750], crowd[750:]).mean() < 0.75
    every = within(np.zeros(1500, np.int64), crowd, 0.85)
    assert len(every) > 40
    assert len(near_duplicates(crowd, 0.85)) / len(every) > share


def test_rows_of_different_groups_are_never_duplicates():
    base = words(Random(8), 50)
    four = sketches(base, base, base, base)
    assert within(np.array([5, 2, 5, 2]), four, 0.8) == {2: 0, 3: 1}


def test_nothing_and_one_row_have_no_duplicates():
    assert near_duplicates(sketches(), 0.8) == {}
    assert near_duplicates(sketches(words(Random(9), 20)), 0.8) == {}
    assert within(np.zeros(0, np.int64), sketches(), 0.8) == {}
