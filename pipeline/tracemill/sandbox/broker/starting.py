"""Finds this user's broker on this machine, or starts it. Runs in the client."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import struct
import subprocess
import time
from functools import cache
from pathlib import Path

from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.broker.slot import command
from tracemill.sandbox.jobs import SandboxTrouble

_SECONDS = 60.0
_TRIES_SECONDS = 0.01


def connected(settings: BrokerSettings) -> socket.socket:
    """A connection to the broker that has these settings.

    Raises:
        SandboxTrouble: it could not be started.
    """
    path = _socket_path(settings)
    deadline = time.monotonic() + _SECONDS
    started = 0.0
    while time.monotonic() < deadline:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            if _peer(connection) == os.getuid():
                return connection
        except OSError:
            pass
        connection.close()
        # Of several that start one, the lock lets a single one live; one that went just now is started again.
        if time.monotonic() - started > 1.0:
            _start(settings, path)
            started = time.monotonic()
        time.sleep(_TRIES_SECONDS)
    raise SandboxTrouble(f"the sandbox's broker did not start within {_SECONDS:.0f} seconds (its socket: {path})")


def _peer(connection: socket.socket) -> int:
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", found)[1])


def _start(settings: BrokerSettings, path: str) -> None:
    """Executed, never forked from this process: what is in our memory and our environment stays here."""
    subprocess.run(
        command(settings.interpreter, "broker.server", settings.to_json(), path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("TRACEMILL_BROKER_ERRORS") else subprocess.DEVNULL,
        env=dict(os.environ) if "environment" in settings.without else {},
        cwd="/",
        start_new_session=True,
        check=False,
    )


def _socket_path(settings: BrokerSettings) -> str:
    wanted = f"{_code()}\n{settings.to_json()}"
    return str(_folder() / hashlib.sha256(wanted.encode()).hexdigest()[:16])


@cache
def _code() -> str:
    """A hash of the sandbox's own source: a broker of another version is not ours."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).resolve().parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _folder() -> Path:
    """A folder that only this user can enter."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp", f"tracemill-{os.getuid()}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        folder = Path("/tmp", f"tracemill-{os.getuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SandboxTrouble(f"{folder} is not a folder that this user alone can enter; remove it")
    return folder
