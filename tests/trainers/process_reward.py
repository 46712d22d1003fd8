"""One step of TRL's trainer of process reward models on the rows of `process`: `process_reward.py BUILD FOLDER`, with a
release of TRL on the path that has it. Prints the labels of the rows, those that the trainer made, and the loss."""

from __future__ import annotations

import json
import sys
from typing import Any

import trl
from datasets import load_dataset
from tiny import tokenizer_for
from transformers import LlamaConfig, LlamaForTokenClassification
from trl.experimental.prm import PRMConfig, PRMTrainer

UNLABELLED = -100


def cut(row: dict[str, Any]) -> dict[str, Any]:
    """As docs/schema.md says: the trainer wants a label for each text."""
    return {"completions": row["completions"][: len(row["labels"])]}


def main(build: str, folder: str) -> None:
    whole = load_dataset(f"{build}/dataset", "process", split="train", cache_dir=f"{folder}/cache")
    wrong = [number for number, row in enumerate(whole) if row["first_wrong"] >= 0][:2]
    right = [number for number, row in enumerate(whole) if row["first_wrong"] < 0][:2]
    rows = whole.select([*wrong, *right]).map(cut)
    tokenizer = tokenizer_for(text for row in rows for text in [row["prompt"], *row["completions"]])
    model = LlamaForTokenClassification(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=4096,
            num_labels=2,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    config = PRMConfig(
        output_dir=folder,
        max_steps=1,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        report_to=[],
        logging_steps=1,
        save_strategy="no",
        disable_tqdm=True,
        per_device_train_batch_size=4,
        max_length=4096,
    )
    trainer = PRMTrainer(model, args=config, train_dataset=rows, processing_class=tokenizer)
    found = [[label for label in row["labels"] if label != UNLABELLED] for row in trainer.train_dataset]
    trainer.train()
    said = {
        "version": trl.__version__,
        "labels": [[int(label) for label in row["labels"]] for row in rows],
        "found": found,
        "steps": trainer.state.global_step,
        "loss": trainer.state.log_history[0]["loss"],
    }
    print(json.dumps(said))


main(*sys.argv[1:])
