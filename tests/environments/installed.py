"""A package that `tracemill environment` wrote, installed as its users do it, and run in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tracemill.cli.command_line import main

CASES = """
import json
from PACKAGE.rows import read_rows
from tracemill.rewards import judge_row

def replies(row):
    gold = json.loads(row["ground_truth"])["answer"]
    return [
        f"<think>Easy.</think>The answer is \\\\boxed{{{gold}}}.", f"Answer: {gold}", "Answer: none of these",
        "\\\\boxed{41} or \\\\boxed{42}", "\\\\boxed{9**9**9**9}", f"<think>It must be {gold}", "",
    ]

def expected(row, reply):
    return judge_row(reply, row["ground_truth"], row["prompt"]).reward

rows = [*read_rows("train")[:6], *read_rows("bench")[:2]]
"""
"""Rows, replies to each (right ones, and cases 50 and 51), and what the library says of them."""


def install(build: str, kind: str, folder: Path) -> Path:
    """Where the package and its metadata lie."""
    package = folder / f"questions-{kind}"
    assert main(["environment", build, "--kind", kind, "--out", str(package)]) == 0
    site = folder / "site"
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(site)]
    subprocess.run([sys.executable, "-m", "pip", "install", *offline, str(package)], check=True)
    return site


def run(site: Path, kind: str, script: str) -> Any:
    """What a script prints last, which is JSON."""
    text = (CASES + script).replace("PACKAGE", f"questions_{kind}")
    environment = {**os.environ, "PYTHONPATH": str(site), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-c", text],
        env=environment,
        cwd=site,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
