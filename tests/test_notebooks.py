"""Every notebook runs from top to bottom, and shows what it says that it shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from notebook_cells import FOLDER, run_notebook
from workplace import ROOT, Workplace

NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


def test_a_build_is_looked_at(finished: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "builds").mkdir()
    (tmp_path / "builds" / "quickstart").symlink_to(Path(finished.out))
    names = run_notebook("look_at_a_build.ipynb", tmp_path, monkeypatch)
    assert names["process"].height > 0


def test_an_audit_names_every_fault_that_it_planted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = run_notebook("audit_your_dataset.ipynb", tmp_path, monkeypatch)
    said = capsys.readouterr().out
    for fault in (
        "math_verify says wrong, we say verified:\nHalf of three quarters",
        "math_verify says right, we say refuted:\n30 less 18",
        "math_verify says right, we say refuted:\nThe numbers pair up",
        "compile_error in test 1 of 2",
        "the answer is a proof",
        "contaminated  benchmark.jsonl",
        "sft       truncated  length",
    ):
        assert fault in said, fault
    planted = (*names["rows"], {"generations": names["program"]["programs"]})
    assert sum(len(one["generations"]) for one in planted) == 9  # as the last cell says
    assert said.count("assistant: ") == 2
    assert "## Labels that came along" in said
    assert Path(names["folder"], "builds/mine/report.html").is_file()


def test_a_task_of_a_package_becomes_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("hatchling", reason="pip packs the plugin with it, and tests have no network to get it from")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # which means none: pip takes the option's value for its own
    names = run_notebook("add_a_task.ipynb", tmp_path, monkeypatch)
    said = capsys.readouterr().out
    assert "themes: bakery, library, orchard" in said
    assert "false positives 0 of" in said and "false negatives 0 of" in said and " 0 error" in said
    assert {*names["process"]["domain"]} == {f"everyday.counting.groups.{one}" for one in names["words"]["themes"]}
    assert "seeded mistake at step 1 (carry_forgotten)" in said


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_kept_without_outputs_and_is_run_by_a_test(name: str) -> None:
    for cell in json.loads((FOLDER / name).read_text())["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
    tests = [ROOT / "tests/test_notebooks.py", ROOT / "tests/trainers/test_notebook.py"]
    assert any(f'run_notebook("{name}"' in path.read_text() for path in tests)
