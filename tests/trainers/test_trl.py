"""TRL's trainers take the rows as they are: `make test-trainers`."""

from __future__ import annotations

import functools
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from students import at_two_efforts
from tiny import model_for, tokenizer_for
from tracemill.rewards import reward
from workplace import Workplace

pytest.importorskip("trl", reason="make test-trainers installs it")


@pytest.fixture
def rows(finished: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from datasets import load_dataset

    def load(view: str) -> Any:
        dataset = load_dataset(f"{finished.out}/dataset", view, split="train", cache_dir=str(tmp_path / "cache"))
        return dataset.select(range(4))

    return load


def settings(folder: Path) -> dict[str, Any]:
    return {
        "output_dir": str(folder),
        "max_steps": 1,
        "use_cpu": True,
        "bf16": False,
        "report_to": [],
        "logging_steps": 1,
        "save_strategy": "no",
        "disable_tqdm": True,
    }


def test_sft_takes_the_rows_of_sft_with_their_reasoning(rows: Any, tmp_path: Path) -> None:
    from trl import SFTConfig, SFTTrainer

    dataset = rows("sft")
    tokenizer = tokenizer_for(message["content"] for row in dataset for message in row["messages"])
    config = SFTConfig(**settings(tmp_path), per_device_train_batch_size=2, max_length=4096)
    trainer = SFTTrainer(model_for(tokenizer), args=config, train_dataset=dataset, processing_class=tokenizer)
    seen = tokenizer.decode(trainer.train_dataset[0]["input_ids"])
    assert dataset[0]["messages"][-1]["content"] in seen
    assert "<think>" in seen
    trainer.train()
    assert trainer.state.global_step == 1
    assert math.isfinite(trainer.state.log_history[0]["loss"])


def test_sft_takes_the_rows_of_budget_with_their_control(workplace: Workplace, tmp_path: Path) -> None:
    from datasets import load_dataset
    from trl import SFTConfig, SFTTrainer

    assert at_two_efforts(workplace) == 0
    dataset = load_dataset(f"{workplace.out}/dataset", "budget", split="train", cache_dir=str(tmp_path / "cache"))
    tokenizer = tokenizer_for(message["content"] for row in dataset for message in row["messages"])
    config = SFTConfig(**settings(tmp_path), per_device_train_batch_size=2, max_length=4096)
    trainer = SFTTrainer(model_for(tokenizer), args=config, train_dataset=dataset, processing_class=tokenizer)
    seen = tokenizer.decode(trainer.train_dataset[0]["input_ids"])
    assert dataset[0]["control"] in ("[Easy]", "[Hard]") and dataset[0]["control"] in seen
    trainer.train()
    assert math.isfinite(trainer.state.log_history[0]["loss"])


@pytest.mark.parametrize("opened", [False, True])
def test_grpo_takes_the_rows_of_rlvr_and_the_reward(rows: Any, tmp_path: Path, opened: bool) -> None:
    from trl import GRPOConfig, GRPOTrainer

    calls: list[dict[str, Any]] = []

    @functools.wraps(reward)
    def recorded(**sent: Any) -> list[float | None]:
        calls.append(sent)
        scores = reward(**sent, opened_in_prompt=opened)
        # Random text is no answer. One row is taken as not judged, one as right, so that there is something to learn.
        return [None, 1.0, *scores[2:]]

    dataset = rows("rlvr")
    tokenizer = tokenizer_for(row["prompt"][0]["content"] for row in dataset)
    config = GRPOConfig(**settings(tmp_path), per_device_train_batch_size=4, num_generations=4, max_completion_length=8)
    trainer = GRPOTrainer(
        model_for(tokenizer), recorded, args=config, train_dataset=dataset, processing_class=tokenizer
    )
    trainer.train()
    assert trainer.state.global_step == 1
    assert math.isfinite(trainer.state.log_history[0]["loss"])
    assert trainer.state.log_history[0]["rewards/reward/mean"] == pytest.approx(1 / 3)
    [sent] = calls
    gold = json.loads(sent["reward_model"][0]["ground_truth"])["answer"]
    closing = "</think>" if opened else ""
    right = [[{"role": "assistant", "content": f"{closing}\n\nAnswer: {gold}"}]] * 4
    assert reward(**sent | {"completions": right}, opened_in_prompt=opened) == [1.0] * 4


def test_rows_are_read_as_a_stream_and_trained_on(finished: Workplace, tmp_path: Path) -> None:
    """Nothing is copied to a cache, and TRL takes a dataset whose length nobody knows."""
    from datasets import IterableDataset, load_dataset
    from trl import SFTConfig, SFTTrainer

    for view in ("sft", "process", "rlvr"):
        stream = load_dataset(f"{finished.out}/dataset", view, split="train", streaming=True)
        assert isinstance(stream, IterableDataset)
        assert len(list(stream)) == pl.read_parquet(f"{finished.out}/dataset/{view}/*.parquet").height > 0
    stream = load_dataset(f"{finished.out}/dataset", "sft", split="train", streaming=True)
    tokenizer = tokenizer_for(message["content"] for row in stream for message in row["messages"])
    config = SFTConfig(**settings(tmp_path), per_device_train_batch_size=2, max_length=4096)
    trainer = SFTTrainer(model_for(tokenizer), args=config, train_dataset=stream, processing_class=tokenizer)
    trainer.train()
    assert trainer.state.global_step == 1 and math.isfinite(trainer.state.log_history[0]["loss"])


PRM = Path(sys.prefix, "trl-1.13")
"""The last release of TRL that has a trainer of process reward models: the Makefile puts it beside the newest."""


@pytest.mark.skipif(not PRM.exists(), reason="make test-trainers puts it there")
def test_the_process_reward_trainer_takes_the_rows_of_process(finished: Workplace, tmp_path: Path) -> None:
    script = Path(__file__).parent / "process_reward.py"
    path = os.pathsep.join([str(PRM), str(Path(__file__).parent)])
    ran = subprocess.run(
        [sys.executable, str(script), finished.out, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr[-3000:]
    said = json.loads(ran.stdout.splitlines()[-1])
    # Each label of a row stands at the end of its step, and nothing else has one.
    assert said["labels"] == said["found"] and {label for row in said["labels"] for label in row} == {0, 1}
    assert said["version"] == "1.13.0" and said["steps"] == 1 and math.isfinite(said["loss"])
