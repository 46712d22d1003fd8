from __future__ import annotations

import polars as pl
import pytest
from tracemill.selection import variety as module
from tracemill.selection.select_config import VarietyConfig as Limits
from tracemill.selection.variety import alarms, variety


def rows(texts: list[str], domain: str = "a") -> pl.DataFrame:
    return pl.DataFrame(
        {"id": [f"{i:05}" for i in range(len(texts))], "text": texts, "domain": domain, "skill": "skills"}
    )


def test_distinct_2_is_the_share_of_different_pairs():
    found = variety(rows(["a b c", "a b d"]))  # ab bc ab bd
    assert found is not None
    assert found.distinct_2 == 0.75


def test_shares_are_of_all_rows():
    found = variety(pl.concat([rows(["x"] * 3), rows(["x"], "b")]))
    assert found is not None
    assert found.domains == {"a": 0.75, "b": 0.25}
    assert found.skills == {"skills": 1.0}


def test_a_build_of_one_text_raises_both_alarms_and_a_varied_one_none():
    varied = variety(rows([" ".join(f"{i * j}" for j in range(2, 20)) for i in range(3, 300)]))
    collapsed = variety(rows(["The answer is five, because three and two are five."] * 300))
    assert varied is not None
    assert collapsed is not None
    assert alarms(varied, Limits()) == []
    assert [text.split(":")[0] for text in alarms(collapsed, Limits())] == ["the texts have collapsed"] * 2
    assert "min_distinct_2" in alarms(collapsed, Limits())[0]
    assert "max_compression" in alarms(collapsed, Limits())[1]


def test_texts_are_measured_on_those_with_the_smallest_ids(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SAMPLE", 2)
    found = variety(rows(["a b", "c d", "a b", "a b"]).reverse())
    assert found is not None
    assert (found.texts, found.distinct_2) == (2, 1.0)


def test_nothing_has_no_variety():
    assert variety(rows([])) is None


def test_a_sample_of_long_texts_is_smaller(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SAMPLE_BYTES", 25)
    found = variety(rows(["a b c d e f", "g h i j k l", "m n o p q r", "s t"]))
    assert found is not None
    assert found.texts == 3
