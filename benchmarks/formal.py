"""The formal core's measurements: `python -m benchmarks.formal [--traces 3000]`. CPU time of one process.

Needs Debian's metamath-databases. Each line is a figure with what it was measured on; targets are those of the issue.
"""

from __future__ import annotations

import argparse
import resource
import time
from random import Random

from tracemill.metamath.database_reader import read_database
from tracemill.metamath.proofs import check
from tracemill.records import Problem
from tracemill.settings.plugins import load
from tracemill.tasks.metamath.databases import folder, present
from tracemill.tasks.metamath.theorems import pool
from tracemill.tasks.task import DETAILS, Task, mistakes_in_turn
from tracemill.verifiers.cases import draw

from benchmarks.run import say

TASKS = ("proof", "missing_step", "wrong_step", "lemma")
WANTED = 30_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=3_000, help="so many are told; the time is scaled to 30,000")
    wanted = parser.parse_args().traces
    for name in present():
        read_and_checked(name)
    begun = time.process_time()
    entries = pool()
    say("theorems that become problems", f"{len(entries):,}", f"found, or read from the cache, in {since(begun)}")
    told(wanted)


def read_and_checked(name: str) -> None:
    """Every proof of a database."""
    begun = time.process_time()
    database = read_database(folder() / name)
    read = time.process_time()
    for theorem in database.theorems:
        check(database, theorem)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    how = f"{len(database.theorems):,} proofs; {read - begun:.1f} s of it read; {memory} MB; target < 60 s for set.mm"
    say(f"{name} read and checked", since(begun), how)


def told(wanted: int) -> None:
    """Right and wrong solutions of all four tasks in turn, problems included; the databases are read before."""
    tasks: list[Task] = [load("task", f"logic.metamath.{name}")() for name in TASKS]
    for place in range(40):
        draw(tasks[0], place, 0, "before")
    begun, count, wrong, index = time.process_time(), 0, 0, 0
    while count < wanted:
        for task in tasks:
            drawn = draw(task, index, 1, "benchmark") if index < (task.capacity((0.0, 1.0)) or 0) else None
            if drawn is None:
                continue
            problem, rng = drawn
            task.solve(problem, rng, rng.choice(DETAILS))
            flawed = _flawed(task, problem, rng)
            count, wrong = count + 2, wrong + flawed
        index += 1
    seconds = time.process_time() - begun
    how = f"{count:,} told in {seconds:.0f} s, {wrong:,} of them wrong; target < 600 s"
    say(f"{WANTED:,} Metamath traces told", f"{seconds / count * WANTED:.0f} s", how)


def _flawed(task: Task, problem: Problem, rng: Random) -> bool:
    """A second solution, wrong where a mistake can be made, as the symbolic teacher tells it."""
    detail = rng.choice(DETAILS)
    if task.err(problem, mistakes_in_turn(task, rng), rng, detail) is not None:
        return True
    task.solve(problem, rng, detail)
    return False


def since(begun: float) -> str:
    return f"{time.process_time() - begun:.1f} s"


if __name__ == "__main__":
    main()
