"""A fleet of stand-ins for vLLM on a Ray of its own: configs, and what their log says."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tracemill.asking.teachers.teacher import Call
from tracemill.asking.teachers.vllm.vllm_config import VllmConfig
from tracemill.records import Check, Problem, Source, problem_id
from workplace import ROOT

STAND_IN = str(ROOT / "tests/servers/stand_in")
PATIENCE = 90


def config(folder: Path, **more: Any) -> VllmConfig:
    """Of a stand-in that writes its log into the folder; `environment` is added to."""
    environment = {"PYTHONPATH": STAND_IN, "STAND_IN_LOG": str(folder / "log"), **more.pop("environment", {})}
    block = {"kind": "vllm", "model": "org/tiny", "gpus": 0, "cpus": 0.1, "environment": environment}
    return VllmConfig.model_validate({**block, "python": sys.executable, "start_seconds": 60, **more})


def call(number: int) -> Call:
    """Each number asks another question."""
    source = Source("test", "1", "Apache-2.0", number, 0)
    text = f"Question {number}?"
    identity = problem_id(source, "a.b.c.d", "", text, ())
    problem = Problem(identity, "g", "a.b.c.d", text, "42", Check("exact"), source)
    return Call(problem, ({"role": "user", "content": text},), {}, 0, number)


def helpers(folder: Path) -> dict[int, int]:
    """By the process that serves, its helper: every one that ever started."""
    lines = [line.split() for line in _lines(folder)]
    return {int(pid): int(rest[1]) for pid, *rest in lines if rest[0] == "helper"}


def arguments(folder: Path) -> dict[int, dict[str, Any]]:
    """By process, what it was started with."""
    split = [line.split(" ", 2) for line in _lines(folder)]
    return {int(pid): json.loads(rest[0]) for pid, kind, *rest in split if kind == "arguments"}


def requests(folder: Path) -> list[tuple[int, str, int]]:
    """Every request that began: who served it, the question, its seed."""
    split = [line.partition(" ") for line in _lines(folder)]
    return [(int(pid), *json.loads(rest)) for pid, _, rest in split if rest.startswith("[")]


def done(folder: Path, pid: int) -> int:
    """How many replies a process finished."""
    return _lines(folder).count(f"{pid} done")


def _lines(folder: Path) -> list[str]:
    return (folder / "log").read_text().splitlines() if (folder / "log").exists() else []


def until(true: Callable[[], bool]) -> None:
    """Waits, on a busy machine too, for what must come."""
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
