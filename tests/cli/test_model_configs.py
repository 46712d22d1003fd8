"""The shipped configs that ask a language model: each says what it would do, without the model, a GPU or Ray."""

from __future__ import annotations

import json

import pytest
from tracemill.cli.command_line import main


@pytest.mark.parametrize("name", ["distill_one_gpu", "distill_r1", "quickstart_llm"])
def test_a_config_with_a_model_can_be_looked_at_first_from_any_folder(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["build", name, "--dry-run", "--json", "--out", str(tmp_path / "out")]) == 0
    estimate = json.loads(capsys.readouterr().out)["estimate"]
    assert estimate["problems"] > 0 and estimate["rows"]["sft"] > 0
    assert not (tmp_path / "out").exists()
