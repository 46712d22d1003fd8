"""The broker's process: its clients, and the level that it says to them.

A client sends one byte (`r`: run, `p`: prepare) with the descriptor of a payload, or `2` with two, for programs that
talk, and reads frames: each a length and as many bytes of JSON. The first frame says the level. A client that goes away
takes its task with it.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from tracemill.sandbox.broker.canaries import AttackOutcome, attacked
from tracemill.sandbox.broker.control_groups import Groups
from tracemill.sandbox.broker.engine import Engine
from tracemill.sandbox.broker.pairs import LinkedJobs
from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.broker.task import QueuedJob
from tracemill.sandbox.jobs import Ended, Level
from tracemill.sandbox.payload import PackedFile

HEADER = struct.Struct(">I")
_FULL = 8 << 20
"""So many bytes that a client has yet to read, and its next run waits."""


def frame(message: dict[str, Any]) -> bytes:
    data = json.dumps(message).encode("ascii")
    return HEADER.pack(len(data)) + data


class Client:
    """One connection, one task at a time; the sink of its task."""

    def __init__(self, engine: Engine, connection: socket.socket, hello: dict[str, Any]) -> None:
        self._engine, self._connection = engine, connection
        self._withdraw: Callable[[], None] | None = None
        self._output = bytearray()
        self.gone = False
        connection.setblocking(False)
        engine.register(connection.fileno(), self._ready)
        self._send(hello)

    def _ready(self, events: int) -> None:
        if events & select.POLLOUT:
            self._flush()
        if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
            self._read()

    def _read(self) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._connection, 1, 2)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data or len(descriptors) != (2 if data == b"2" else 1) or self._withdraw:
            for descriptor in descriptors:
                os.close(descriptor)
            self.close()
            return
        if data == b"2":
            pair = LinkedJobs(self._engine, descriptors, self)
            self._withdraw = pair.withdraw
            pair.start()
            return
        task = QueuedJob.of(descriptors[0], self, self._engine.settings.preload, prepare=data == b"p")
        self._withdraw = lambda: self._engine.withdraw(task)
        self._engine.submit(task)

    def close(self) -> None:
        if self.gone:
            return
        self.gone = True
        self._engine.unregister(self._connection.fileno())
        self._connection.close()
        if self._withdraw:
            self._withdraw()

    def ended(self, ended: Ended) -> None:
        fields = asdict(ended)
        for name in ("stdout", "stderr"):
            fields[name] = base64.b64encode(fields[name]).decode("ascii")
        self._send({"ended": fields})

    def left(self, files: list[PackedFile]) -> None:
        for file in files:
            content = base64.b64encode(file.content).decode("ascii")
            self._send({"file": file.path, "content": content, "executable": file.executable})

    def done(self) -> None:
        self._withdraw = None
        self._send({"done": True})

    def trouble(self, text: str) -> None:
        self._withdraw = None
        self._send({"trouble": text})

    def full(self) -> bool:
        return len(self._output) > _FULL

    def _send(self, message: dict[str, Any]) -> None:
        if not self.gone:
            self._output += frame(message)
            self._flush()

    def _flush(self) -> None:
        try:
            while self._output:
                del self._output[: self._connection.send(self._output[: 1 << 18])]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        wanted = select.POLLIN | (select.POLLOUT if self._output else 0)
        self._engine.register(self._connection.fileno(), self._ready, wanted)


class Server:
    """Accepts clients of this user until there have been none for a while."""

    def __init__(self, engine: Engine, listener: socket.socket, hello: dict[str, Any], idle_seconds: float) -> None:
        self._engine, self._listener, self._hello = engine, listener, hello
        self._idle_seconds = idle_seconds
        self._clients: list[Client] = []
        engine.register(listener.fileno(), lambda _: self._accept())

    def serve(self) -> None:
        last = time.monotonic()
        while time.monotonic() - last < self._idle_seconds:
            self._engine.step(1.0)
            self._clients = [client for client in self._clients if not client.gone]
            if self._clients or self._engine.busy:
                last = time.monotonic()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            if struct.unpack("3i", credentials)[1] != os.getuid():
                connection.close()
                return
            self._clients.append(Client(self._engine, connection, self._hello))


def engine_of(settings: BrokerSettings) -> tuple[Engine, Level, list[AttackOutcome]]:
    """An engine at the first level whose attacks all fail. With defences left out, which only tests do, the level that
    was asked for, whatever holds."""
    canaries: list[AttackOutcome] = []
    without_groups = None
    for level, way in settings.ways():
        if level == without_groups:
            continue
        engine, why = _engine(replace(settings, way=way), level)
        if not engine:
            without_groups = level
        if engine and (settings.without or level == "L0"):
            return engine, level, canaries
        found = attacked(engine, level) if engine else [AttackOutcome(level, f"make a control group: {why}", False)]
        canaries += found
        if engine and all(canary.held for canary in found):
            return engine, level, canaries
        if engine:
            engine.close()
    raise AssertionError("L0 needs nothing")


def _engine(settings: BrokerSettings, level: Level) -> tuple[Engine | None, str]:
    """None, and why, where the level's control groups cannot be made."""
    defences = settings.defences(level)
    try:
        groups = Groups() if "cgroup" in defences else None
    except OSError as exc:
        return None, str(exc)
    return Engine(settings, defences, groups), ""


def main() -> None:
    """`main SETTINGS SOCKET`: holds a lock beside the socket as long as it lives."""
    settings, path = BrokerSettings.of_json(sys.argv[1]), sys.argv[2]
    if os.fork():
        os._exit(0)
    os.setsid()
    lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os._exit(0)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1024)
    engine, level, canaries = engine_of(settings)
    hello = {"level": level, "way": engine.settings.way, "canaries": [asdict(canary) for canary in canaries]}
    try:
        Server(engine, listener, hello, settings.idle_seconds).serve()
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108
        engine.close()
    os._exit(0)
