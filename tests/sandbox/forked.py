"""What became of a process that a test forked."""

from __future__ import annotations

import os
import signal
import time


def exit_status(pid: int, seconds: float = 60.0) -> int | None:
    """The exit status of a process that this one forked; None where it hangs, and then it is killed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None
