"""Inside the cage: several runs of one program, each in a fork of a process that has everything ready.

This process runs nothing of the program's itself. A program that is executed needs no copy of it, so it is spawned. A
fork gets ready while what the run before it printed is being taken, and starts then. After each run this process kills
whatever that left behind and looks whether any file was made, changed or removed: then the cage is not used again, and
the remaining runs have another. Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from tracemill.sandbox.channel import Channel
from tracemill.sandbox.payload import PackedJob

Guard: TypeAlias = Callable[[bool], None]
Become: TypeAlias = Callable[[PackedJob, int, Channel, Callable[[], None]], NoReturn]
Spawned: TypeAlias = Callable[[PackedJob, int], tuple[int, dict[str, Any]]]

_EMPTY = ("/tmp", "/dev/shm")
_MOST_SAID = 1 << 14


def serve_forks(
    job: PackedJob,
    runs: range,
    channel: Channel,
    become: Become,
    spawned: Spawned,
    guard: Guard,
) -> NoReturn:
    """Serves the runs; fewer, where one left something behind. Ends the process. `guard(True)` keeps this process's
    memory from those that it forks, which call `guard(False)` for their own."""
    guard(True)
    files = {file.path: file.content for file in job.files()}
    before = _marks()
    for descriptor in (channel.descriptor, job.descriptor):
        os.set_inheritable(descriptor, False)
    for index in runs:
        if job.header["is_python"]:
            status, said = _forked(job, index, channel, index > runs[0], become, guard)
        else:
            if index > runs[0]:
                channel.wait()
            status, said = spawned(job, index)
        clean = _alone() and _marks() == before and all(_same(path, content) for path, content in files.items())
        for output in (1, 2):
            # Flags of the pipes are shared with the run that ended, which may have set them.
            fcntl.fcntl(output, fcntl.F_SETFL, os.O_WRONLY)
        channel.send(run=index, status=status, more=clean, **said)
        if not clean:
            break
    channel.wait()
    os._exit(0)


def _forked(
    job: PackedJob, index: int, channel: Channel, later: bool, become: Become, guard: Guard
) -> tuple[int, dict[str, Any]]:
    """How a run in a fork of this process ended, and what it said. `later`: there was a run before it."""
    theirs, ours = os.pipe2(os.O_CLOEXEC)[::-1]
    child = os.fork()
    if child == 0:
        os.close(ours)
        guard(False)

        def start() -> None:
            if later:
                channel.wait()
            os.close(channel.descriptor)

        become(job, index, Channel(theirs, ""), start)
    os.close(theirs)
    _, status = os.waitpid(child, 0)
    said = _said(ours)
    os.close(ours)
    return status, said


def _alone() -> bool:
    """Kills every other process; whether that could be seen to be so."""
    others = {"1", str(os.getpid())}
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    for _ in range(100):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        found = {name for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208
        if found == others:
            return True
        os.sched_yield()
    return False


def _marks() -> dict[str, tuple[int, ...]]:
    """Of everything in the writable folders what tells whether it was touched."""
    found: dict[str, tuple[int, ...]] = {}
    for top in (".", *_EMPTY):
        device = os.lstat(top).st_dev
        for folder, folders, names in os.walk(top):
            # An interpreter that lies in /tmp is another file system's, and read-only.
            folders[:] = [name for name in folders if os.lstat(f"{folder}/{name}").st_dev == device]
            for name in (".", *folders, *names):
                path = f"{folder}/{name}"
                status = os.lstat(path)
                found[path] = (status.st_mode, status.st_ino, status.st_nlink, status.st_size, status.st_mtime_ns)
    return found


def _same(path: str, content: bytes) -> bool:
    # Times are as coarse as some milliseconds: a change may not show in them.
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read(len(content) + 1) == content


def _said(end: int) -> dict[str, Any]:
    """The exception and the limit that the run named before it ended."""
    os.set_blocking(end, False)
    try:
        said = json.loads(os.read(end, _MOST_SAID).split(b"\n")[0])
        return {"raised": said.get("raised"), "limit": said.get("limit")}
    except (BlockingIOError, ValueError, AttributeError):
        return {}
