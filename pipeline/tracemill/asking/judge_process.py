"""A process on this machine that judges: started through `sys.executable`, spoken to over two pipes.

Forking would copy the locks of the threads that Arrow and the event loop have; `multiprocessing` would run the user's
script again. The other end is `serve` in `judge_work.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from tracemill.asking.judge_work import LENGTH, JudgeWork, Named, TraceVerdicts, frame
from tracemill.settings.errors import TroubleError

W = TypeVar("W")
R = TypeVar("R")

_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from tracemill.asking.judge_work import serve; serve()"


class LocalProcess(Generic[W, R]):
    """A `JudgeProcess` on this machine. It ends with this process, whatever ends that."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start_at(cls, place: str, given: object) -> Self:
        """A process that answers batches as `place` (`module:function`) makes it, from what it is `given`.

        Raises:
            TracemillError: it cannot be made ready.
            TroubleError: the process died.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _BOOT, _ROOT),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # An interrupt from the terminal is for this process, which then ends the others.
            start_new_session=True,
        )
        judge = cls(process)
        try:
            await judge._call((sys.path, place, given))
        except BaseException:
            await judge.close()
            raise
        return judge

    async def judge(self, work: Sequence[W]) -> list[R]:
        found: list[R] = await self._call(list(work))
        return found

    async def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _call(self, request: object) -> Any:
        requests, replies = self._process.stdin, self._process.stdout
        assert requests and replies
        try:
            requests.write(frame(request))
            await requests.drain()
            (length,) = LENGTH.unpack(await replies.readexactly(LENGTH.size))
            reply = pickle.loads(await replies.readexactly(length))
        except (ConnectionError, EOFError) as exc:
            status = await self._process.wait()
            how = f"signal {-status}" if status < 0 else f"exit status {status}"
            raise TroubleError(f"the process that judged died ({how})") from exc
        if isinstance(reply, Exception):
            raise reply
        return reply


class LocalJudge(LocalProcess[JudgeWork, TraceVerdicts]):
    """Judges traces."""

    @classmethod
    async def start(cls, named: Named) -> LocalJudge:
        """See `start_at`: the verifiers `named` are made there."""
        return await cls.start_at("tracemill.asking.judge_work:judging", named)
