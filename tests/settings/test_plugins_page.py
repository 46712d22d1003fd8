"""`docs/plugins.md` holds: its files are a distribution whose task becomes a dataset, through the command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hatchling.builders.wheel import WheelBuilder
from plugin_package import install, write_package
from tracemill.settings.plugins import ENTRY_POINTS
from workplace import ROOT

PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
[PROJECT] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
[TASK] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
WORDS, CONFIG, CURRICULUM = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def distribution(tmp_path: Path) -> Path:
    (tmp_path / "sequences").mkdir()
    for name, text in {
        "pyproject.toml": PROJECT,
        "sequences/__init__.py": TASK,
        "sequences/words.yaml": WORDS,
        "sequences.yaml": CONFIG,
        "any.yaml": CURRICULUM,
    }.items():
        assert f"`{name}`" in PAGE
        (tmp_path / name).write_text(text)
    install(tmp_path)
    return tmp_path


def tracemill(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "tracemill", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_task_of_the_page_becomes_a_dataset(distribution: Path) -> None:
    assert sum(bool(line.strip()) for line in TASK.splitlines()) <= 40
    done = tracemill(distribution, "build", "sequences.yaml")
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(distribution / "builds/sequences/dataset/process").to_pylist()
    assert {row["domain"] for row in rows} == {
        f"numbers.sequences.equal_steps.{theme}" for theme in ("numbers", "seats")
    }
    assert {row["first_wrong"] for row in rows} == {-1, 0}
    assert pq.read_table(distribution / "builds/sequences/dataset/sft").num_rows > 30


def test_another_task_under_a_pattern_makes_a_finished_build_stale_and_its_removal_is_refused(
    distribution: Path,
) -> None:
    def planned() -> subprocess.CompletedProcess[str]:
        return tracemill(distribution, "build", "sequences.yaml", "--dry-run")

    assert tracemill(distribution, "build", "sequences.yaml", "--until", "problems").returncode == 0
    more = "from sequences import EqualSteps\nclass More(EqualSteps):\n    name = 'numbers.sequences.more'\n"
    write_package(distribution, "more-tracemill", "more_tasks", more, {"tasks/numbers.sequences.more": "More"})
    [said] = re.findall(r"`(problems   stale: [^`]*)`", PAGE)
    assert said in planned().stdout
    assert tracemill(distribution, "build", "sequences.yaml", "--until", "problems").returncode == 0
    shutil.rmtree(distribution / "more_tracemill-1.0.dist-info")
    [said] = re.findall(r"`(problems\.parts[^`]* is gone)`", PAGE)
    done = planned()
    assert done.returncode == 2 and said in done.stderr


def test_the_distribution_of_the_page_can_be_packed(distribution: Path) -> None:
    """`pip install` asks the build backend for the files; it finds none where no folder has the distribution's name."""
    shipped = {file.distribution_path for file in WheelBuilder(str(distribution)).recurse_included_files()}
    assert shipped == {"sequences/__init__.py", "sequences/words.yaml"}


def test_a_task_that_raises_is_named_with_its_distribution_and_line(distribution: Path) -> None:
    broken = TASK.replace("right = (place - 1) * step", 'right = (place - "1") * step')
    assert broken != TASK
    (distribution / "sequences/__init__.py").write_text(broken)
    done = tracemill(distribution, "build", "sequences.yaml")
    assert done.returncode == 1
    line = broken[: broken.index('(place - "1")')].count("\n") + 1
    named = "task 'numbers.sequences.equal_steps' (package sequences-tracemill 0.1.0) raised TypeError: "
    assert named in done.stderr and done.stderr.rstrip().endswith(f"sequences/__init__.py:{line}")


def test_every_group_of_entry_points_is_on_the_page() -> None:
    assert re.findall(r"^\| `(tracemill\.\w+)`", PAGE, re.MULTILINE) == list(ENTRY_POINTS.values())


def test_the_contracts_that_the_page_names_are_there() -> None:
    paths = re.findall(r"`([a-z_/]+\.py)`", PAGE.split("## An example")[0])
    assert len(paths) == 8
    assert all((ROOT / "pipeline/tracemill" / path).is_file() for path in paths)
