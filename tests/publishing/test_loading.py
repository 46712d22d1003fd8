"""What `datasets` gives of a build: each row once, in curriculum order, and never the rows of another build."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from workplace import CONFIG, Workplace

_LOADER = """
import json, sys
from datasets import load_dataset
for folder, config, column in json.loads(sys.argv[1]):
    print(json.dumps({split: rows[column][:] for split, rows in load_dataset(folder, config).items()}))
"""

Loaded = Mapping[str, Sequence[Any]]
"""A column by split."""


def load(home: Path, *wanted: tuple[str, str], column: str = "trace_ids") -> list[Loaded]:
    """Loads (folder, configuration) one after another in one process, with the cache where it is by default."""
    asked = json.dumps([[*one, column] for one in wanted])
    environment = {**os.environ, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    environment.pop("HF_DATASETS_CACHE", None)
    command = [sys.executable, "-c", _LOADER, asked]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_files(folder: str, view: str) -> list[list[str]]:
    shards = sorted((Path(folder) / view).glob("*.parquet"))
    return [ids for shard in shards for ids in pq.read_table(shard, columns=["trace_ids"])["trace_ids"].to_pylist()]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    place = Workplace(tmp_path_factory.mktemp("small"))
    sources = [{"kind": "domains", "select": ["math.algebra.*"], "per_task": 6, "difficulty": [0.0, 1.0]}]
    place.config({**CONFIG, "sources": sources, "shards": {"rows": 3}})
    assert place.build() == 0
    return place


def test_a_plain_load_gives_each_row_once_in_curriculum_order_and_stages_have_a_configuration(
    finished: Workplace, tmp_path: Path
) -> None:
    folder = f"{finished.out}/dataset"
    whole, stages = load(tmp_path, (folder, "sft"), (folder, "sft_by_stage"))
    assert list(whole) == ["train"]
    assert whole["train"] == in_files(folder, "sft")
    assert list(stages) == ["easy", "hard"]
    assert [*stages["easy"], *stages["hard"]] == whole["train"]
    [traces] = load(tmp_path, (folder, "traces"), column="id")
    assert list(traces) == ["train"] and len(set(traces["train"])) == len(traces["train"]) == 48


def test_two_builds_in_turn_and_one_that_grew_give_their_own_rows_from_the_default_cache(
    finished: Workplace, small: Workplace, tmp_path: Path
) -> None:
    """Both folders are called `dataset`, and hold the same views and stages."""
    folders = [f"{out}/dataset" for out in (small.out, finished.out, small.out)]
    ours, theirs, again = load(tmp_path, *((folder, "sft") for folder in folders))
    assert ours["train"] == again["train"] == in_files(folders[0], "sft")
    assert theirs["train"] == in_files(folders[1], "sft")
    assert ours != theirs
    assert small.build("sources.0.per_task=9") == 0
    [grown] = load(tmp_path, (folders[0], "sft"))
    assert len(grown["train"]) > len(ours["train"])
    assert grown["train"] == in_files(folders[0], "sft")


def test_a_stray_shard_is_not_loaded(finished: Workplace, tmp_path: Path) -> None:
    shutil.copytree(finished.out, tmp_path / "out")
    folder = tmp_path / "out/dataset"
    shard = min((folder / "sft").glob("*.parquet"))
    shard.with_name("00-easy-00009-0123456789abcdef.parquet").write_bytes(shard.read_bytes())
    [found] = load(tmp_path / "home", (str(folder), "sft"))
    assert found["train"] == in_files(f"{finished.out}/dataset", "sft")
