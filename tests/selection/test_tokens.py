from __future__ import annotations

import numpy as np
import pytest
from tracemill.selection import tokens as module
from tracemill.selection.tokens import (
    CAPITALISED,
    NUMBER,
    SYMBOL,
    WORD,
    ngrams,
    shingles,
    tokenise,
    whole_hashes,
)


def counts(*texts: str) -> list[int]:
    return np.diff(tokenise(texts).offsets).tolist()


def same(one: str, other: str) -> bool:
    first, second = whole_hashes(tokenise([one, other])).tolist()
    return bool(first == second)


def test_tokens_are_runs_of_letters_and_digits_and_single_symbols():
    assert counts("x1 + 2y = 37", "don't", "", "  \n", "(a,b)", "中文字") == [5, 3, 0, 0, 5, 3]


def test_case_width_and_spacing_do_not_matter():
    assert same("Solve  x+2=5\n", "SOLVE x + 2 = 5")
    assert same("\uff11\uff12 apples", "12 apples")
    assert same("ΟΔΟΣ", "οδος")


@pytest.mark.parametrize(
    ("one", "other"),
    [("x + 2", "x - 2"), ("1 2", "12"), ("a b", "b a"), ("a b", "a b b"), ("", "a"), ("aa", "a"), ("é", "e")],
)
def test_different_texts_have_different_hashes(one: str, other: str):
    assert not same(one, other)


def test_kinds_tell_names_numbers_and_symbols():
    assert tokenise(["Ana has 12 apples!"]).kinds.tolist() == [CAPITALISED, WORD, NUMBER, WORD, SYMBOL]
    assert tokenise(["Ana has 12!"]).words().offsets.tolist() == [0, 3]


def test_hashes_are_the_same_on_every_machine():
    assert whole_hashes(tokenise(["Ana buys 3 apples."])).tolist() == [7384850680459779087]


def test_a_text_has_the_same_tokens_whatever_stands_beside_it(monkeypatch: pytest.MonkeyPatch):
    texts = ["first one", "", "second x+1", "third " * 30, "last"]
    together = tokenise(texts)
    monkeypatch.setattr(module, "_CHUNK", 12)
    apart = tokenise(texts)
    assert together.hashes.tolist() == apart.hashes.tolist()
    assert together.offsets.tolist() == apart.offsets.tolist()
    assert tokenise(["second x+1"]).hashes.tolist() == together.hashes[2:6].tolist()


def test_ngrams_do_not_reach_into_the_next_text():
    tokens = tokenise(["a b c", "d e", "a b c d"])
    hashes, found = ngrams(tokens, 3)
    assert found.tolist() == [1, 0, 2]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_text_shorter_than_a_shingle_is_one_shingle():
    hashes, found = shingles(tokenise(["a b", "a b c", "", "A B"]), 3)
    assert found.tolist() == [1, 1, 1, 1]
    assert hashes[0] == hashes[3]
    assert len({*hashes.tolist()}) == 3
