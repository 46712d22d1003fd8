"""Outside of the cage: takes what a run prints and returns, as far as its limits, and says how it ended.

Nothing that the program does decides what is taken: pipes are read here, with caps, and what it sends over the channel
counts only where it has the nonce and the number of the run that is due.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from tracemill.sandbox.jobs import Ended, How, Limits, inside, stalled_after
from tracemill.sandbox.payload import PackedFile
from tracemill.sandbox.process_tree import Observed
from tracemill.sandbox.program import PREPARE

IDLE_SECONDS = 1.0
"""What a program may sleep or be stopped beyond its limit of CPU time."""
_READS = 64
_BY_SIGNAL: dict[int, How] = {signal.SIGXCPU: "cpu", signal.SIGXFSZ: "disk"}


class Supervised:
    """One process that serves run `first`, or the calls from `first` to `last`, seen from outside.

    The caller starts the process with `child_ends`, calls `read` when one of `ends` can be read, `look` from time to
    time, kills everything once `broke` says why, and calls `end` when all processes are gone.
    """

    def __init__(self, limits: Limits, first: int, last: int, defences: frozenset[str]) -> None:
        self.limits, self.first, self.last = limits, first, last
        self._has = defences
        self.nonce = secrets.token_hex(8)
        self.broke: How | None = None
        self.starved = False
        self.ended: list[Ended] = []
        self.taken = 0
        """How many of them were given on."""
        self.files: list[PackedFile] = []
        self.partner: Supervised | None = None
        """The program that it talks to: waiting for one that computes is not idleness."""
        self.active = True
        """Whether it wanted to run when it was last looked at, or has not begun."""
        self._gone = False
        self._out, out = os.pipe2(os.O_CLOEXEC)
        self._err, err = os.pipe2(os.O_CLOEXEC)
        ours, theirs = socket.socketpair()
        self._channel = ours.detach()
        self.child_ends = (out, err, theirs.detach())
        self.ends = {self._out, self._err, self._channel}
        for end in self.ends:
            os.set_blocking(end, False)
        self._lines = bytearray()
        self._heard = 0
        self._said: dict[str, Any] = {}
        self._began = self._last_look = time.monotonic()
        self._cpu_before = self._cpu_seen = self._used = self._idle = 0.0
        self._cpu_now: Callable[[], float] = lambda: 0.0
        self._text = {self._out: bytearray(), self._err: bytearray()}
        self._cut = False

    def started(self, cpu_now: Callable[[], float]) -> None:
        """The process has its ends; ours would keep the pipes open. `cpu_now` gives the CPU seconds used so far."""
        for end in self.child_ends:
            os.close(end)
        self._cpu_now = cpu_now
        self._began = self._last_look = time.monotonic()

    def read(self, end: int) -> None:
        if end == self._channel:
            self._read_channel()
        elif end in self.ends:
            self._read_text(end)

    def _read_text(self, end: int) -> None:
        text, most = self._text[end], self.limits.output_bytes
        # A program that writes as fast as this reads must not keep it: the rest is read the next time.
        for _ in range(_READS):
            try:
                data = os.read(end, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                self._close(end)
                return
            if len(text) + len(data) > most and "output" in self._has:
                self.broke, self._cut = self.broke or "output", True
                text += data[: most - len(text)]
                return
            text += data

    def _read_channel(self) -> None:
        for _ in range(_READS):
            try:
                data = os.read(self._channel, 1 << 18)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._close(self._channel)
                return
            self._lines += data
            self._heard += len(data)
            if self._heard > self._longest:
                self.broke = self.broke or "output"
                return
            *lines, rest = self._lines.split(b"\n")
            self._lines = rest
            for line in lines:
                self._take(line)

    @property
    def _longest(self) -> int:
        return 65536 + 2 * (self.limits.disk_bytes if self.first == PREPARE else self.limits.output_bytes)

    def _take(self, line: bytearray) -> None:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(said, dict) or said.get("nonce") != self.nonce or self.broke:
            return
        if "file" in said and self.first == PREPARE:
            self._take_file(said)
        elif said.get("run") == self.due and self.due < self.last:
            for end in (self._out, self._err):
                if end in self.ends:
                    self._read_text(end)
            if self.broke:
                return
            self._said = said
            status = said.get("status", 0)
            self._close_run(status if isinstance(status, int) else 0, self._cpu_now())
            if said.get("more") is False:
                self.last = self.due
            with contextlib.suppress(OSError):
                os.write(self._channel, b"\n")
        elif "raised" in said and "run" not in said:
            self._said = said

    def _take_file(self, said: dict[str, Any]) -> None:
        path, content = said["file"], said.get("content")
        if not isinstance(path, str) or not isinstance(content, str) or not inside(path):
            return
        with contextlib.suppress(binascii.Error, ValueError):
            data = base64.b64decode(content, validate=True)
            if sum(len(file.content) for file in self.files) + len(data) <= self.limits.disk_bytes:
                self.files.append(PackedFile(path, data, said.get("executable") is True))

    @property
    def due(self) -> int:
        """The number of the run that goes on now."""
        return self.first + len(self.ended)

    def look(self, seen: Observed) -> None:
        """Compares what the processes do with the limits; `broke` or `starved` then says that they must end."""
        now = time.monotonic()
        passed, self._used = now - self._last_look, max(0.0, seen.cpu_seconds - self._cpu_seen)
        self._last_look, self._cpu_seen = now, seen.cpu_seconds
        beside = self.partner if self.partner and not self.partner._gone else None
        self.active = seen.busy or self._used + (beside._used if beside else 0.0) >= passed / 2
        if not self.active and not (beside and (beside.active or beside.broke)):
            self._idle += passed
        if self.broke:
            return
        # What is there now first: it is so however long ago the last look was. Many processes take memory, too.
        if seen.threads > self.limits.processes and "watch" in self._has:
            self.broke = "processes"
        elif seen.memory_bytes > self.limits.memory_bytes and "watch" in self._has:
            self.broke = "memory"
        elif seen.cpu_seconds - self._cpu_before > self.limits.cpu_seconds and "cpu" in self._has:
            self.broke = "cpu"
        elif self._idle > self.limits.cpu_seconds + IDLE_SECONDS and "wall" in self._has:
            self.broke = "wall"
        elif now - self._began > stalled_after(self.limits.cpu_seconds + (beside.limits.cpu_seconds if beside else 0)):
            self.starved = True

    def end(self, status: int, cpu_seconds: float, broke: How | None) -> None:
        """All processes are gone; `status` is the main one's as `wait` gives it, `broke` a limit that the kernel
        counted as broken."""
        self._gone = True
        self.broke = broke or self.broke
        for end in sorted(self.ends, key=lambda one: one == self._channel):
            self.read(end)
        for end in list(self.ends):
            self._close(end)
        if self.due < self.last:
            self._close_run(status, cpu_seconds)

    def close(self) -> None:
        """Nobody wants to know any more."""
        self._gone = True
        for end in list(self.ends):
            self._close(end)

    def _close_run(self, status: int, cpu_seconds: float) -> None:
        how, number = self._how(status)
        now = time.monotonic()
        self.ended.append(
            Ended(
                how,
                number,
                bytes(self._text[self._out]),
                bytes(self._text[self._err]),
                self._cut,
                self._said.get("value"),
                _as_text(self._said.get("raised")),
                max(0.0, cpu_seconds - self._cpu_before),
                now - self._began,
            )
        )
        for text in self._text.values():
            text.clear()
        self._said, self._idle, self._cut, self._heard = {}, 0.0, False, 0
        self._cpu_before, self._began = cpu_seconds, now

    def _how(self, status: int) -> tuple[How, int]:
        limit = self._said.get("limit")
        if self.broke:
            return self.broke, 0
        if limit in ("memory", "disk", "output") and (status or "run" in self._said):
            return limit, 0
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return _BY_SIGNAL.get(number, "signal"), number
        return "exit", os.waitstatus_to_exitcode(status)

    def _close(self, end: int) -> None:
        self.ends.discard(end)
        os.close(end)


def _as_text(raised: object) -> str | None:
    return raised if isinstance(raised, str) else None
