"""verl's dataset and its reward manager take the shards of `rlvr`: `make test-trainers`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tiny import tokenizer_for
from tracemill.rewards import NotJudged
from workplace import Workplace

pytest.importorskip("verl", reason="make test-trainers installs it")


@pytest.fixture
def shards(finished: Workplace) -> list[str]:
    return sorted(map(str, Path(finished.out, "dataset", "rlvr").rglob("*.parquet")))


def dataset_of(shards: list[str], tokenizer: Any, folder: Path) -> Any:
    from omegaconf import OmegaConf
    from verl.utils.dataset.rl_dataset import RLHFDataset

    config = OmegaConf.create(
        {"max_prompt_length": 2048, "cache_dir": str(folder), "filter_overlong_prompts_workers": None}
    )
    return RLHFDataset(shards, tokenizer, config)


def manager_of(tokenizer: Any, **reward_kwargs: Any) -> Any:
    from omegaconf import OmegaConf
    from verl.trainer.ppo.reward import load_reward_manager
    from verl.workers.config.reward import RewardManagerConfig

    function = {"path": "pkg://tracemill.rewards", "name": "compute_score", "reward_kwargs": reward_kwargs}
    config = OmegaConf.create({"reward": {"custom_reward_function": function, "reward_manager": {}}})
    config.reward.reward_manager = OmegaConf.structured(RewardManagerConfig)
    router = {"reward_router_address": "127.0.0.1:1", "reward_model_tokenizer": tokenizer}
    return load_reward_manager(config, tokenizer, **router)


def answered(row: dict[str, Any], response: str, tokenizer: Any) -> Any:
    """The row with a response, as a rollout hands it on."""
    import torch
    from verl import DataProto
    from verl.utils.dataset.rl_dataset import collate_fn

    ids = torch.tensor([tokenizer(response)["input_ids"] + [tokenizer.eos_token_id]])
    batch = collate_fn([row])
    batch |= {"responses": ids, "attention_mask": torch.ones_like(ids)}
    return DataProto.from_single_dict(batch)


def test_the_dataset_takes_every_row_and_the_reward_manager_scores_answers_to_it(
    shards: list[str], tmp_path: Path
) -> None:
    import pyarrow.parquet as pq

    tables = [pq.read_table(shard) for shard in shards]
    texts = [prompt[0]["content"] for table in tables for prompt in table["prompt"].to_pylist()]
    tokenizer = tokenizer_for(texts)
    dataset = dataset_of(shards, tokenizer, tmp_path)
    assert len(dataset) == len(texts) > 10
    row = next(row for row in dataset if json.loads(row["reward_model"]["ground_truth"])["check"]["kind"] == "numeric")
    gold = json.loads(row["reward_model"]["ground_truth"])["answer"]

    async def scores(responses: list[str], **reward_kwargs: Any) -> list[float]:
        manager = manager_of(tokenizer, **reward_kwargs)
        found = [await manager.run_single(answered(row, one, tokenizer)) for one in responses]
        return [one["reward_score"] for one in found]

    right, wrong, unread = (f"<think>\nEasy.\n</think>\n\n\\boxed{{{text}}}" for text in (gold, "-3.5", "many"))
    assert asyncio.run(scores([right, wrong])) == [1.0, 0.0]
    assert asyncio.run(scores([right[8:], "Easy. \\boxed{" + gold], opened_in_prompt=True)) == [1.0, 0.0]
    assert asyncio.run(scores([unread], not_judged=0.5)) == [0.5]
    with pytest.raises(NotJudged):
        asyncio.run(scores([unread]))


def test_the_function_for_openrlhf_in_the_docs_scores() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "rewards.md"
    [code] = [part.split("```")[0] for part in page.read_text().split("```python\n") if part.startswith("# reward.py")]
    names: dict[str, Any] = {}
    exec(code, names)
    truth = '{"answer": "42", "check": {"kind": "numeric", "spec": {}}}'
    found = names["reward_func"](["6 * 7? A: 42", "6 * 7? A: 41"], ["6 * 7?"] * 2, [truth] * 2)
    assert found["rewards"].tolist() == [1.0, 0.0]
