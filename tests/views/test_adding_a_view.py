"""`docs/add_a_view.md` holds: its file and one line in the table make a view, of pairs, from selection to loading."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tracemill import views
from tracemill.settings import plugins
from tracemill.store.store import Store
from workplace import ROOT, Workplace

PAGE = (ROOT / "docs" / "add_a_view.md").read_text(encoding="utf-8")
[FILE] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def built(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A build with the page's view beside sft."""
    (workplace.folder / "contrast.py").write_text(FILE)
    monkeypatch.setattr(views, "__path__", [*views.__path__, str(workplace.folder)])
    line = re.search(r'"(contrast)": "(tracemill\.views\.contrast:VIEW)"', PAGE)
    assert line is not None
    monkeypatch.setitem(plugins.TABLE["view"], line[1], line[2])
    plugins.installed.cache_clear()
    assert workplace.build("views=[sft, contrast]", "strategy.samples=3") == 0
    yield workplace
    plugins.installed.cache_clear()
    sys.modules.pop("tracemill.views.contrast", None)


def rows(place: Workplace, table: str) -> list[dict[str, Any]]:
    store = Store(place.out)
    commit = store.latest()
    assert commit is not None
    return [row for batch in store.scan(commit, table) for row in batch.to_pylist()]


def test_the_view_of_the_page_is_built_counted_and_loaded(built: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    outcome = {row["trace_id"]: row["outcome"] for row in rows(built, "verdicts") if row["verifier"] == "answer"}
    text = {row["id"]: row["turns"][-1]["content"] for row in rows(built, "traces")}
    made = pq.read_table(Path(built.out) / "dataset" / "contrast").to_pylist()
    assert len(made) > 5
    for row in made:
        right, wrong = row["trace_ids"]
        assert right[:20] == wrong[:20] == row["problem_id"]
        assert (outcome[right], outcome[wrong]) == ("verified", "refuted")
        assert row["chosen"].endswith(text[right]) and row["rejected"].endswith(text[wrong])
    used = [trace for row in made for trace in row["trace_ids"]]
    assert len(set(used)) == len(used)
    manifest = json.loads((Path(built.out) / "manifest.json").read_text())
    assert manifest["view_totals"]["contrast"] == len(made)
    loaded = load_dataset(f"{built.out}/dataset", "contrast", split="train", cache_dir=str(built.folder / "cache"))
    assert loaded["problem_id"][:] == [row["problem_id"] for row in made]


def test_a_trace_that_is_in_no_pair_says_why_not(built: Workplace) -> None:
    decided = [row for row in rows(built, "selection") if row["view"] == "contrast"]
    pairs = [row for row in decided if row["subject"] == "pair"]
    alone = [row for row in decided if row["subject"] == "trace"]
    assert all(row["kept"] and row["stage"] and row["place"] is not None for row in pairs)
    assert {row["reason"] for row in alone} >= {"no counterpart"}
    assert not [row for row in alone if row["kept"] or not row["reason"]]
    members = [trace for row in decided for trace in row["trace_ids"]]
    assert sorted(members) == sorted(row["id"] for row in rows(built, "traces"))
