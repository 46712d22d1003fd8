"""Runs a build in a process of its own; measures the time of its phases and the memory of its whole process tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

CONFIG = "benchmarks/builds.yaml"
TASKS = 3
SAMPLES = 2
_PHASE = re.compile(r"^(\w+) +([\d,]+) \w+ in +([\d.]+) s", re.MULTILINE)


@dataclass(frozen=True)
class Measured:
    """`seconds` by phase; `peak` is the largest PSS of the process tree in bytes, shared memory counted once."""

    rows: int
    seconds: dict[str, float]
    peak: int

    @property
    def total(self) -> float:
        """All phases but the audit, which costs the same at every size. Start-up is in no phase."""
        return sum(seconds for phase, seconds in self.seconds.items() if phase != "audit")

    @property
    def per_row(self) -> float:
        return self.total / self.rows


def per_task(rows: int) -> int:
    return rows // (TASKS * SAMPLES)


def build(rows: int, executor: str, folder: Path, every: float = 2) -> Measured:
    """Builds `rows` traces from nothing; looks at the memory `every` so many seconds.

    One look at a Ray cluster takes 30 ms of a core that the build could use, so it must be rare where time is measured;
    a phase of a small build is over within two seconds, so it must be frequent where memory is.
    """
    out = folder / f"{executor}-{rows}"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "tracemill", "build", CONFIG, "--out", str(out)]
    command += ["--set", f"executor.kind={executor}", "--set", f"sources.0.per_task={per_task(rows)}"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    memory = _Memory(child.pid, every)
    memory.start()
    _, log = child.communicate()
    memory.stop()
    if child.returncode:
        raise SystemExit(log)
    seconds = {phase: float(number) for phase, _, number in _PHASE.findall(log)}
    return Measured(2 * TASKS * per_task(rows), seconds, memory.peak)


def run_watched(command: list[str], every: float = 0.1) -> tuple[dict[str, int], dict[str, float]]:
    """Runs a build; the largest PSS of its process tree within each phase, and the seconds of each phase. What comes
    after the last phase counts as `end`."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    memory = _Memory(child.pid, every)
    memory.start()
    peaks, seconds, log = {}, {}, []
    assert child.stderr
    for line in child.stderr:
        log.append(line)
        if found := _PHASE.match(line):
            peaks[found[1]], memory.peak = memory.peak, 0
            seconds[found[1]] = float(found[3])
    child.wait()
    memory.stop()
    if child.returncode:
        raise SystemExit("".join(log))
    return {**peaks, "end": memory.peak}, seconds


class _Memory(threading.Thread):
    """Samples the PSS of a process and all that it started. `peak`: the largest since it was last set to 0."""

    def __init__(self, process: int, every: float) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.every = every
        self.peak = 0
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(self.every):
            self.peak = max(self.peak, sum(pss(process) for process in tree(self.process)))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def tree(root: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def pss(process: int) -> int:
    """The memory of a process in bytes, its part of what it shares included; 0 where there is none."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    match = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def best_of(command: list[str], runs: int) -> float:
    """The shortest of several runs, in seconds."""
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        found.append(time.perf_counter() - began)
    return min(found)
