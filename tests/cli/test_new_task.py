"""`tracemill new task` writes a task that works at once, in a checkout or outside one, or nothing at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_package import install
from tracemill.cli.command_line import main
from workplace import ROOT

NAME = "physics.mechanics.two_carts"


def written_in(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def run(folder: Path, source: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a checkout needs to have a task added."""
    place = tmp_path / "checkout"
    shutil.copytree(ROOT / "pipeline", place / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    return place


def test_outside_a_checkout_it_is_a_distribution_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "task", NAME]) == 0
    made = tmp_path / "tracemill-two-carts"
    install(made)
    listed = run(tmp_path, made, "-m", "tracemill", "tasks", "physics.*")
    assert listed.stdout.startswith(f"{NAME} 1: "), listed.stderr
    tested = run(made, made, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert tested.returncode == 0 and "4 passed" in tested.stdout, tested.stdout


def test_in_a_checkout_it_is_a_folder_a_test_and_a_line_in_the_table(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = written_in(checkout)
    below = checkout / "pipeline" / "tracemill"
    monkeypatch.chdir(below)
    assert main(["new", "task", NAME]) == 0
    # What runs must be this checkout, and pytest is not among what a build needs.
    assert "next: pip install -c constraints.txt -e '.[dev]' in the checkout, then pytest" in capsys.readouterr().out
    after = written_in(checkout)
    folder = "pipeline/tracemill/tasks/two_carts"
    table = "pipeline/tracemill/settings/plugins.py"
    assert after.keys() - before.keys() == {
        *(f"{folder}/{name}" for name in ("__init__.py", "task.py", "words.yaml", "oracle.py")),
        "tests/tasks/test_two_carts.py",
    }
    assert [path for path in before if before[path] != after[path]] == [table]
    added = set(after[table].splitlines()) - set(before[table].splitlines())
    assert added == {f'        "{NAME}": "tracemill.tasks.two_carts.task:TwoCarts",'}
    tested = run(checkout, checkout / "pipeline", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert tested.returncode == 0 and "4 passed" in tested.stdout, tested.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("carts", "no task can be named 'carts'; write area.field.name"),
        ("physics.mechanics.two.carts", "no task can be named"),
        ("physics.mechanics.Two-Carts", "no task can be named"),
        ("physics.mechanics.class", "no task can be named"),
        ("physics.mechanics./etc", "no task can be named"),
        ("math.algebra.linear_system", "task 'math.algebra.linear_system' exists"),
        ("physics.mechanics.linear_system", "tasks/linear_system exists; choose another name"),
        ("physics.mechanics.oracle", "tasks/oracle.py exists; choose another name"),
    ],
)
def test_a_name_that_is_none_or_taken_writes_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    before = written_in(checkout)
    monkeypatch.chdir(checkout)
    assert main(["new", "task", name]) == 2
    assert message in capsys.readouterr().err
    assert written_in(checkout) == before


def test_a_name_added_a_minute_ago_is_taken(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(checkout)
    assert main(["new", "task", NAME]) == 0
    before = written_in(checkout)
    assert main(["new", "task", NAME]) == 2
    assert "plugins.py already" in capsys.readouterr().err
    assert written_in(checkout) == before


def test_a_distribution_that_exists_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tracemill-two-carts").mkdir()
    assert main(["new", "task", NAME]) == 2
    assert "tracemill-two-carts exists; choose another" in capsys.readouterr().err
    assert not written_in(tmp_path)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "tests").write_text("a file where a folder should be")
    before = written_in(checkout)
    monkeypatch.chdir(checkout)
    assert main(["new", "task", NAME]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert written_in(checkout) == before
    assert not (checkout / "pipeline/tracemill/tasks/two_carts").exists()
