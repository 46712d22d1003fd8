"""A job on its way through the engine."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass, field
from typing import Protocol

from tracemill.sandbox.jobs import Ended, Limits
from tracemill.sandbox.payload import PackedFile, PackedJob
from tracemill.sandbox.program import PREPARE


class Sink(Protocol):
    """Who waits for a task."""

    def ended(self, ended: Ended) -> None: ...
    def left(self, files: list[PackedFile]) -> None: ...
    def done(self) -> None: ...
    def trouble(self, text: str) -> None: ...
    def full(self) -> bool:
        """Whether what was given so far has yet to be taken: then no further run is started."""
        ...


@dataclass(eq=False)
class QueuedJob:
    """`due` is the next run; one that something killed is started once more (`again`), and no third time.
    `calls`: first and last number of runs that are calls, one after another. `partner`: the job of the program that
    this one talks to; both are started at the same time."""

    payload: int
    limits: Limits
    first: int
    last: int
    kind: str
    calls: list[tuple[int, int]]
    sink: Sink
    address_space: bool
    until_broken: bool
    due: int = field(init=False)
    again: bool = False
    partner: QueuedJob | None = None

    def __post_init__(self) -> None:
        self.due = self.first

    @classmethod
    def of(cls, payload: int, sink: Sink, preload: tuple[str, ...], *, prepare: bool) -> QueuedJob:
        """The task of a payload as the client packs it. Only its header and the program's own file are read."""
        job = PackedJob(payload)
        header = job.header
        first, last = (PREPARE, PREPARE + 1) if prepare else (0, len(header["runs"]))
        python = header["is_python"] and not prepare
        kind = "preloaded" if python and preload and _imports(job, preload) else "bare"
        calls = [] if prepare else [(start, end) for start, end in header["calls"]]
        # An interpreter or a runtime reserves far more address space than it uses.
        address_space = python or header["command"][0].startswith("./")
        limits = Limits(**header["limits"])
        return cls(payload, limits, first, last, kind, calls, sink, address_space, header["until_broken"])

    def batch_end(self, *, alone: bool) -> int:
        """Up to where runs share a process with the one that is due: calls of functions, or, where the process is alone
        in its namespace (`alone`), runs that it forks."""
        for start, end in self.calls:
            if start <= self.due < end:
                return end
        if not alone:
            return self.due + 1
        return min([start for start, _ in self.calls if start > self.due], default=self.last)

    @property
    def together(self) -> tuple[QueuedJob, ...]:
        return (self, self.partner) if self.partner else (self,)

    @property
    def finished(self) -> bool:
        return self.due >= self.last

    def close(self) -> None:
        os.close(self.payload)


def unexplained(ended: Ended) -> bool:
    """Killed, and by none of ours: by the program itself, or by somebody else, which a second try tells apart."""
    return ended.how == "signal" and ended.status == signal.SIGKILL


def _imports(job: PackedJob, names: tuple[str, ...]) -> bool:
    """Whether a file of the program imports one of these modules. A guess that decides on speed, nothing else: parsing
    the program here would let it choose what the parser does."""
    wanted = re.compile(rb"^[ \t]*(?:import|from)[ \t]+[^#\n]*\b(?:%s)\b" % b"|".join(map(str.encode, names)), re.M)
    return any(wanted.search(file.content, 0, 1 << 20) for file in job.files() if file.path.endswith(".py"))
