"""docs/strategies.md holds: its examples are configs that build, its strategy one that works."""

from __future__ import annotations

import re
import sys
from collections import Counter

import pytest
import yaml
from plugin_package import write_package
from scripted import ScriptedTeacher, build_place
from tracemill.running.build_config import read_config
from tracemill.settings import plugins
from tracemill.store.store import Store
from workplace import ROOT

PAGE = (ROOT / "docs/strategies.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
[CODE] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_strategy_has_its_example_and_its_line():
    ours = set(plugins.TABLE["strategy"])
    assert {example["strategy"]["kind"] for example in EXAMPLES} == ours
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE.split("## What all have")[0], re.MULTILINE)) == ours


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["strategy"]["kind"])
def test_the_examples_build(tmp_path, example, capsys):
    place = build_place(tmp_path, example["strategy"], count=3, teacher={"kind": "scripted_here"})
    if example["strategy"].get("guide") == "scorer":
        assert read_config(str(place.folder / "config.yaml")).strategy.scorer_model
        return
    overrides = [f"verify.require={yaml.safe_dump(example['verify']['require'])}"] if "verify" in example else []
    assert place.build(*overrides, flags=("--until", "estimates")) == 0, capsys.readouterr().err


def rows(place, *columns):
    store = Store(place.out)
    return [row for batch in store.scan(store.latest(), "traces", columns) for row in batch.to_pylist()]


def test_the_strategy_of_the_page_asks_again_where_the_short_answer_was_wrong(tmp_path, monkeypatch, capsys):
    assert sum(bool(line.strip()) for line in CODE.splitlines()) <= 40
    write_package(tmp_path, "patient-tracemill", "patient", CODE, {"strategies/patient": "Patient"})
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.installed.cache_clear()
    place = build_place(tmp_path, {"kind": "patient"}, teacher={"kind": "scripted_here"})
    assert place.build() == 0, capsys.readouterr().err
    traces = rows(place, "problem_id", "effort")
    asked = Counter(row["problem_id"] for row in traces)
    assert set(asked.values()) == {1, 2} and {row["effort"] for row in traces} == {"low", "high"}
    assert len(ScriptedTeacher.calls) == len(traces)
    sys.modules.pop("patient")
