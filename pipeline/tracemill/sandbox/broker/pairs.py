"""Two programs that talk: two jobs of one run each, in slots of their own at the same time, linked by a pair of
sockets."""

from __future__ import annotations

import os

from tracemill.sandbox.broker.engine import Engine
from tracemill.sandbox.broker.task import QueuedJob, Sink, unexplained
from tracemill.sandbox.jobs import Ended
from tracemill.sandbox.payload import PackedFile


class LinkedJobs:
    """Gives what became of the first and of the second to who waits for them, once both are over.

    What the sandbox failed at is done once more as a whole, for what one has said the other has heard; what fails twice
    is trouble.
    """

    def __init__(self, engine: Engine, payloads: list[int], sink: Sink) -> None:
        self._engine, self._payloads, self._sink = engine, payloads, sink
        self._again = self._unwanted = False
        self._halves: list[_Half] = []

    def start(self) -> None:
        self._engine.submit(self._made())

    def withdraw(self) -> None:
        """Nobody waits for it any more."""
        self._unwanted = True
        for half in self._halves:
            self._engine.withdraw(half.job)
        self._close()

    def _made(self) -> QueuedJob:
        preload = self._engine.settings.preload
        self._halves = [_Half(self, os.dup(payload), preload) for payload in self._payloads]
        first, second = (half.job for half in self._halves)
        first.partner, second.partner = second, first
        return first

    def over(self) -> None:
        """One of them is."""
        trouble = next((half.failure for half in self._halves if half.failure), None)
        if trouble:
            for half in self._halves:
                if not half.over:
                    self._engine.withdraw(half.job)
        if self._unwanted or not all(half.over for half in self._halves):
            return
        ended = [half.result for half in self._halves if half.result]
        if not self._again and (trouble or any(map(unexplained, ended))):
            self._again = True
            self._engine.submit_again(self._made())
            return
        self._close()
        if trouble or len(ended) != len(self._halves):
            self._sink.trouble(trouble or "the sandbox lost one of two programs that talk")
            return
        for one in ended:
            self._sink.ended(one)
        self._sink.done()

    def full(self) -> bool:
        return self._sink.full()

    def _close(self) -> None:
        payloads, self._payloads = self._payloads, []
        for payload in payloads:
            os.close(payload)


class _Half:
    """One of the two jobs, and who waits for it."""

    def __init__(self, pair: LinkedJobs, payload: int, preload: tuple[str, ...]) -> None:
        self._pair = pair
        self.result: Ended | None = None
        self.failure: str | None = None
        self.over = False
        self.job = QueuedJob.of(payload, self, preload, prepare=False)
        # What is done again is done with both: not by the engine.
        self.job.again = True

    def ended(self, ended: Ended) -> None:
        self.result = ended

    def left(self, files: list[PackedFile]) -> None:
        """Only a job that prepares leaves files."""

    def done(self) -> None:
        self.over = True
        self._pair.over()

    def trouble(self, text: str) -> None:
        self.failure = text
        self.done()

    def full(self) -> bool:
        return self._pair.full()
