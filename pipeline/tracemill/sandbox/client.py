"""`Sandbox`: runs jobs of untrusted code on this machine."""

from __future__ import annotations

import os
from dataclasses import asdict
from functools import cached_property

from tracemill.sandbox.cold import bubblewrap, ended_runs, run_cold
from tracemill.sandbox.config import SandboxConfig
from tracemill.sandbox.jobs import LEVELS, Ended, Job, Level, Report, Run
from tracemill.sandbox.payload import File, pack
from tracemill.sandbox.program import PREPARE
from tracemill.settings.errors import UsageError


class Sandbox:
    """Runs jobs at the level that this machine reaches. May be used from any thread.

    >>> Sandbox(SandboxConfig()).run(Job({"main.py": b"print(1)"}, ("python", "main.py"), (Run(),))).runs[0].stdout
    b'1\\n'
    """

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config

    @cached_property
    def level(self) -> Level:
        """How tightly programs are held.

        Raises:
            UsageError: this machine reaches no level that the config allows.
        """
        level: Level = "L2" if bubblewrap() else "L0"
        if LEVELS.index(level) > LEVELS.index(self.config.allow):
            raise UsageError(
                f"the sandbox reaches {level} on this machine, and the config allows {self.config.allow} or better; "
                "install bubblewrap (apt-get install bubblewrap), or set sandbox.allow=L0 to run code with rlimits only"
            )
        return level

    def run(self, job: Job) -> Report:
        """What became of each run of the job. Waits while all slots are busy.

        Raises:
            SandboxTrouble: the sandbox failed, not the program.
            UsageError: this machine reaches no level that the config allows.
        """
        caged = self.level != "L0"
        files = [File(path, content) for path, content in sorted(job.files.items())]
        prepared: Ended | None = None
        if job.prepare:
            payload = packed(job, files)
            try:
                watch = run_cold(payload, job.limits, PREPARE, PREPARE + 1, caged=caged)
            finally:
                os.close(payload)
            prepared = watch.ended[0]
            if not prepared.fine:
                return Report((), prepared, self.level, "cold")
            made = {file.path: file for file in (*files, *watch.files)}
            files = [made[path] for path in sorted(made)]
        payload = packed(job, files)
        try:
            runs = ended_runs(payload, job.limits, len(job.runs), lambda first: batch_end(job, first), caged=caged)
        finally:
            os.close(payload)
        return Report(tuple(runs), prepared, self.level, "cold")


def batch_end(job: Job, first: int) -> int:
    """Calls that follow one another share a process; any other run has its own."""
    last = first
    while last < len(job.runs) and job.runs[last].call:
        last += 1
    return max(last, first + 1)


def packed(job: Job, files: list[File]) -> int:
    header = {
        "command": job.command,
        "prepare": job.prepare,
        "is_python": job.is_python,
        "limits": asdict(job.limits),
    }
    return pack(files, ((_fields(run), run.stdin) for run in job.runs), header)


def _fields(run: Run) -> dict[str, object]:
    return {"arguments": run.arguments, "call": asdict(run.call) if run.call else None}
