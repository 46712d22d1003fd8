"""`docs/add_a_task.md` holds: its command, and its three files in place of the skeleton's, make a task."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_package import install
from tracemill.cli.command_line import main
from workplace import ROOT

PAGE = (ROOT / "docs" / "add_a_task.md").read_text(encoding="utf-8")
[WORDS] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
TASK, ORACLE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines() if line.strip()
]


def test_the_files_of_the_page_also_make_a_task_in_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the task lies in another package; the page's code finds its oracle in both."""
    made = tmp_path / "another_package"
    made.mkdir()
    for name, text in (("__init__.py", ""), ("words.yaml", WORDS), ("task.py", TASK), ("oracle.py", ORACLE)):
        (made / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    task = importlib.import_module("another_package.task").Walk()
    assert task.oracle.__module__ == "another_package.oracle"


def test_the_files_of_the_page_make_a_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first, *others = COMMANDS
    assert main(shlex.split(first)[1:]) == 0
    made = tmp_path / "tracemill-walk"
    for name, text in (("words.yaml", WORDS), ("task.py", TASK), ("oracle.py", ORACLE)):
        assert (made / "tracemill_walk" / name).is_file()
        (made / "tracemill_walk" / name).write_text(text)
    install(made)
    assert others
    for command in others:
        words = ["-m", *shlex.split(command)]
        environment = {**os.environ, "PYTHONPATH": str(made)}
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "pytest" in command or "physics.mechanics.walk" in done.stdout or "steps" in done.stdout
