"""Nothing that a replica started outlives it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from servers.stand_in_fleet import alive
from tracemill.asking.teachers.vllm.guarded_process import GuardedProcess

DESCENDANTS = """
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
# An orphan: its own parent ends at once.
orphan = subprocess.run(["sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & echo $!"], capture_output=True, text=True)
print(os.getpid(), child.pid, orphan.stdout.strip(), flush=True)
time.sleep(600)
"""
"""A command that has a child in a session of its own and an orphan in another."""
OWNER = """
import asyncio, os, sys
from pathlib import Path
from tracemill.asking.teachers.vllm.guarded_process import GuardedProcess

async def main():
    GuardedProcess([sys.executable, "-c", sys.argv[2]], os.environ, Path(sys.argv[1]))
    await asyncio.sleep(600)

asyncio.run(main())
"""


def gone(pids: list[int]) -> bool:
    """Whether they all end; waits for the guard's whole patience, and more on a busy machine."""
    until = time.monotonic() + 60
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(alive, pids))


def started(log: Path) -> list[int]:
    """The processes of `DESCENDANTS`, when they are there."""
    until = time.monotonic() + 60
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < until, "the command did not start"
        time.sleep(0.05)
    pids = [int(one) for one in log.read_text().split()]
    assert len(pids) == 3 and all(map(alive, pids))
    return pids


@asynccontextmanager
async def guarded(log: Path, *command: str) -> AsyncIterator[GuardedProcess]:
    process = GuardedProcess(command, os.environ, log)
    try:
        yield process
    finally:
        await process.end()


def test_a_command_that_ends_gives_its_status_and_its_words(tmp_path):
    async def main() -> None:
        script = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"
        async with guarded(tmp_path / "log", sys.executable, "-c", script) as process:
            assert await process.wait() == 3
            assert sorted(process.tail(5).split()) == ["one", "two"]

    asyncio.run(main())


def test_a_command_that_cannot_be_started_says_so(tmp_path):
    async def main() -> None:
        async with guarded(tmp_path / "log", "/no/such/python") as process:
            assert await process.wait() == 127
            assert "/no/such/python cannot be started" in process.tail(1)

    asyncio.run(main())


def test_whatever_a_command_started_ends_with_it(tmp_path):
    async def main() -> None:
        async with guarded(tmp_path / "log", sys.executable, "-c", DESCENDANTS) as process:
            pids = await asyncio.to_thread(started, tmp_path / "log")
            os.kill(pids[0], signal.SIGKILL)
            assert await process.wait() == -signal.SIGKILL
            assert gone(pids)

    asyncio.run(main())


def test_ending_it_ends_all_it_started(tmp_path):
    async def main() -> None:
        async with guarded(tmp_path / "log", sys.executable, "-c", DESCENDANTS) as process:
            pids = await asyncio.to_thread(started, tmp_path / "log")
            await process.end()
            assert not any(map(alive, pids))
            assert await process.wait() == -signal.SIGTERM

    asyncio.run(main())


def test_a_command_is_asked_to_end_before_it_is_ended(tmp_path):
    async def main() -> None:
        script = (
            "import signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
            "print('ready', flush=True)\ntime.sleep(600)"
        )
        async with guarded(tmp_path / "log", sys.executable, "-c", script) as process:
            while "ready" not in process.tail(1):
                await asyncio.sleep(0.05)
            await process.end()
            assert await process.wait() == 9

    asyncio.run(main())


def test_nothing_outlives_an_owner_that_is_killed(tmp_path):
    log = tmp_path / "log"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(log), DESCENDANTS])
    pids = started(log)
    owner.kill()
    owner.wait()
    assert gone(pids)


def test_nothing_outlives_an_owner_whose_direct_children_are_killed_first(tmp_path):
    """As Ray does with the children of a worker."""
    log = tmp_path / "log"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(log), DESCENDANTS])
    pids = started(log)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == owner.pid:
            os.kill(int(path.parent.name), signal.SIGKILL)
    owner.kill()
    owner.wait()
    assert gone(pids)


def test_a_command_ends_with_its_guard(tmp_path):
    async def main() -> None:
        async with guarded(tmp_path / "log", sys.executable, "-c", DESCENDANTS) as process:
            pids = await asyncio.to_thread(started, tmp_path / "log")
            guard = int(Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()[1])
            os.kill(guard, signal.SIGKILL)
            assert await process.wait() is None
            assert gone(pids[:1])
            for pid in pids[1:]:
                os.kill(pid, signal.SIGKILL)

    asyncio.run(main())
