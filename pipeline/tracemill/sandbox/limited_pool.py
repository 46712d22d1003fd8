"""A few children for one function, shared by threads."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracemill.sandbox.limited import LimitedProcess, renewed_after_fork


@dataclass(slots=True)
class _Member:
    process: LimitedProcess
    calls: int = 0


class LimitedPool:
    """Calls `target` as `LimitedProcess` does, in up to `size` children; more calls than that wait.

    A child starts when a call finds no other idle, so that one thread alone uses one child, and is replaced after
    `calls` calls: what it gathers in memory must not change what a later call gives. May be called from any thread; a
    forked process starts children of its own.
    """

    def __init__(self, target: str, *, seconds: float, memory_bytes: int, size: int, calls: int = 1000) -> None:
        self._calls = calls
        self._members = [
            _Member(LimitedProcess(target, seconds=seconds, memory_bytes=memory_bytes)) for _ in range(size)
        ]
        self.renew()
        renewed_after_fork(self)

    def renew(self) -> None:
        """For a forked process: members that were at work belong to threads that are not here."""
        # The one that was given back last is taken first: it has a child already.
        self._idle: queue.LifoQueue[_Member] = queue.LifoQueue()
        for member in self._members:
            self._idle.put(member)

    def call(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """See `LimitedProcess.call`."""
        member = self._idle.get()
        try:
            member.calls += 1
            return member.process.call(request)
        finally:
            if member.calls >= self._calls:
                member.process.close()
                member.calls = 0
            self._idle.put(member)

    def close(self) -> None:
        """Ends the children. A later call starts new ones."""
        for member in self._members:
            member.process.close()
