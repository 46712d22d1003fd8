"""The attacks at the start, which show what holds on this machine: a level counts only when all of its hold."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tracemill.sandbox.broker.engine import Engine
from tracemill.sandbox.broker.task import QueuedJob
from tracemill.sandbox.jobs import Ended, Level, Limits
from tracemill.sandbox.payload import PackedFile, pack

MARKER = "TRACEMILL_CANARY"
# The programs below sleep far longer than these let them: what ends them is a limit, however busy the machine is.
_SMALL = Limits(cpu_seconds=5.0, memory_bytes=64 << 20, processes=8, disk_bytes=1 << 20, output_bytes=1 << 16)
_MEMORY = b"""
import os, time
for _ in range(4):
    if os.fork() == 0:
        break
block = bytearray(os.urandom(1 << 20) * 20)
time.sleep(99)
"""
_PROCESSES = b"""
import os, time
for _ in range(100):
    if os.fork() == 0:
        time.sleep(99)
        os._exit(0)
time.sleep(99)
"""
_FILES = b"""
name, written = input(), 0
for folder in (".", "/tmp", "/dev/shm"):
    try:
        for number in range(20):
            with open(f"{folder}/{name}-{number}", "xb") as file:
                written += file.write(bytes(1 << 19))
    except OSError:
        continue
print(written)
"""
_DAEMON = b"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        time.sleep(99)
    os._exit(0)
os.wait()
print("left one")
"""


@dataclass(frozen=True)
class AttackOutcome:
    """One attack: `held` if the sandbox withstood it."""

    level: Level
    title: str
    held: bool


@dataclass
class _Result:
    runs: list[Ended] = field(default_factory=list)
    failure: str | None = None
    over: bool = False

    def ended(self, ended: Ended) -> None:
        self.runs.append(ended)

    def left(self, files: list[PackedFile]) -> None:
        pass

    def done(self) -> None:
        self.over = True

    def trouble(self, text: str) -> None:
        self.failure, self.over = text, True

    def full(self) -> bool:
        return False


def attacked(engine: Engine, level: Level) -> list[AttackOutcome]:
    """What came of each attack. An engine that runs nothing has withstood none: one canary that says why."""
    found: list[AttackOutcome] = []
    with _planted() as facts:
        attacks = Path(__file__).with_name("attacks.py").read_bytes()
        ended = _run(engine, attacks, json.dumps(facts).encode())
        if not isinstance(ended, Ended) or not ended.fine:
            return [AttackOutcome(level, f"run a program: {ended}", False)]
        came_off = json.loads(ended.stdout)
        came_off["write to a folder of the machine"] |= Path(facts[0] + ".written").exists()
        found += [AttackOutcome(level, title, not done) for title, done in came_off.items()]
    ended = _run(engine, _MEMORY)
    found.append(AttackOutcome(level, "use up memory", isinstance(ended, Ended) and ended.how == "memory"))
    ended = _run(engine, _PROCESSES)
    # Where no group counts them, a limit of the user's refuses the call, and the program ends by that.
    refused = isinstance(ended, Ended) and (ended.how == "processes" or "BlockingIOError" in str(ended.raised))
    found.append(AttackOutcome(level, "use up processes", refused))
    found.append(AttackOutcome(level, "fill writable folders", _bounds_files(engine)))
    ended = _run(engine, _DAEMON)
    left = isinstance(ended, Ended) and ended.fine and ended.stdout == b"left one\n"
    gone = not any(slot.processes() for slot in engine.slots.values())
    found.append(AttackOutcome(level, "leave a daemon", left and gone))
    return found


def _bounds_files(engine: Engine) -> bool:
    """Whether the folders that a program may write to are bounded, and none of them is the machine's."""
    name = f"canary-{secrets.token_hex(8)}"
    ended = _run(engine, _FILES, name.encode())
    outside = [path for folder in ("/tmp", "/dev/shm") for path in Path(folder).glob(f"{name}-*")]
    for path in outside:
        path.unlink()
    if not isinstance(ended, Ended) or outside:
        return False
    return ended.how == "disk" or (ended.fine and int(ended.stdout) <= 3 << 20)


@contextlib.contextmanager
def _planted() -> Iterator[list[Any]]:
    """A readable file, a listener on loopback, an abstract socket, a process and a word in its environment: what a
    program must not reach."""
    name = f"tracemill-{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory(prefix="canary-", dir="/tmp") as folder, contextlib.ExitStack() as stack:
        Path(folder).chmod(0o777)
        planted = Path(folder, "planted")
        planted.write_text("host")
        planted.chmod(0o644)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0{name}")
        abstract.listen()
        os.environ[MARKER] = MARKER
        stack.callback(os.environ.pop, MARKER)
        yield [str(planted), listener.getsockname()[1], name, os.getpid(), MARKER]


def _job(program: bytes, stdin: bytes, result: _Result) -> QueuedJob:
    header = {
        "command": ["python", "main.py"],
        "prepare": [],
        "is_python": True,
        "limits": asdict(_SMALL),
        "calls": [],
        "until_broken": False,
    }
    payload = pack([PackedFile("main.py", program)], [({"arguments": [], "call": None}, stdin)], header)
    return QueuedJob.of(payload, result, (), prepare=False)


def _run(engine: Engine, program: bytes, stdin: bytes = b"") -> Ended | str:
    result = _Result()
    engine.submit(_job(program, stdin, result))
    # The engine ends a slot that does not start and a program that gets no CPU time: no clock is needed here.
    while not result.over:
        engine.step(0.1)
    return result.runs[0] if result.runs else result.failure or "nothing became of it"
