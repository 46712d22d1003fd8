"""What the README shows is there: its commands are understood, its tree exists, its row is one of the view."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from tracemill.cli.command import all_commands
from tracemill.cli.command_line import parser
from tracemill.running.build_config import read_config
from tracemill.settings.plugins import installed, load
from workplace import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))
COMMANDS = re.findall(r"(?:^tracemill|python -m tracemill) (.+)$", SHELL, re.MULTILINE)
TREE = TEXT.split("## The tree")[1].split("```")[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    arguments = parser().parse_args(shlex.split(command.partition(" > ")[0], comments=True))
    if arguments.command in ("build", "preview", "validate"):
        read_config(arguments.config, arguments.overrides)


def test_every_command_is_shown() -> None:
    assert {command.split()[0] for command in COMMANDS} == set(all_commands())


def test_the_tree_is_that_of_the_checkout() -> None:
    inner = {
        name for line in TREE.splitlines() if line.startswith("  ") for name in re.findall(r"[\w]+(?:\.py|/)", line)
    }
    there = {path.name + "/" * path.is_dir() for path in (ROOT / "pipeline/tracemill").iterdir()}
    assert inner == there - {"__init__.py", "__main__.py", "__pycache__/"}
    for folder in re.findall(r"^(\w+)/", TREE, re.MULTILINE):
        assert (ROOT / folder).is_dir()


def test_what_is_added_to_a_checkout_stays_that_checkout() -> None:
    """Without `-e` the package is copied into the environment, and what is changed in the checkout has no effect."""
    added = re.findall(r"pip install [^`\n]*'\.\[\w+\]'", TEXT)
    assert added and all(" -e " in command for command in added)


def test_the_trainers_that_the_first_lines_name_have_a_view() -> None:
    first = TEXT.split("\n\n")[1]
    trainers = {"SFT": "sft", "process reward models": "process", "RLVR": "rlvr", "preferences": "preference"}
    named = {view for words, view in trainers.items() if words in first}
    assert named and named <= set(installed("view"))


def test_the_row_has_the_columns_of_its_view() -> None:
    row = json.loads(TEXT.split("```json")[1].split("```")[0])
    assert list(row) == load("view", "sft").schema.names


def test_the_trace_that_is_inspected_is_that_of_the_row() -> None:
    row = json.loads(TEXT.split("```json")[1].split("```")[0])
    [prefix] = [command.split()[2] for command in COMMANDS if command.startswith("inspect")]
    assert row["trace_ids"][0].startswith(prefix)


def test_the_ledger_and_the_row_name_the_present_versions_of_the_verifiers() -> None:
    row = json.loads(TEXT.split("```json")[1].split("```")[0])
    ledger = re.findall(r"^  ✓ (\w+) (\w+): verified", TEXT, re.MULTILINE)
    present = [(name, load("verifier", name).version) for name in ("answer", "steps")]
    assert ledger == present == [tuple(said.split("@")) for said in row["verifiers"]]


def test_make_targets_are_there() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"quickstart", "test"} <= set(re.findall(r"(?:^|`)make (\w+)\b", TEXT, re.MULTILINE)) <= set(targets)
