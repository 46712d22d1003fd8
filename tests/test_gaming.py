"""benchmarks/gaming: a policy finds the tricks of scorers that can be gamed; with ours it does its task better."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from workplace import ROOT


@pytest.fixture(scope="module")
def gaming() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT))
    from benchmarks.gaming import __main__ as gaming

    yield gaming
    sys.path.remove(str(ROOT))


def test_with_ours_reward_is_accuracy_and_with_leaky_scorers_it_is_not(gaming: Any) -> None:
    problems = gaming.answers.word_problems(30, seed=1)
    found = gaming.measured(gaming.answers.ways(), problems, gaming.answers.SCORERS, updates=120, seeds=1)
    for name in ("substring", "any box", "last number"):
        assert found[name]["last"].reward > found[name]["last"].accuracy + 0.3
        assert found[name]["last"].tricks > 0.5
    ours = found["tracemill"]
    assert all(one.reward == one.accuracy for one in ours["tried"] if one.reward is not None)
    assert abs(ours["last"].reward - ours["last"].accuracy) < 0.1
    assert ours["last"].accuracy > ours["first"].accuracy + 0.2
    assert found["substring"]["last"].accuracy < found["substring"]["first"].accuracy


def test_it_prints_tables_and_draws_a_picture(tmp_path: Any) -> None:
    command = [sys.executable, "-m", "benchmarks.gaming", "--updates", "3", "--seeds", "1"]
    picture = tmp_path / "gaming.svg"
    done = subprocess.run([*command, "--picture", str(picture)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "| substring |" in done.stdout and "| careful, every number |" in done.stdout
    assert picture.read_text().startswith("<svg") and picture.read_text().count("<polyline") >= 8
