"""Runs a command and sees that nothing of it outlives the process that wanted it; a program of its own.

    python -I -S guard.py LIFELINE REPORT -- COMMAND…

LIFELINE is the descriptor of a pipe's end whose other end only that process holds: when it closes, whatever ended the
process, the command and all its descendants are ended. On REPORT stand `pid 123` and, at the end, `exit 1` (or `exit
-9` for a signal). The guard leaves its parent at once (Ray ends the direct children of its workers by SIGKILL, and a
guard that died so could not do its work), and it adopts descendants whose own parents die, so that none gets away.
On systems without /proc only the command's process group is ended.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

POLITE_SECONDS = 5.0
"""Given to the command to end itself; and as long again for what cleans up after the others."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def main() -> None:
    lifeline, report = int(sys.argv[1]), int(sys.argv[2])
    if os.fork():
        os._exit(0)
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    command = _start(sys.argv[sys.argv.index("--") + 1 :], {lifeline, report})
    _say(report, f"pid {command}")
    status = _watch(command, lifeline)
    if status is None:
        _signal(command, signal.SIGTERM)
        status = _ended_within(command, POLITE_SECONDS)
    _end_descendants(command)
    if status is None:
        status = _ended_within(command, POLITE_SECONDS)
    _say(report, f"exit {status if status is None else os.waitstatus_to_exitcode(status)}")


def _start(command: list[str], ours: set[int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setpgid(0, 0)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        for descriptor in ours:
            os.close(descriptor)
        os.execvp(command[0], command)
    except OSError as exc:
        print(f"{command[0]} cannot be started: {exc}", file=sys.stderr, flush=True)
    os._exit(127)


def _watch(command: int, lifeline: int) -> int | None:
    """The command's exit status, or None when its owner is gone."""
    poll = select.poll()
    poll.register(lifeline, select.POLLIN | select.POLLHUP)
    while (status := _reaped(command)) is None:
        if poll.poll(200):
            return None
    return status


def _reaped(command: int) -> int | None:
    """The command's exit status once it has ended; adopted processes that have ended are cleared away as well."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == command:
            found = status


def _ended_within(command: int, seconds: float) -> int | None:
    until = time.monotonic() + seconds
    while (status := _reaped(command)) is None and time.monotonic() < until:
        time.sleep(0.05)
    return status


def _end_descendants(command: int) -> None:
    """The trackers of shared memory come last: left alone by those that they track, they clear it away and end."""
    until = time.monotonic() + POLITE_SECONDS
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(command, signal.SIGKILL)
    while left := descendants(os.getpid()):
        late = time.monotonic() > until
        for pid in left:
            if late or not _is_tracker(pid):
                _signal(pid, signal.SIGKILL)
        if late and time.monotonic() > until + POLITE_SECONDS:
            return
        time.sleep(0.05)
        _reaped(0)


def _is_tracker(pid: int) -> bool:
    try:
        return b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def descendants(of: int) -> set[int]:
    """All living processes below one."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text(errors="replace").rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state != "Z":
            parents[int(path.parent.name)] = int(parent)
    found: set[int] = set()
    level = {of}
    while level := {pid for pid, parent in parents.items() if parent in level} - found:
        found |= level
    return found


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _say(report: int, line: str) -> None:
    with suppress(OSError):  # nobody may listen any more
        os.write(report, f"{line}\n".encode())


def _prctl(option: int, value: int) -> None:
    """Linux only: elsewhere there is no such call."""
    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call is not None:
        call(option, value, 0, 0, 0)


if __name__ == "__main__":
    main()
