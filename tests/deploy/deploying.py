"""What the tests of `configs/deploy` share: a small config that adds to a repository, and its first build there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hub.client import ask, environment_of
from hub.server import HubServer
from kept_audits import kept_audits
from tracemill.cli.command_line import main
from workplace import CONFIG, ROOT, Workplace

DEPLOY = ROOT / "configs/deploy"
BIN = Path(sys.executable).parent
REPOSITORY = "me/mine"
SMALL = {
    **CONFIG,
    "sources": [{"kind": "domains", "select": ["math.algebra.*"], "per_task": 4, "difficulty": [0.0, 1.0]}],
    "verify": {"require": ["answer"], "audit": 1, "leakage": None},
    "views": ["sft"],
}


def environment(hub: HubServer, place: Workplace, **more: str) -> dict[str, str]:
    """For a deploy file's command: `tracemill` on PATH, the loopback Hub, what the file is told."""
    found = environment_of(hub, place.folder / "hub-home")
    found.pop("RAY_ADDRESS", None)
    return {
        **found,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "TRACEMILL_CONFIG": str(place.folder / "nightly.yaml"),
        "TRACEMILL_REPO": REPOSITORY,
        "RAY_USAGE_STATS_ENABLED": "0",
        "TRACEMILL_METAMATH": os.environ["TRACEMILL_METAMATH"],
        **more,
    }


def nightly(place: Workplace, **more: Any) -> None:
    config = {"curriculum": str(place.folder / "curriculum.yaml"), **SMALL, "name": "nightly"}
    text = yaml.safe_dump({**config, "incremental": {"previous": f"hf://{REPOSITORY}"}, **more})
    (place.folder / "nightly.yaml").write_text(text)


def begin(hub: HubServer, place: Workplace) -> None:
    """The first build, by hand, as docs/cluster.md says."""
    nightly(place)
    config, first = str(place.folder / "nightly.yaml"), str(place.folder / "first")
    with kept_audits(), pytest.MonkeyPatch.context() as patch:
        ask(hub, patch, place.folder / "hub-home")
        assert main(["build", config, "--set", "incremental=null", "--out", first]) == 0
        assert main(["publish", first, REPOSITORY]) == 0


def run(command: list[str], hub: HubServer, place: Workplace, **more: str) -> str:
    ended = subprocess.run(
        command, cwd=place.folder, env=environment(hub, place, **more), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return ended.stdout
