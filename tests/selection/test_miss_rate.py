from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from tracemill.selection import decontaminate
from tracemill.selection import miss_rate as module
from tracemill.selection.miss_rate import PLANTS, MissRates
from tracemill.selection.screen import load_index
from tracemill.selection.select_config import Decontaminate

ITEMS = """\
Natalie picked 36 plums on Monday and a third as many on Tuesday. How many plums did Natalie pick on both days?
A tank holds 240 litres. Water flows in at 12 litres a minute and out at 4. After how many minutes is it full?
Ben is 7 years older than his sister Clara. In 5 years he will be twice as old as Clara. How old is Ben now?
The sum of three consecutive even integers is 78. Find the largest of the three integers.
A shop in Porto sells pens at 3 euros each and notebooks at 5 euros each; Rita pays 41 euros for 11 things. How many \
of them are pens?
How many positive divisors does 360 have?
Two fair dice are rolled. What is the probability that the product of the numbers shown is a multiple of 6?
Karl walks 4 kilometres north, then 3 kilometres east, and then goes straight home. How far does he walk in all?
Let f be the function with f(x) = 2x + 3 for every real number x. For which value of x is f(f(x)) equal to 21?
A rope of 15 metres is cut into two pieces, and one of them is 3 metres longer than twice the other. How long is the \
shorter piece?
If 8 workers build a wall in 15 days, how many days do 12 workers need, all working at the same speed?
Emma and Paul share 90 marbles so that Emma gets 2 for each 3 that Paul gets. How many marbles does Paul have then?
"""


@pytest.fixture
def config(tmp_path: Path) -> Decontaminate:
    file = tmp_path / "items.txt"
    file.write_text(ITEMS)
    return Decontaminate.model_validate({"benchmarks": [{"path": str(file), "format": "txt"}]})


def miss_rate(config: Decontaminate, seed: int) -> MissRates:
    index = load_index(config)
    assert index is not None
    return module.miss_rate(config, index, seed)


def test_71_items_planted_verbatim_respaced_or_in_a_longer_prompt_are_caught(config: Decontaminate):
    found = miss_rate(config, 7)
    assert found.items == 12
    assert found.missed["verbatim"] == found.missed["respaced"] == 0
    assert found.missed["embedded"] == pytest.approx(1 / 12)  # the item of seven words


def test_71_masking_catches_most_renamed_items(config: Decontaminate, monkeypatch: pytest.MonkeyPatch):
    with_masks = miss_rate(config, 7)
    monkeypatch.setattr(decontaminate, "_MASKS", {})
    without = miss_rate(config, 7)
    assert with_masks.missed["renamed"] <= 0.25
    assert without.missed["renamed"] >= with_masks.missed["renamed"] + 0.2


def test_it_is_the_same_for_the_same_seed(config: Decontaminate):
    assert miss_rate(config, 3) == miss_rate(config, 3)


def test_every_plant_but_the_verbatim_one_changes_every_item():
    for name, plant in PLANTS.items():
        unchanged = [item for item in ITEMS.splitlines() if plant(item, Random(1)) == item]
        assert len(unchanged) == (12 if name == "verbatim" else 0), name
