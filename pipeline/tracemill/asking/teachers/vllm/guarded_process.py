"""A command that ends with this process, whatever ends this process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tracemill.asking.teachers.vllm import guard

TAIL_BYTES = 16_384


class GuardedProcess:
    """A command under a guard (`guard.py`); both its outputs go to the end of the file `log`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self.pid: int | None = None
        self._status: int | None = None
        lifeline, self._lifeline = os.pipe()
        self._report, report = os.pipe()
        guarded = [sys.executable, "-I", "-S", guard.__file__, str(lifeline), str(report), "--", *command]
        with log.open("ab") as output:
            starter = subprocess.Popen(
                guarded,
                env=dict(environment),
                pass_fds=(lifeline, report),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        os.close(lifeline)
        os.close(report)
        starter.wait()
        self._ended = asyncio.create_task(asyncio.to_thread(self._read_report))

    async def wait(self) -> int | None:
        """The exit status (minus the signal that ended it), when nothing of it is left; None where that is unknown,
        since the guard was killed."""
        return await asyncio.shield(self._ended)

    async def end(self) -> None:
        """Asks it to end, and ends it after a few seconds, with all that it started."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        await self.wait()

    def tail(self, lines: int) -> str:
        """The last lines that it wrote."""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])

    def _read_report(self) -> int | None:
        with os.fdopen(self._report) as report:
            for line in report:
                name, _, value = line.strip().partition(" ")
                if name == "pid":
                    self.pid = int(value)
                elif name == "exit" and value != "None":
                    return int(value)
        if self.pid is not None:
            self._kill_unguarded(self.pid)
        return None

    def _kill_unguarded(self, pid: int) -> None:
        """What a guard would do that was killed: the command itself went with it, its children may be left."""
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
