from __future__ import annotations

import pytest
from tracemill.selection import decontaminate
from tracemill.selection.decontaminate import build_index
from tracemill.selection.tokens import tokenise

APPLES = (
    "Maria sells 48 apples at the market in the morning and half as many in the afternoon, so how many apples does "
    "Maria sell on that day altogether?"
)
TRAIN = "A train leaves the station at noon and travels due west; how long until it meets the river?"
EIGHT = "what is the greatest prime factor of 221"
SHORT = "Simplify 3x - x."


def reasons(*prompts: str) -> list[str | None]:
    index = build_index({"apples.jsonl": [APPLES, EIGHT], "others.txt": [TRAIN, SHORT]}, 13)
    found = dict(index.contaminated(tokenise(prompts)))
    return [found.get(row) for row in range(len(prompts))]


def test_thirteen_words_in_a_row_are_enough_and_twelve_are_not():
    thirteen = "at the market in the morning and half as many in the afternoon"
    twelve = thirteen.removesuffix(" afternoon")
    assert reasons(f"We met {thirteen} again.") == ["apples.jsonl: 13 words in a row"]
    assert reasons(f"We met {twelve} again.") == [None]


def test_the_file_is_named():
    assert reasons(TRAIN, APPLES) == ["others.txt: 13 words in a row", "apples.jsonl: 13 words in a row"]


def test_case_spacing_and_punctuation_do_not_hide_an_item():
    spaced = APPLES.upper().replace(" ", "\n  ").replace(",", " — ")
    assert reasons(spaced) == ["apples.jsonl: 13 words in a row"]


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u200d", "\ufe0f", "\ufeff", "\U000e0061"])
def test_71_characters_that_are_not_seen_do_not_hide_an_item(unseen: str):
    assert reasons(APPLES.replace("l", f"l{unseen}")) == ["apples.jsonl: 13 words in a row"]
    assert reasons(unseen.join(EIGHT)) == ["apples.jsonl: 8 words in a row"]


def test_other_numbers_and_names_do_not_hide_an_item():
    item = (
        "Ben is 7 years older than his sister Clara and in 5 years Ben will be twice as old as Clara, so how old is "
        "she now?"
    )
    renamed = item.replace("7", "1,200").replace("Ben", "Mary Ann").replace("Clara", "Eve").replace("5", "31")
    index = build_index({"ages.txt": [item]}, 13)
    assert index.contaminated(tokenise([renamed])) == [(0, "ages.txt: 13 words in a row but for numbers and names")]
    assert index.contaminated(tokenise([renamed.replace("older", "taller").replace("twice", "half")])) == []


def test_several_numbers_or_names_in_a_row_count_as_one():
    item = "the price of a good bicycle in Rome rose by 7 percent in the spring of that year"
    index = build_index({"prices.txt": [item]}, 13)
    for old, new in (("7", "1,200.50"), ("Rome", "San Marino Town")):
        assert index.contaminated(tokenise([item.replace(old, new)])) != []


def test_a_run_that_is_mostly_numbers_or_names_says_nothing():
    steps = [f"{n} to" for n in range(20)]
    index = build_index({"t.txt": [" ".join(steps)]}, 13)
    assert index.contaminated(tokenise([" ".join(steps)])) == [(0, "t.txt: 13 words in a row")]
    assert index.contaminated(tokenise([" ".join(f"{n * 7 + 100} to" for n in range(20))])) == []


def test_an_item_of_eight_words_is_found_within_a_problem():
    assert reasons(f"Think first. {EIGHT.title()}? Then answer.") == ["apples.jsonl: 8 words in a row"]


def test_a_shorter_item_is_found_only_as_the_whole_problem():
    assert reasons("simplify:  3X-X", "Simplify 3x - x and explain.") == ["others.txt: the whole problem", None]


def test_an_item_without_words_contaminates_nothing():
    index = build_index({"t.txt": ["?!", APPLES]}, 13)
    assert index.contaminated(tokenise(["...", "", "?!"])) == []
    assert build_index({"t.txt": ["?!"]}, 13).contaminated(tokenise(["hello", "?!"])) == []


@pytest.mark.parametrize("prompt", ["", "How many apples does Maria sell?", "A train leaves the station at noon."])
def test_other_problems_are_clean(prompt: str):
    assert reasons(prompt) == [None]


def test_the_index_is_the_same_however_few_items_are_held_at_once(monkeypatch: pytest.MonkeyPatch):
    items = [APPLES, EIGHT, TRAIN, SHORT] * 3
    whole = build_index({"a.txt": iter(items)}, 13)
    monkeypatch.setattr(decontaminate, "_ITEMS_AT_ONCE", 1)
    each = build_index({"a.txt": iter(items)}, 13)
    assert set(each.hashes["a.txt"].tolist()) == set(whole.hashes["a.txt"].tolist()) != set()
    assert each.lengths == whole.lengths


def test_the_first_file_that_has_a_run_is_named():
    index = build_index({"one.txt": [TRAIN], "two.txt": [APPLES], "three.txt": [APPLES]}, 13)
    assert [what.split(":")[0] for _, what in index.contaminated(tokenise([APPLES]))] == ["two.txt"]
