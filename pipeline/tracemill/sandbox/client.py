"""`Sandbox`: runs jobs of untrusted code on this machine."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from tracemill.sandbox.broker.server import HEADER
from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.broker.starting import connected
from tracemill.sandbox.config import SandboxConfig
from tracemill.sandbox.jobs import LEVELS, Ended, Job, JobRun, Level, Report, SandboxTrouble
from tracemill.sandbox.payload import PackedFile, pack
from tracemill.settings.errors import UsageError

_TRIES = 5


class Sandbox:
    """Runs jobs at the level that this machine reaches. May be used from any thread.

    >>> Sandbox(SandboxConfig()).run(Job({"main.py": b"print(1)"}, ("python", "main.py"), (JobRun(),))).runs[0].stdout
    b'1\\n'
    """

    def __init__(self, config: SandboxConfig) -> None:
        settings = BrokerSettings.here(config.highest, config.slots, config.way)
        self._connections = _Connections(settings, config.allow)

    @classmethod
    def with_settings(cls, settings: BrokerSettings) -> Sandbox:
        """For tests and measurements: defences can be left out here."""
        made = cls(SandboxConfig(allow="L0"))
        made._connections = _Connections(settings, "L0")
        return made

    @property
    def level(self) -> Level:
        """How tightly programs are held, as attacks showed when the broker started.

        Raises:
            UsageError: this machine reaches no level that the config allows.
        """
        return _allowed(self._connections.hello(), self._connections.allow)

    @property
    def canaries(self) -> list[dict[str, Any]]:
        """The attacks that were tried when the broker started: `level`, `title`, `held`."""
        found: list[dict[str, Any]] = self._connections.hello()["canaries"]
        return found

    def run(self, job: Job) -> Report:
        """What became of each run of the job. Waits while all slots are busy.

        Raises:
            SandboxTrouble: the sandbox failed, not the program.
            UsageError: this machine reaches no level that the config allows.
        """
        files, prepared, level = self._prepared(job)
        if prepared and not prepared.fine:
            return Report((), prepared, level)
        answer = self._connections.ask(b"r", [_packed(job, files)])
        return Report(tuple(answer.ended), prepared, _lower(level, answer.level))

    def pair(self, first: Job, second: Job) -> tuple[Report, Report]:
        """Two programs that talk, in cages of their own: what became of the one run of each.

        Both run at the same time. Descriptor 3 of each is its end of a pair of stream sockets; when all processes of
        one are gone, the other reads the end of the file. Nothing else leads from one to the other, and descriptors
        cannot be handed on. Limits are of each as ever, but that one is not idle while the other computes. Where both
        are idle, as two are that wait for each other, the one with the lower limit of CPU time ends first, by `wall`.
        Where one cannot be prepared, neither is run.

        Raises:
            ValueError: a job has not just one run, or that is a call.
            SandboxTrouble: the sandbox failed, not the programs.
            UsageError: this machine reaches no level that the config allows.
        """
        if any(len(job.runs) != 1 or job.runs[0].call for job in (first, second)):
            raise ValueError("each of two programs that talk has one run, and that is no call")
        one, prepared, level = self._prepared(first)
        other, prepared_too, level_too = self._prepared(second)
        if any(ended and not ended.fine for ended in (prepared, prepared_too)):
            return Report((), prepared, level), Report((), prepared_too, level_too)
        answer = self._connections.ask(b"2", [_packed(first, one), _packed(second, other)])
        return (
            Report(tuple(answer.ended[:1]), prepared, _lower(level, answer.level)),
            Report(tuple(answer.ended[1:]), prepared_too, _lower(level_too, answer.level)),
        )

    def _prepared(self, job: Job) -> tuple[list[PackedFile], Ended | None, Level]:
        """The files that the job's runs have, what became of preparing them, and at which level."""
        files = [PackedFile(path, content) for path, content in sorted(job.files.items())]
        if not job.prepare:
            return files, None, self.level
        answer = self._connections.ask(b"p", [_packed(job, files)])
        (prepared,) = answer.ended
        merged = {file.path: file for file in (*files, *answer.files)}
        return [merged[path] for path in sorted(merged)], prepared, answer.level

    def close(self) -> None:
        """Lets the broker go; it ends when its last client has."""
        self._connections.close()


def _allowed(hello: dict[str, Any], allow: Level) -> Level:
    """The level that a broker reached.

    Raises:
        UsageError: it is lower than what the config allows.
    """
    level: Level = hello["level"]
    if _lower(level, allow) != allow:
        failed = [canary["title"] for canary in hello["canaries"] if not canary["held"]]
        raise UsageError(
            f"the sandbox reaches {level} on this machine, and the config allows {allow} or better "
            f"(what came off: {', '.join(failed)}); see docs/sandbox.md for what a machine or a container must "
            "allow, or set sandbox.allow=L0 to run code of others with rlimits only"
        )
    return level


def _lower(one: Level, other: Level) -> Level:
    return max(one, other, key=LEVELS.index)


class _Answer(NamedTuple):
    """What became of runs, the files that were left, and how tightly the broker that was asked held them."""

    ended: list[Ended]
    files: list[PackedFile]
    level: Level


class _Connections:
    """One for each thread that waits for a job. A forked process makes its own. A broker that died is followed by
    another one, which may reach another level: what is allowed is asked of each."""

    def __init__(self, settings: BrokerSettings, allow: Level) -> None:
        self._settings, self.allow = settings, allow
        self._hello: dict[str, Any] | None = None
        self._renew()

    def _renew(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._idle: list[_Connection] = []

    def hello(self) -> dict[str, Any]:
        """What the broker said that was connected to last."""
        if self._hello is None:
            self._give_back(self._take())
        assert self._hello
        return self._hello

    def ask(self, order: bytes, payloads: list[int]) -> _Answer:
        """A job is a pure function of its payload: where the broker died, a new one is asked, once."""
        try:
            try:
                return self._asked(order, payloads)
            except (OSError, EOFError):
                return self._asked(order, payloads)
        except (OSError, EOFError) as exc:
            raise SandboxTrouble(f"the sandbox's broker died twice at a job: {exc}") from exc
        finally:
            for payload in payloads:
                os.close(payload)

    def _asked(self, order: bytes, payloads: list[int]) -> _Answer:
        connection = self._take()
        try:
            level = _allowed(connection.hello, self.allow)
            ended, files = connection.ask(order, payloads)
        except (SandboxTrouble, UsageError):
            self._give_back(connection)
            raise
        except BaseException:
            connection.close()
            self._drop_idle()
            raise
        self._give_back(connection)
        return _Answer(ended, files, level)

    def _take(self) -> _Connection:
        if os.getpid() != self._pid:
            self._renew()
        with self._lock:
            if self._idle:
                return self._idle.pop()
        for _ in range(_TRIES - 1):
            # A broker that is ending may still have taken the connection.
            with contextlib.suppress(OSError, EOFError):
                return self._connected()
        return self._connected()

    def _connected(self) -> _Connection:
        connection = _Connection(connected(self._settings))
        self._hello = connection.hello
        return connection

    def _give_back(self, connection: _Connection) -> None:
        with self._lock:
            self._idle.append(connection)

    def _drop_idle(self) -> None:
        """Those of a broker that died are of no use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        self._drop_idle()


class _Connection:
    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()
        self.hello = self._frame()

    def close(self) -> None:
        self._socket.close()

    def ask(self, order: bytes, payloads: list[int]) -> tuple[list[Ended], list[PackedFile]]:
        socket.send_fds(self._socket, [order], payloads)
        ended: list[Ended] = []
        files: list[PackedFile] = []
        for message in self._frames():
            match message:
                case {"ended": fields}:
                    ended.append(_ended(fields))
                case {"file": path, "content": content, "executable": executable}:
                    files.append(PackedFile(path, base64.b64decode(content), executable))
                case {"trouble": text}:
                    raise SandboxTrouble(text)
                case {"done": _}:
                    break
        return ended, files

    def _frames(self) -> Iterator[dict[str, Any]]:
        while True:
            yield self._frame()

    def _frame(self) -> dict[str, Any]:
        (length,) = HEADER.unpack(self._bytes(HEADER.size))
        found: dict[str, Any] = json.loads(self._bytes(length))
        return found

    def _bytes(self, count: int) -> bytes:
        while len(self._buffer) < count:
            data = self._socket.recv(1 << 18)
            if not data:
                raise EOFError("it closed the connection")
            self._buffer += data
        found = bytes(self._buffer[:count])
        del self._buffer[:count]
        return found


def _ended(fields: dict[str, Any]) -> Ended:
    ended = Ended(**fields)
    return replace(ended, stdout=base64.b64decode(fields["stdout"]), stderr=base64.b64decode(fields["stderr"]))


def _packed(job: Job, files: list[PackedFile]) -> int:
    header = {
        "command": job.command,
        "prepare": job.prepare,
        "is_python": job.is_python,
        "limits": asdict(job.limits),
        "calls": _calls(job),
        "until_broken": job.until_broken,
    }
    return pack(files, ((_fields(run), run.stdin) for run in job.runs), header)


def _calls(job: Job) -> list[tuple[int, int]]:
    """First and last number of the runs that are calls, for those that follow one another."""
    found: list[tuple[int, int]] = []
    for index, run in enumerate(job.runs):
        if not run.call:
            continue
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def _fields(run: JobRun) -> dict[str, object]:
    return {"arguments": run.arguments, "call": asdict(run.call) if run.call else None}
