"""Inside the cage: several runs of one program, each in a fork of a process that has everything ready.

This process runs nothing of the program's itself. After each run it kills whatever the run left behind and looks
whether any file was made, changed or removed: then the cage is not used again, and the remaining runs have another.
Standard library only.
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

_EMPTY = ("/tmp", "/dev/shm")
_MOST_SAID = 1 << 14


def serve_forks(
    job: PackedJob,
    runs: range,
    channel: Channel,
    become: Callable[[PackedJob, int, Channel], NoReturn],
    guard: Guard,
) -> NoReturn:
    """Serves the runs; fewer, where one left something behind. Ends the process. `guard(True)` keeps this process's
    memory from those that it forks, which call `guard(False)` for their own."""
    guard(True)
    files = {file.path: file.content for file in job.files()}
    before = _marks()
    for index in runs:
        theirs, ours = os.pipe2(os.O_CLOEXEC)[::-1]
        child = os.fork()
        if child == 0:
            os.close(ours)
            os.close(channel.descriptor)
            guard(False)
            become(job, index, Channel(theirs, ""))
        os.close(theirs)
        _, status = os.waitpid(child, 0)
        clean = _alone() and _marks() == before and all(_same(path, content) for path, content in files.items())
        channel.send(run=index, status=status, more=clean, **_said(ours))
        os.close(ours)
        if not clean:
            break
        channel.wait()
        for output in (1, 2):
            # Flags of the pipes are shared with the run that ended, which may have set them.
            fcntl.fcntl(output, fcntl.F_SETFL, os.O_WRONLY)
    os._exit(0)


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
