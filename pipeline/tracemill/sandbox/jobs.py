"""What is run in the sandbox, within which limits, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from tracemill.sandbox.transfer import Json
from tracemill.settings.errors import TroubleError

Level: TypeAlias = Literal["L3", "L2", "L1", "L0"]
How: TypeAlias = Literal["exit", "signal", "cpu", "wall", "memory", "output", "disk", "processes"]

LEVELS: tuple[Level, ...] = ("L3", "L2", "L1", "L0")
"""From the tightest on; docs/sandbox.md says what each holds."""
MAX_RUNS = 10_000


class SandboxTrouble(TroubleError):
    """The sandbox failed, not the program: its broker died, it was killed from outside, or the machine gave the program
    no CPU time. The outcome is `error`, and a resume tries again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one run, all of its processes together."""

    cpu_seconds: float = 10.0
    memory_bytes: int = 1 << 30
    processes: int = 32
    """Processes and threads."""
    disk_bytes: int = 64 << 20
    """Of the working directory, and as much again of /tmp and of /dev/shm."""
    output_bytes: int = 1 << 20
    """Of standard output, as much of standard error, and as much of each value that a call returns."""


@dataclass(frozen=True, slots=True)
class JobCall:
    """Python only: the file is executed as a module, then its function is called. Arguments are encoded values
    (`tracemill.sandbox.transfer`), and so is what comes back.

    Calls that follow one another in a job share a process as long as it lives: the module is executed once, and what a
    call leaves in its globals the next one sees. Each has fresh arguments and its own limit of CPU time.
    """

    function: str
    arguments: tuple[Json, ...] = ()
    keywords: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobRun:
    """One execution of the job's command, in a process and over files of its own."""

    stdin: bytes = b""
    arguments: tuple[str, ...] = ()
    call: JobCall | None = None

    def __post_init__(self) -> None:
        if any("\0" in argument for argument in self.arguments):
            raise ValueError("an argument of a run contains NUL, which no command line can carry")


@dataclass(frozen=True, slots=True)
class Job:
    """A program and the runs of it. The same job gives the same report, as far as the program is deterministic.

    `files`: relative path to contents, in the working directory, which each run has afresh.
    `command`: `("python", "main.py")` runs in an interpreter that is warm already; anything else is executed:
    `("./a.out",)`, `("node", "main.js")`.
    `prepare`: runs once before, `("g++", "-O2", "main.cpp", "-o", "a.out")`; the files that it leaves, each run has.
    If it does not end with status 0, nothing is run.
    `until_broken`: after a run that breaks a limit no other is started, and the report ends with that one. A program
    that hangs costs one deadline then.

    >>> Job({"main.py": b"print(input())"}, ("python", "main.py"), (JobRun(b"1"), JobRun(b"2")))
    """

    files: Mapping[str, bytes]
    command: tuple[str, ...]
    runs: tuple[JobRun, ...]
    prepare: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    until_broken: bool = False

    def __post_init__(self) -> None:
        for path in self.files:
            if not inside(path):
                raise ValueError(f"the path {path!r} of a job is not one below its working directory")
        if not self.command or any("\0" in word for word in (*self.command, *self.prepare)):
            raise ValueError(f"{self.command!r} is no command")
        if any(run.call for run in self.runs) and not self.is_python:
            raise ValueError(f"only a Python file has functions to call, not {self.command!r}")
        if len(self.runs) > MAX_RUNS:
            raise ValueError(f"{len(self.runs)} runs in one job; the most is {MAX_RUNS}")

    @property
    def is_python(self) -> bool:
        return self.command[0] == "python" and len(self.command) > 1 and not self.command[1].startswith("-")


def inside(path: str) -> bool:
    """Whether a path names something below the folder that it is relative to, in the one way to write it."""
    parts = PurePosixPath(path).parts
    return bool(parts) and "\0" not in path and ".." not in parts and "/".join(parts) == path and len(path) < 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a run.

    `how`: `exit` with its status, `signal` with its number, or the limit that it broke: `cpu`; `wall`, where it slept
    or was stopped; `memory`; `output`; `disk`; `processes`.
    `stdout`, `stderr`: as far as the limit; `cut` says that there was more.
    `value`: what the call returned, encoded; None where none came back (a call that returned None gives
    `{"none": null}`). `raised`: the exception that nothing caught, `"ValueError: no such thing"`.
    """

    how: How
    status: int
    stdout: bytes = b""
    stderr: bytes = b""
    cut: bool = False
    value: Json | None = None
    raised: str | None = None
    cpu_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def broke_limit(self) -> bool:
        return self.how not in ("exit", "signal")

    @property
    def fine(self) -> bool:
        """It ended by itself with status 0, and nothing was raised."""
        return self.how == "exit" and self.status == 0 and self.raised is None


@dataclass(frozen=True, slots=True)
class Report:
    """`runs` in the order of the job's; empty if `prepared` did not end well, fewer with `until_broken`."""

    runs: tuple[Ended, ...]
    prepared: Ended | None
    level: Level
    """The lowest that any part of it was held at."""

    @property
    def isolation(self) -> str:
        """As it stands in verdicts: `sandbox L3`."""
        return f"sandbox {self.level}"


def stalled_after(cpu_seconds: float) -> float:
    """After how many seconds a program that wants to run and has CPU time left counts as starved, which is trouble: on
    a machine that gives it a twentieth of a core it still ends by its CPU time."""
    return 30.0 + 20.0 * cpu_seconds
