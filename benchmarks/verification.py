"""What it costs to run a program in the sandbox: against a bare interpreter, against bubblewrap, by tests and by time.

    python -m benchmarks.verification [--jobs 10000] [--repeats 40]

Milliseconds are medians of one run each, taken in turns; ratios are of two such medians. `bare`: `print(1)`; `heavy`:
the same after `import numpy, sympy`. Warm slots and bubblewrap hold the level that is printed first, the bare
interpreter (`python -I`) nothing. At the end `--jobs` jobs go through the slots, and the memory of the broker and all
below it (PSS) is looked at before and after.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from tracemill.sandbox.cage.cold import bubblewrap
from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.config import SandboxConfig
from tracemill.sandbox.jobs import Job, JobCall, JobRun
from tracemill.sandbox.process_tree import descendants, proportional

PROGRAMS = {"bare": "print(1)", "heavy": "import numpy, sympy\nprint(1)"}
FUNCTION = "def f(values):\n    return sorted(values)\n"
READER = "print(sum(map(int, input().split())))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=40)
    chosen = parser.parse_args()
    warm = Sandbox(SandboxConfig())
    cold = Sandbox(SandboxConfig(way="cold")) if bubblewrap() else None
    print(f"warm: {warm.level}; cold: {cold.level if cold else 'no bubblewrap'}; {len(os.sched_getaffinity(0))} CPUs\n")
    against_others(warm, cold, chosen.repeats)
    ten_tests(warm, chosen.repeats)
    by_time(warm)
    over_many_jobs(warm, chosen.jobs)


def against_others(warm: Sandbox, cold: Sandbox | None, repeats: int) -> None:
    for name, program in PROGRAMS.items():
        ways: dict[str, Callable[[], object]] = {
            "python -I": lambda program=program: bare(program),
            "warm": lambda program=program: once(warm, program),
        }
        if cold:
            ways["cold"] = lambda program=program: once(cold, program)
        found = in_turns(ways, repeats)
        for way, milliseconds in found.items():
            print(f"{name:6} {way:10} {milliseconds:8.1f} ms   {milliseconds / found['warm']:6.1f} × warm")
    print()


def ten_tests(warm: Sandbox, repeats: int) -> None:
    call = JobRun(call=JobCall("f", ([3, 1, 2],)))
    jobs = {
        "calls, bare": (FUNCTION, call),
        "calls, heavy": ("import numpy, sympy\n" + FUNCTION, call),
        "stdin, bare": (READER, JobRun(b"1 2 3")),
        "stdin, heavy": ("import numpy, sympy\n" + READER, JobRun(b"1 2 3")),
    }
    for name, (program, run) in jobs.items():
        ways = {str(count): lambda p=program, r=run, n=count: once(warm, p, (r,) * n) for count in (1, 10)}
        found = in_turns(ways, repeats)
        print(
            f"10 tests against 1, {name:12} {found['10']:6.1f} / {found['1']:5.1f} ms = {found['10'] / found['1']:.2f}"
        )
    print()


def by_time(warm: Sandbox) -> None:
    for name, count in (("bare", 400), ("heavy", 200)):
        for threads in (1, 2, 4):
            seconds = in_threads(warm, PROGRAMS[name], count, threads)
            print(f"{name:6} {threads} clients: {count / seconds:6.0f} executions per second")
    print()


def over_many_jobs(warm: Sandbox, jobs: int) -> None:
    in_threads(warm, PROGRAMS["bare"], 200, 4)
    broker = broker_of(warm)
    before = memory(broker)
    seconds = in_threads(warm, PROGRAMS["bare"], jobs, 4)
    after = memory(broker)
    print(f"{jobs} jobs in {seconds:.0f} s; broker and slots {before / 1e6:.1f} MB before, {after / 1e6:.1f} MB after")


def bare(program: str) -> None:
    subprocess.run([sys.executable, "-I", "-c", program], stdout=subprocess.DEVNULL, check=True)


def once(sandbox: Sandbox, program: str, runs: tuple[JobRun, ...] = (JobRun(),)) -> None:
    report = sandbox.run(Job({"main.py": program.encode()}, ("python", "main.py"), runs))
    assert all(ended.fine for ended in report.runs), report


def in_turns(ways: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Medians in milliseconds; the first turn, which starts what is to be warm, is left out."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(repeats + 1):
        for way, action in ways.items():
            start = time.perf_counter()
            action()
            if turn:
                times[way].append((time.perf_counter() - start) * 1000)
    return {way: statistics.median(found) for way, found in times.items()}


def in_threads(sandbox: Sandbox, program: str, count: int, threads: int) -> float:
    """Seconds for `count` jobs from so many threads."""

    def some() -> None:
        for _ in range(count // threads):
            once(sandbox, program)

    once(sandbox, program)
    running = [threading.Thread(target=some) for _ in range(threads)]
    start = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return time.perf_counter() - start


def broker_of(sandbox: Sandbox) -> int:
    connection = sandbox._connections._take()
    try:
        found = connection._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    finally:
        sandbox._connections._give_back(connection)
    return int(struct.unpack("3i", found)[0])


def memory(broker: int) -> int:
    return proportional(descendants(broker))


if __name__ == "__main__":
    main()
