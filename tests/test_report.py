"""What the manifest and the card say of a build: only what is known of all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.teachers.symbolic import SymbolicTeacher


def manifest(out: str) -> dict[str, Any]:
    return json.loads((Path(out) / "manifest.json").read_text())


def card(out: str) -> str:
    return (Path(out) / "dataset" / "README.md").read_text()


def counting(monkeypatch: pytest.MonkeyPatch, measured) -> None:
    """A teacher whose replies say of their cost what `measured` gives for the problem's index."""
    answer = SymbolicTeacher.answer

    async def counted(self, call):
        return replace(await answer(self, call), **measured(call.problem.source.index))

    monkeypatch.setattr(SymbolicTeacher, "answer", counted)


def test_a_cost_that_is_known_of_every_trace_is_summed(workplace, monkeypatch):
    counting(monkeypatch, lambda index: {"joules": 2.5, "completion_tokens": 10})
    assert workplace.build("sources.0.per_task=4") == 0
    found = manifest(workplace.out)
    assert found["costs"]["joules"] == 2.5 * found["counts"]["traces"] == 40
    assert found["costs"]["completion_tokens"] == 160
    assert found["costs"]["tokens_per_verified_row"] == round(160 / found["verified_traces"], 1)
    assert "| joules | 40.0 |" in card(workplace.out)


def test_a_cost_that_some_traces_lack_is_not_measured_and_not_a_part_of_it(workplace, monkeypatch):
    counting(monkeypatch, lambda index: {"joules": 2.5} if index else {"completion_tokens": None})
    assert workplace.build("sources.0.per_task=4") == 0
    costs = manifest(workplace.out)["costs"]
    assert costs.pop("prompt_tokens") > 0
    assert set(costs.values()) == {None}
    for what in ("completion tokens", "tokens per verified row", "joules", "joules per verified row"):
        assert f"| {what} | not measured |" in card(workplace.out)
