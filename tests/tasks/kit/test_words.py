"""Words as data: what is wrong with a file is said with the file and the key; no phrase comes twice in a row."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from tracemill.settings.errors import TracemillError
from tracemill.tasks.kit.words import Bank, Voice, read_words

GOOD = """
misconceptions:
  slip: {kind: slip, explanation: It is another number.}
shared: {people: [Ada, Bo]}
themes:
  market: {unit: coins, totals: ["{who} pays {c}.", "The bill is {c}."]}
  farm: {unit: eggs, totals: ["{who} takes {c}."]}
phrases:
  value: ["So {eq}, by {k}.", "{eq}."]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "words.yaml"
    path.write_text(text)
    return path


def test_shared_keys_are_in_every_theme_and_lists_are_phrases(tmp_path: Path) -> None:
    words = read_words(written(tmp_path, GOOD))
    assert list(words.themes) == ["market", "farm"]
    assert words.themes["farm"]["people"] == ["Ada", "Bo"]
    assert [(m.name, m.kind) for m in words.misconceptions] == [("slip", "slip")]
    assert Voice(words.theme("farm"), Random(1))("totals", who="bo", c=3) == "Bo takes 3."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{eq}.", "{eqq}.", r"words\.yaml: phrases\.value: '\{eqq\}\.' has the slot \{eqq\}.*it has eq, k"),
        ("unit: eggs, ", "", r"words\.yaml: themes\.farm has no 'unit', which themes\.market has"),
        ("unit: eggs", "unit: [eggs]", r"themes\.farm\.unit is of another type"),
        ("The bill is {c}.", "The bill is {d}.", r"themes\.market\.totals: .*\{d\}"),
        ("kind: slip", "kind: slop", r"misconceptions\.slip needs `kind` \(one of wrong_rule, slip, dropped_case\)"),
        ("phrases:", "phrasis:", r"the sections of words are .*phrases.*; found .*phrasis"),
        ('value: ["So', "value: [] #", r"phrases\.value is not a list of texts, or empty"),
        ("misconceptions:", "misconceptions: [", r"cannot read the words of a task: .*words\.yaml"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(TracemillError, match=said):
        read_words(written(tmp_path, GOOD.replace(old, new)))


def test_a_slot_that_was_not_given_and_phrases_that_are_not_there_are_named(tmp_path: Path) -> None:
    voice = Voice(read_words(written(tmp_path, GOOD)).phrases, Random(1))
    for _ in range(4):
        with pytest.raises(TracemillError, match=r"the phrases 'value' have the slot \{k\}.*given: eq"):
            voice("value", eq="x = 1")
    with pytest.raises(TracemillError, match="no phrases 'values'; there are value"):
        voice("values")


def test_every_phrase_of_a_list_is_taken_before_one_comes_again_and_none_twice_in_a_row() -> None:
    for size in (2, 3, 5):
        forms = [f"form {n}" for n in range(size)]
        for seed in range(20):
            voice = Voice(Bank("here", {"a": forms}), Random(seed))
            drawn = [voice("a") for _ in range(6 * size)]
            assert all(one != other for one, other in pairwise(drawn))
            assert all(len(set(drawn[at : at + size])) == size for at in range(0, len(drawn), size))


def test_what_begins_a_sentence_begins_with_a_capital() -> None:
    voice = Voice(Bank("here", {"a": ["{who} asks: is {x} right? {y}, {x}."]}), Random(1))
    assert voice("a", who="ada", x="two", y="no") == "Ada asks: is two right? No, two."
