"""The shipped configs that ask a language model: each says what it would do, without the model, a GPU or Ray."""

from __future__ import annotations

import json
import shlex

import pytest
from tracemill.cli.command_line import main
from tracemill.running.build_config import read_config
from tracemill.running.teacher_check import check_teacher
from tracemill.settings.errors import UsageError


@pytest.mark.parametrize("name", ["distill_one_gpu", "distill_r1", "quickstart_llm"])
def test_a_config_with_a_model_can_be_looked_at_first_from_any_folder(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["build", name, "--dry-run", "--json", "--out", str(tmp_path / "out")]) == 0
    estimate = json.loads(capsys.readouterr().out)["estimate"]
    assert estimate["problems"] > 0 and estimate["rows"]["sft"] > 0
    assert not (tmp_path / "out").exists()


def test_without_the_folder_of_its_model_quickstart_llm_says_how_it_is_had(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="made in a checkout of tracemill, by `make quickstart-llm`") as caught:
        check_teacher(read_config("quickstart_llm").teacher)
    added = shlex.split(str(caught.value).partition("without one, add ")[2])
    assert added[::2] == ["--set", "--set"]
    teacher = read_config("quickstart_llm", added[1::2]).teacher
    check_teacher(teacher)
    assert teacher.environment["HF_HUB_OFFLINE"] == "0"
