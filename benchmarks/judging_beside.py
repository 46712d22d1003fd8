"""Judging beside asking: a teacher that takes 0.5 s a call and a verifier that takes 0.2 s a trace, over 96 problems.

`python -m benchmarks.judging_beside [WORKERS]` prints the seconds and the problems; one after the other they would take
0.5 s + 96 × 0.2 s = 19.7 s.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from pydantic import BaseModel
from tracemill.asking.asking_config import AskingConfig, JudgingConfig
from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.rollouts_here import roll_here
from tracemill.asking.strategies.single import SingleConfig
from tracemill.asking.teachers.teacher import Reply
from tracemill.records import Check, Problem, Source, Turn, problem_id

PROBLEMS = 96


class TeacherConfig(BaseModel):
    kind: str = "waiting"


class WaitingTeacher:
    Config = TeacherConfig
    embedded = False
    name = fingerprint = "waiting"

    def __init__(self, config: TeacherConfig) -> None: ...

    def samples(self, problem: Problem, wanted: int) -> int:
        return wanted

    async def answer(self, call: object) -> Reply:
        await asyncio.sleep(0.5)
        return Reply(Turn("assistant", "x"))

    async def close(self) -> None: ...


def main(workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # Found by its metadata, as a plugin is, also by the processes that judge.
        info = Path(folder) / "waiting-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: waiting\nVersion: 1.0\n")
        groups = {
            "teachers": "benchmarks.judging_beside:WaitingTeacher",
            "verifiers": "benchmarks.waiting_verifier:WaitingVerifier",
        }
        lines = [f"[tracemill.{group}]\nwaiting = {value}\n" for group, value in groups.items()]
        (info / "entry_points.txt").write_text("".join(lines))
        sys.path.insert(0, folder)
        asking, judging = AskingConfig(in_flight=64), JudgingConfig(workers=workers, cpus=0.1)
        plan = RolloutPlan(TeacherConfig(), SingleConfig(kind="single"), (("waiting", {}),), asking, judging)
        began = time.perf_counter()
        done = [one for chunk in roll_here(plan, map(order, range(PROBLEMS))) for one in chunk.done]
        seconds = time.perf_counter() - began
    assert len(done) == PROBLEMS
    print(f"{seconds:.2f} {PROBLEMS}")


def order(number: int) -> Order:
    source = Source("waiting", "1", "MIT", number, 0)
    text = f"problem {number}"
    name = problem_id(source, "a.b.c.d", "", text, ())
    return Order(Problem(name, "g", "a.b.c.d", text, "x", Check("exact"), source))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
