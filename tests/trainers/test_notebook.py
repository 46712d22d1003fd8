"""The notebook that trains runs from top to bottom: `make test-trainers`."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_cells import run_notebook

pytest.importorskip("trl", reason="make test-trainers installs it")


def test_a_tiny_model_learns_and_what_it_writes_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = run_notebook("fine_tune_a_tiny_model.ipynb", tmp_path, monkeypatch)
    said = capsys.readouterr().out
    first, *_, last = names["losses_aside"].values()
    assert abs(first - names["math"].log(len(names["tokenizer"]))) < 0.3
    assert last < first / 2
    not_learned, learned = said.split("NOT LEARNED:")[1].split("knowing nothing")[0].split("\nLEARNED:")
    assert "<|im_start|>user" in not_learned and "<think>" not in not_learned
    assert learned.count("<think>") == learned.count("</think>") == 1
    assert said.count("REWARD    ") == 4
    trained = {row["prompt"][-1]["content"] for row in names["train"]}
    assert not trained & {row["messages"][0]["content"] for row in names["measured"]}
