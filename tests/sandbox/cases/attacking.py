"""What the attacks share: how a sandbox is held, what is planted outside of it, what one attack is.

Each attack is harmless where it comes off: it asks and says so, or takes a bounded amount and gives it back. The tests
that leave a defence out run it on this machine.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.cage.cold import bubblewrap
from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.jobs import Ended, Job, JobRun, Level, Limits

LIMITS = Limits(cpu_seconds=0.4, memory_bytes=96 << 20, processes=8, disk_bytes=1 << 20, output_bytes=1 << 16)
WAYS: list[tuple[Level, str]] = [("L3", "warm"), ("L2", "warm"), ("L1", "warm"), ("L3", "cold"), ("L2", "cold")]
NAMES = [f"{level}-{way}" for level, way in WAYS]

Planted = dict[str, str | int]


@dataclass(frozen=True)
class Case:
    """`survived` looks at what became of the run and at what was planted; `out`: the defences without which the attack
    comes off; `fresh` ones are planted for a single attack."""

    name: str
    program: str
    survived: Callable[[Ended, Planted], bool]
    out: tuple[str, ...]
    limits: Limits = field(default_factory=lambda: LIMITS)
    as_root: bool = False
    """Only root can leave its defence out, for it is one against root."""
    not_by: tuple[str, str] | None = None
    """A way in that does not have this defence, and why."""

    def __str__(self) -> str:
        return self.name


def run(sandbox: Sandbox, program: str, stdin: bytes = b"", limits: Limits = LIMITS) -> Ended:
    report = sandbox.run(Job({"main.py": program.encode()}, ("python", "main.py"), (JobRun(stdin),), limits=limits))
    return report.runs[0]


def attack(sandbox: Sandbox, case: Case) -> bool:
    """Runs the attack; whether the sandbox survived it."""
    with planted() as facts:
        ended = run(sandbox, case.program, json.dumps(facts).encode(), case.limits)
        return case.survived(ended, facts)


@cache
def reached(level: Level, way: str) -> Sandbox | str:
    """The sandbox held at just this level in this way, or why this machine cannot."""
    if way == "cold" and not bubblewrap():
        return "there is no bubblewrap: apt-get install bubblewrap"
    os.environ["TRACEMILL_PLANTED"] = "a secret of the machine"
    settings = BrokerSettings.here(level, 1, way)
    sandbox = Sandbox.with_settings(settings)
    hello = sandbox._connections.hello()
    if (hello["level"], hello["way"]) == (level, way):
        return sandbox
    failed = [f"{one['level']}: {one['title']}" for one in hello["canaries"] if not one["held"]]
    told = f"this machine does not reach {level} by {way} slots ({'; '.join(failed)})"
    # Both ways rest on the same of the kernel: where only one of them can be made, the other is broken, not missing.
    assert "no slot could be made" not in told or isinstance(reached(level, "warm"), str), told
    return told


@cache
def without(*defences: str) -> Sandbox:
    """At the highest level of this machine, and these defences left out."""
    os.environ["TRACEMILL_PLANTED"] = "a secret of the machine"
    highest = next(level for level, way in WAYS if way == "warm" and isinstance(reached(level, way), Sandbox))
    return Sandbox.with_settings(BrokerSettings.here(highest, 1).leaving_out(*defences))


@contextmanager
def planted() -> Iterator[Planted]:
    """A readable file and a writable folder of the machine, a process, listeners on loopback and on Unix sockets, and
    a program that has root's rights for whoever executes it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planted-", dir="/var/tmp")))
        folder.chmod(0o777)
        (folder / "secret").write_text("a secret of the machine")
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        name = f"planted-{secrets.token_hex(8)}"
        for address in (f"\0{name}", str(folder / "socket")):
            unix = stack.enter_context(socket.socket(socket.AF_UNIX))
            unix.bind(address)
            unix.listen()
        datagrams = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        datagrams.bind(str(folder / "datagrams"))
        for name_of_socket in ("socket", "datagrams"):
            (folder / name_of_socket).chmod(0o777)
        victim = stack.enter_context(_victim())
        if os.getuid() == 0:
            (folder / "setuid").write_bytes(Path("/bin/sleep").read_bytes())
            (folder / "setuid").chmod(0o4755)
        yield {
            "folder": str(folder),
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "abstract": name,
            "victim": victim,
            "mark": secrets.token_hex(4),
        }


@contextmanager
def _victim() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()
        assert process.stdin
        process.stdin.close()


def in_background(action: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread
