"""What the processes of a run do, seen from outside through /proc, and the end of all that a user has."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import NamedTuple

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Observed(NamedTuple):
    """Of all processes together: CPU seconds (those of children that were waited for included), resident bytes, how
    many threads there are, and whether one of them wants to run; so has a run that has no process yet."""

    cpu_seconds: float
    memory_bytes: int
    threads: int
    busy: bool


def children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        queue += children(one)
    return found


def look(pids: list[int]) -> Observed:
    cpu, memory, threads, states = 0.0, 0, 0, ""
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        states += fields[0]
        cpu += sum(map(int, fields[11:15])) / _TICK
        threads += int(fields[17])
        memory += int(fields[21]) * _PAGE
        if fields[0] not in "RZX" and int(fields[17]) > 1:
            states += _thread_states(pid)
    # A process whose child was vforked waits in D until the child executes something or ends.
    busy = not states or "R" in states or ("D" in states and not set(states) & set("ST"))
    return Observed(cpu, memory, threads, busy)


def proportional(pids: list[int]) -> int:
    """Resident bytes of all, each page divided among those that share it; costs more than `look`. Of a process that
    does not let this user see its pages, which any may choose, all count."""
    return sum(_share(pid) for pid in pids)


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except PermissionError:
        return look([pid]).memory_bytes
    except OSError:  # it is gone
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def end_user(uid: int) -> None:
    """Kills every process of a user at once, those below this one in process namespaces of their own included; one that
    forks in between does not get away. This process must be root."""
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _thread_states(pid: int) -> str:
    states = ""
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            states += (task / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    return states
