"""A small build that tests share: two quick domains, every row taken, this process."""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml
from kept_audits import kept_audits
from tracemill.cli.command_line import main

ROOT = Path(__file__).parents[1]

CURRICULUM = {
    "name": "everything",
    "shortfall": "take",
    "stages": [
        {"name": "easy", "rows": "all", "difficulty": [0.0, 0.5], "domains": {"*": 1.0}},
        {"name": "hard", "rows": "all", "difficulty": [0.5, 1.0], "domains": {"*": 1.0}},
    ],
}
CONFIG = {
    "name": "small",
    "seed": 3,
    "executor": {"kind": "local"},
    "sources": [
        {"kind": "domains", "select": ["math.algebra.*", "planning.*"], "per_task": 12, "difficulty": [0.0, 1.0]}
    ],
    "teacher": {"kind": "symbolic", "mistakes": 0.5},
    "strategy": {"kind": "single", "samples": 2},
    "verify": {"require": ["answer", "steps"], "audit": 2, "leakage": None},
    "views": ["sft", "process", "rlvr"],
}


class Workplace:
    """A folder with a config and a curriculum; commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = str(folder / "out")
        self.config(CONFIG)
        self.curriculum(CURRICULUM)

    def config(self, config: dict) -> None:
        data = {"curriculum": str(self.folder / "curriculum.yaml"), **config}
        (self.folder / "config.yaml").write_text(yaml.safe_dump(data))

    def curriculum(self, curriculum: dict) -> None:
        (self.folder / "curriculum.yaml").write_text(yaml.safe_dump(curriculum))

    def build(self, *overrides: str, out: str | None = None, flags: tuple[str, ...] = ()) -> int:
        sets = [word for override in overrides for word in ("--set", override)]
        with kept_audits():
            return main(["build", str(self.folder / "config.yaml"), "--out", out or self.out, *sets, *flags])

    def shards(self, out: str | None = None) -> dict[str, str]:
        """Every Parquet file of the dataset with its hash."""
        root = Path(out or self.out) / "dataset"
        return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*.parquet")}
