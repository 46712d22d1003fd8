"""A sandbox with pairs of programs that talk."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.jobs import Ended, Job, Report


class PairingSandbox(Sandbox):
    """Two jobs that talk, in plain processes: for programs of ours, until the sandbox has pairs itself."""

    def pair(self, first: Job, second: Job) -> tuple[Report, Report]:
        ends = socket.socketpair()
        running = [_start(job, end) for job, end in zip((first, second), ends, strict=True)]
        for end in ends:
            end.close()
        reports = [_ended(process, folder) for process, folder in running]
        return reports[0], reports[1]


_ON_THREE = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"


def _start(job: Job, end: socket.socket) -> tuple[subprocess.Popen[bytes], Path]:
    folder = Path(tempfile.mkdtemp(prefix="pairing-"))
    for path, content in job.files.items():
        (folder / path).write_bytes(content)
    descriptor = os.dup(end.fileno())
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_THREE, str(descriptor), *job.command[1:], *job.runs[0].arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(descriptor,),
    )
    os.close(descriptor)
    return process, folder


def _ended(process: subprocess.Popen[bytes], folder: Path) -> Report:
    try:
        out, err = process.communicate(timeout=20)
        how: Any = "exit" if process.returncode >= 0 else "signal"
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        how = "cpu"
    shutil.rmtree(folder)
    return Report((Ended(how, abs(process.returncode), out, err),), None, "L0", "cold")
