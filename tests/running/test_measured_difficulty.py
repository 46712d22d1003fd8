"""A curriculum goes by how hard problems were for a model, where the config says for which."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from servers.chat_server import ChatServer
from students import estimate, folder, solving
from tracemill.cli.command_line import main
from workplace import CONFIG, CURRICULUM, Workplace


@pytest.fixture
def measured(finished: Workplace, workplace: Workplace) -> Workplace:
    """Algebra is right in every second sample, planning never; of four problems nothing is known."""
    shutil.copytree(finished.out, workplace.out)
    with ChatServer(solving(workplace.out)) as server:
        assert estimate(workplace, server.url, "--n", "4", "--problems", "20") == 0
    return workplace


def rows(place: Workplace, view: str = "sft") -> pl.DataFrame:
    paths = sorted((Path(place.out) / "dataset" / view).glob("*.parquet"))
    return pl.concat([pl.DataFrame(pq.read_table(path)) for path in paths])


def test_stages_and_rows_take_the_measured_difficulty_and_others_keep_their_knob(measured: Workplace) -> None:
    knobs = {row["problem_id"]: row["difficulty"] for row in rows(measured).iter_rows(named=True)}
    assert measured.build(f"difficulty.measured_by={folder(measured).name}") == 0
    paths = folder(measured).glob("parts/estimates/*")
    asked = {row["problem_id"] for path in paths for row in pq.read_table(path).to_pylist()}
    assert len(asked) == 20
    found = rows(measured)
    assert set(found["problem_id"]) - asked and set(found["problem_id"]) & asked
    for row in found.iter_rows(named=True):
        wanted = 1.0 if row["domain"].startswith("planning") else 0.5
        assert row["difficulty"] == (wanted if row["problem_id"] in asked else knobs[row["problem_id"]])
        assert row["stage"] == ("hard" if row["difficulty"] >= 0.5 else "easy")
    published = {row["problem_id"]: row["k"] / row["n"] for row in rows(measured, "estimates").iter_rows(named=True)}
    assert published.keys() == asked
    for row in rows(measured, "rlvr").iter_rows(named=True):
        assert row["pass_rate"] == published.get(row["problem_id"])
        assert row["pass_rate_samples"] == (4 if row["problem_id"] in asked else None)


def test_only_selection_and_dataset_are_made_again(measured: Workplace, capsys) -> None:
    capsys.readouterr()
    assert measured.build(f"difficulty.measured_by={folder(measured).name}") == 0
    ran = [line.split()[0] for line in capsys.readouterr().err.splitlines() if " in " in line]
    assert ran == ["selection", "dataset", "manifest"]
    assert measured.build(f"difficulty.measured_by={folder(measured).name}") == 0
    assert "nothing to do" in capsys.readouterr().out


def test_a_new_measurement_makes_selection_again(measured: Workplace, capsys) -> None:
    by = f"difficulty.measured_by={folder(measured).name}"
    assert measured.build(by) == 0
    with ChatServer(solving(measured.out)) as server:
        assert estimate(measured, server.url, "--n", "4") == 0
    capsys.readouterr()
    assert measured.build(by) == 0
    assert "selection" in capsys.readouterr().err
    assert set(rows(measured)["difficulty"]) == {0.5, 1.0}


def test_who_was_not_measured_is_refused_with_those_who_were(measured: Workplace, capsys) -> None:
    assert measured.build("difficulty.measured_by=somebody") == 2
    assert f"choices: teacher, {folder(measured).name}" in capsys.readouterr().err
    assert measured.build("difficulty.measured_by=teacher") == 2
    assert "the teacher 'symbolic' has no pass rate" in capsys.readouterr().err


def test_the_teachers_own_samples_measure_too(workplace: Workplace) -> None:
    with ChatServer([]) as server:
        workplace.config(
            {
                **CONFIG,
                "teacher": {"kind": "openai", "urls": [server.url], "model": "tiny"},
                "strategy": {"kind": "single", "samples": 4},
                "verify": {**CONFIG["verify"], "require": ["answer"]},
                "views": ["rlvr"],
                "difficulty": {"measured_by": "teacher"},
            }
        )
        workplace.curriculum(CURRICULUM)
        assert workplace.build("sources.0.per_task=3", flags=("--until", "screen")) == 0
        server.script = solving(workplace.out)
        assert workplace.build("sources.0.per_task=3") == 0
    assert {(row["difficulty"], row["pass_rate"]) for row in rows(workplace, "rlvr").iter_rows(named=True)} == {
        (0.5, 0.5)
    }
    assert set(rows(workplace, "estimates")["n"]) == {4}
    rates = json.loads((Path(workplace.out) / "manifest.json").read_text())["pass_rates"]
    assert [one["count"] for one in rates["columns"]] == [3, 0, 0, 0, 0, 3, 0, 0, 0, 0] and rates["undecided"] == 0
    card = (Path(workplace.out) / "dataset/README.md").read_text()
    assert "config_name: estimates" in card
    assert main(["status", workplace.out]) == 0
