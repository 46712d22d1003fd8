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


def test_ours_pays_programs_for_what_they_compute_and_leaky_scorers_pay_their_tricks(gaming: Any) -> None:
    programs = gaming.programs
    found = {
        name: {one.way: one for one in gaming.tried(programs.ways(), programs.TASKS, score, seed=0)}
        for name, score in programs.SCORERS.items()
    }
    for name, trick in (("ends with 0", "exit(0)"), ("expected output beside it", "reads what is expected")):
        tricked = found[name][f"careful, {trick}"]
        assert (tricked.reward, tricked.accuracy) == (1.0, 0.0)
    assert all((one.reward, one.not_judged) == (one.accuracy, 0) for one in found["tracemill"].values())
    assert 0 < found["tracemill"]["careful"].accuracy < 1


def test_it_prints_tables_and_draws_a_picture(tmp_path: Any) -> None:
    command = [sys.executable, "-m", "benchmarks.gaming", "--updates", "3", "--seeds", "1"]
    picture = tmp_path / "gaming.svg"
    done = subprocess.run([*command, "--picture", str(picture)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "| substring |" in done.stdout and "| careful, every number |" in done.stdout
    assert "| ends with 0 |" in done.stdout and "| careful, exit(0) |" in done.stdout
    assert picture.read_text().startswith("<svg") and picture.read_text().count("<polyline") == 2 * 7
