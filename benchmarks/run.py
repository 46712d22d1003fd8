"""All measurements of the spine: `make bench`, or `python -m benchmarks.run --rows 10000 --many 100000`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Measured, best_of, build

RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="the smaller build (default: 10000)")
    parser.add_argument("--many", type=int, default=100_000, help="the larger build (default: 100000)")
    sizes = parser.parse_args()
    start_up()
    judging_beside()
    with tempfile.TemporaryDirectory() as folder:
        few = overhead(sizes.rows, Path(folder))
        many = build(sizes.many, "local", Path(folder))
        scaling("local", few, many)
        growth("local", build(sizes.rows, "local", Path(folder), every=0.2), many)
        few_on_ray = build(sizes.rows, "ray", Path(folder))
        many_on_ray = build(sizes.many, "ray", Path(folder))
        scaling("ray", few_on_ray, many_on_ray)
        growth("ray", build(sizes.rows, "ray", Path(folder), every=0.2), many_on_ray)
        say("ray against local", f"{many.total / many_on_ray.total:.2f}×", f"at {many.rows} rows, target ≥ 1.3×")


def say(what: str, value: str, how: str) -> None:
    print(f"{what:<34} {value:>12}   {how}", flush=True)


def start_up() -> None:
    python = best_of([sys.executable, "-c", "pass"], 10)
    package = best_of([sys.executable, "-c", "import tracemill"], 10)
    say(
        "import tracemill",
        f"{1000 * (package - python):.0f} ms",
        "above a bare interpreter, best of 10; target < 100 ms",
    )
    help_ = best_of([sys.executable, "-m", "tracemill", "--help"], 10)
    say("tracemill --help", f"{1000 * help_:.0f} ms", "whole process, best of 10; target < 500 ms")


def judging_beside() -> None:
    """In a process of its own, where its teacher and verifier are installed."""
    command = [sys.executable, "-m", "benchmarks.judging_beside"]
    seconds, problems = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[:2]
    how = f"{problems} problems, teacher 0.5 s, verifier 0.2 s, 8 judges; target ≤ 4 s"
    say("judging beside asking", f"{float(seconds):.1f} s", how)


def overhead(rows: int, folder: Path) -> Measured:
    """The bare loop and the build, in turns, and the best of each: what else the machine does makes both slower."""
    loops, builds = [], []
    for _ in range(RUNS):
        loops.append(bare(rows))
        builds.append(build(rows, "local", folder))
    few = min(builds, key=lambda one: one.total)
    count, seconds = min(loops, key=lambda one: one[1])
    assert count == few.rows
    added = few.total - seconds
    say("bare loop", f"{1000 * seconds / count:.2f} ms", f"a row, over {count} rows, best of {RUNS}")
    say("what the pipeline adds", f"{1000 * added / count:.2f} ms", f"a row, local, best of {RUNS}; target ≤ 1 ms")
    say("its share of the total", f"{added / few.total:.0%}", "")
    every = ", ".join(f"{1000 * (one.total - loop[1]) / count:.2f}" for one, loop in zip(builds, loops, strict=True))
    say("the same, turn by turn", every, "ms a row")
    return few


def bare(rows: int) -> tuple[int, float]:
    """How many traces, in how many seconds."""
    command = [sys.executable, "-m", "benchmarks.bare", str(rows)]
    count, seconds = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(count), float(seconds)


def scaling(executor: str, few: Measured, many: Measured) -> None:
    say(f"{executor}: a row", f"{1000 * few.per_row:.2f} ms", f"at {few.rows} rows: {phases(few)}")
    say(f"{executor}: a row", f"{1000 * many.per_row:.2f} ms", f"at {many.rows} rows: {phases(many)}")
    say(f"{executor}: time per row, ratio", f"{many.per_row / few.per_row:.2f}", "target ≤ 1.15")


def growth(executor: str, few: Measured, many: Measured) -> None:
    grown = (many.peak - few.peak) / (many.rows - few.rows)
    peaks = f"{few.peak / 2**20:.0f} MB to {many.peak / 2**20:.0f} MB (PSS of the process tree); target ≤ 1500 B"
    say(f"{executor}: memory, each row more", f"{grown:.0f} B", peaks)


def phases(measured: Measured) -> str:
    return ", ".join(f"{phase} {seconds:g} s" for phase, seconds in measured.seconds.items())


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    main()
