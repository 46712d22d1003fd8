"""What a dry run says rests on problems that were solved, and asks no teacher that costs anything."""

from __future__ import annotations

import json
from pathlib import Path

from tracemill.asking.teachers.symbolic import SymbolicTeacher
from tracemill.running.build import prepare
from tracemill.running.build_config import read_config
from tracemill.running.estimate import estimate
from workplace import Workplace


def prepared(place: Workplace, *overrides: str):
    return prepare(read_config(str(place.folder / "config.yaml"), overrides), place.out)


def test_space_is_estimated_within_a_factor_of_two_and_a_half(workplace: Workplace, finished: Workplace):
    found = estimate(prepared(workplace))
    there = sum(path.stat().st_size for path in Path(finished.out).rglob("*") if path.is_file())
    assert found.problems == 24 and found.sampled >= 12
    assert found.bytes is not None and there / 2.5 < found.bytes < there * 2.5


def test_time_and_space_grow_with_the_problems_and_not_the_sample(workplace: Workplace):
    few, many = estimate(prepared(workplace)), estimate(prepared(workplace, "sources.0.per_task=1200"))
    assert few.sampled == many.sampled and many.problems == 100 * few.problems
    assert few.bytes is not None and many.bytes is not None and 50 < many.bytes / few.bytes < 200


def test_rows_are_at_most_what_the_curriculum_asks_for_and_the_problems_can_give(workplace: Workplace):
    assert estimate(prepared(workplace)).rows == {"sft": 48, "process": 48, "rlvr": 24}
    stage = {"name": "few", "rows": {"sft": 7, "process": 1000, "rlvr": 5}, "domains": {"*": 1.0}}
    workplace.curriculum({"name": "c", "shortfall": "take", "stages": [stage]})
    assert estimate(prepared(workplace)).rows == {"sft": 7, "process": 48, "rlvr": 5}


def test_no_teacher_is_asked_that_is_not_embedded(workplace: Workplace, monkeypatch):
    async def asked(*arguments: object) -> None:
        raise AssertionError("this call costs money")

    monkeypatch.setattr(SymbolicTeacher, "embedded", False)
    monkeypatch.setattr(SymbolicTeacher, "answer", asked)
    found = estimate(prepared(workplace))
    assert (found.seconds, found.bytes, found.sampled) == (None, None, 0)
    assert found.rows["sft"] == 48


def test_a_dry_run_says_what_its_numbers_rest_on_and_writes_nothing(workplace: Workplace, capsys):
    before = sorted(workplace.folder.rglob("*"))
    assert workplace.build(flags=("--dry-run",)) == 0
    text = capsys.readouterr().out
    assert "rows at most: sft 48, process 48, rlvr 24" in text
    assert "time: about " in text and "disk space: at most about " in text and "both rest on 12 problems" in text
    assert workplace.build(flags=("--dry-run", "--json")) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["estimate"]["problems"] == 24 and said["phases"][0] == {"phase": "problems", "state": "left", "why": ""}
    assert sorted(workplace.folder.rglob("*")) == before
