"""A new user's commands: init, validate, preview, schema; and what programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tracemill.cli.command import all_commands
from tracemill.cli.command_line import main, parser
from tracemill.running.config_schema import config_schema, curriculum_schema
from workplace import CONFIG, ROOT, Workplace


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_what_init_writes_is_valid_and_builds_at_once(here: Path, capsys):
    assert main(["init", "riddles"]) == 0
    assert sorted(path.name for path in (here / "riddles").iterdir()) == [
        "config.schema.json",
        "config.yaml",
        "curriculum.yaml",
        "problems.jsonl",
    ]
    assert main(["validate", "riddles/config.yaml"]) == 0
    quick = ("--set", "verify.require=[{kind: answer, seconds: 1}, steps]")
    assert main(["build", "riddles/config.yaml", "-q", *quick]) == 0
    shown = capsys.readouterr()
    lines = len((here / "riddles/problems.jsonl").read_text().splitlines())
    assert f"sft            {lines}  (first {lines})" in shown.out
    assert shown.err == "" and "A sample" not in shown.out


def test_init_writes_over_nothing(here: Path, capsys):
    (here / "mine").mkdir()
    (here / "mine/problems.jsonl").write_text("ten years of work")
    assert main(["init"]) == 2
    assert "mine/problems.jsonl exists" in capsys.readouterr().err
    assert [path.name for path in (here / "mine").iterdir()] == ["problems.jsonl"]


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden", "x" * 81])
def test_init_takes_no_name_that_a_build_cannot_have(here: Path, capsys, name: str):
    assert main(["init", name]) == 2
    assert f"no build can be named {name!r}" in capsys.readouterr().err
    assert not list(here.iterdir())


def test_validate_says_all_that_is_wrong_with_file_line_and_key(workplace: Workplace, capsys):
    source = {"kind": "jsonl", "name": "gone", "path": "gone.jsonl", "licence": "MIT", "domain": "a.b.c.d"}
    source |= {"check": {"kind": "exact"}, "fields": {"prompt": "q", "answer": "a"}}
    workplace.config({**CONFIG, "sources": [source], "curriculum": "nowhere.yaml", "views": ["sft"]})
    path = str(workplace.folder / "config.yaml")
    lines = Path(path).read_text().splitlines()
    assert main(["validate", path, "--json"]) == 2
    found = printed(capsys)
    assert isinstance(found, dict) and found["valid"] is False
    assert [(one["file"], one["key"]) for one in found["errors"]] == [(path, "curriculum"), (path, "sources.0")]
    assert [lines[one["line"] - 1].split()[0] for one in found["errors"]] == ["curriculum:", "-"]
    assert "cannot read 'gone.jsonl'" in found["errors"][1]["message"]


def test_validate_looks_at_what_a_wrong_config_names_too(workplace: Workplace, capsys):
    path = str(workplace.folder / "config.yaml")
    assert main(["validate", path, "--set", "seed=x", "--set", "curriculum=no.yaml"]) == 2
    error = capsys.readouterr().err
    assert "--set seed: seed: 'x'" in error and "--set curriculum: curriculum: cannot read 'no.yaml'" in error


def test_validate_writes_nothing(workplace: Workplace, capsys):
    before = sorted(workplace.folder.rglob("*"))
    assert main(["validate", str(workplace.folder / "config.yaml"), "--out", workplace.out]) == 0
    assert "nothing wrong was found. Up to 24 problems" in capsys.readouterr().out
    assert sorted(workplace.folder.rglob("*")) == before


def test_preview_shows_problems_of_each_task_with_ledgers_and_writes_nothing(workplace: Workplace, capsys, monkeypatch):
    monkeypatch.chdir(workplace.folder)
    before = sorted(workplace.folder.rglob("*"))
    assert main(["preview", "config.yaml", "-n", "3"]) == 0
    text = capsys.readouterr().out
    assert text.count("\ntrace ") + text.startswith("trace ") == 6
    assert "math.algebra.linear_system" in text and "planning.classical.blocks_world" in text
    assert "✓ steps " in text and "problems: 3, solutions: 6; nothing was written" in text
    assert sorted(workplace.folder.rglob("*")) == before


def test_preview_shows_what_the_build_makes(workplace: Workplace, capsys, finished: Workplace):
    assert main(["preview", str(workplace.folder / "config.yaml"), "-n", "2", "--json"]) == 0
    previewed = printed(capsys)
    assert isinstance(previewed, list)
    for one in previewed:
        trace = one["traces"][0]["trace"]["id"]
        assert main(["inspect", finished.out, trace, "--json"]) == 0
        [built] = printed(capsys)  # type: ignore[misc]
        assert built["problem"] == one["problem"]
        assert built["traces"][0]["trace"]["digest"] == one["traces"][0]["trace"]["digest"]


def test_status_and_build_are_read_by_programs(finished: Workplace, capsys):
    assert main(["status", finished.out, "--json"]) == 0
    state = printed(capsys)
    assert isinstance(state, dict)
    assert (state["finished"], state["whole"], state["damaged"], state["foreign"]) == (True, True, [], {})
    assert state["tables"]["problems"]["rows"] == 24 and "dataset" in state["phases"]
    assert finished.build(flags=("--json",)) == 0
    said = printed(capsys)
    assert isinstance(said, dict) and said["finished"] is True
    assert said["manifest"]["view_order"] == ["sft", "process", "rlvr"]


def test_a_task_that_finds_no_problem_for_the_list_is_listed_without_one(capsys, monkeypatch):
    from tracemill.tasks.linear_system.task import LinearSystem

    def make(self, request):
        raise RuntimeError("no system was found after 100 attempts")

    monkeypatch.setattr(LinearSystem, "make", make)
    assert main(["tasks", "math.algebra.*", "--json"]) == 0
    (task,) = json.loads(capsys.readouterr().out)
    assert (task["name"], task["sample"]) == ("math.algebra.linear_system", None)


def test_tasks_are_read_by_programs(capsys):
    assert main(["tasks", "math.algebra.*", "--json"]) == 0
    [task] = printed(capsys)  # type: ignore[misc]
    assert task["name"] == "math.algebra.linear_system" and task["sample"]["steps"]


def test_every_command_whose_output_a_program_may_read_has_json():
    without = {"init", "new", "schema"}
    for name, command in all_commands().items():
        words = command.example.split()
        assert words[:2] == ["tracemill", name]
        if name not in without:
            parser().parse_args([word for word in words[1:] if word not in (">",)] + ["--json"])


def faults(data: object, schema: dict[str, Any]) -> list[str]:
    return [fault.message for fault in jsonschema.Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize("path", sorted(ROOT.glob("configs/*.yaml")), ids=lambda path: path.name)
def test_each_shipped_config_satisfies_the_schema(path: Path):
    config = yaml.safe_load(path.read_text())
    assert faults(config, config_schema()) == []
    assert faults({**config, "colour": "red"}, config_schema()) != []


@pytest.mark.parametrize("path", sorted(ROOT.glob("curricula/*.yaml")), ids=lambda path: path.name)
def test_each_shipped_curriculum_satisfies_the_schema(path: Path):
    curriculum = yaml.safe_load(path.read_text())
    assert faults(curriculum, curriculum_schema()) == []
    assert faults({**curriculum, "stages": [{}]}, curriculum_schema()) != []


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "red"},
        {"views": ["stf"]},
        {"teacher": {"kind": "symbolic", "mistake": 1}},
        {"sources": [{"kind": "domians"}]},
        {"verify": {"require": [{"kind": "steps", "coverage": 2}]}},
        {"verify": {"require": ["anwser"]}},
        {"seed": "many"},
    ],
)
def test_the_schema_refuses_what_a_build_refuses(wrong: dict[str, object]):
    config = {**CONFIG, "curriculum": "cold_start"}
    assert faults(config, config_schema()) == []
    assert faults({**config, **wrong}, config_schema()) != []


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh", "fish"])
def test_a_shell_gets_a_script_with_every_command(shell: str, capsys):
    with pytest.raises(SystemExit) as left:
        main(["--print-completion", shell])
    assert left.value.code == 0
    script = capsys.readouterr().out
    assert all(name in script for name in all_commands())
