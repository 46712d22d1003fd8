"""A process on this machine that judges: started through `sys.executable`, spoken to over two pipes.

Forking would copy the locks of the threads that Arrow and the event loop have; `multiprocessing` would run the user's
script again. Frames are a length and a pickle: both ends are ours, and of one version.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import select
import signal
import struct
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from tracemill.asking.judge_pool import Named, Verdicts, Work, judge_all, make_verifiers
from tracemill.settings.errors import NoJudgeError, TracemillError, TroubleError

_LENGTH = struct.Struct(">Q")
_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from tracemill.asking.judge_process import serve; serve()"


class LocalJudge:
    """A `JudgeProcess` on this machine. It ends with this process, whatever ends that."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, named: Named) -> LocalJudge:
        """Raises: TracemillError: a verifier cannot be made. TroubleError: the process died."""
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
            await judge._call((sys.path, named))
        except BaseException:
            await judge.close()
            raise
        return judge

    async def judge(self, work: Sequence[Work]) -> list[Verdicts]:
        found: list[Verdicts] = await self._call(list(work))
        return found

    async def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _call(self, request: object) -> Any:
        requests, replies = self._process.stdin, self._process.stdout
        assert requests and replies
        try:
            requests.write(_frame(request))
            await requests.drain()
            (length,) = _LENGTH.unpack(await replies.readexactly(_LENGTH.size))
            reply = pickle.loads(await replies.readexactly(length))
        except (ConnectionError, EOFError) as exc:
            status = await self._process.wait()
            how = f"signal {-status}" if status < 0 else f"exit status {status}"
            raise TroubleError(f"the process that judged died ({how})") from exc
        if isinstance(reply, Exception):
            raise reply
        return reply


def _frame(message: object) -> bytes:
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


def serve() -> None:
    """The child: makes the verifiers, then answers each batch, until nobody can send any more."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a verifier prints or reads must not reach the protocol.
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    threading.Thread(target=_end_with_parent, args=(requests.fileno(),), daemon=True).start()
    sys.path[:], named = _receive(requests)
    try:
        verifiers = make_verifiers(named)
    except TracemillError as exc:
        _send(replies, exc)
        return
    _send(replies, None)
    while True:
        work = _receive(requests)
        try:
            reply: object = judge_all(verifiers, work)
        except TracemillError as exc:
            reply = exc
        except Exception as exc:  # noqa: BLE001  not every exception can be pickled
            reply = NoJudgeError(f"judging failed: {type(exc).__name__}: {exc}")
        _send(replies, reply)


def _send(replies: BinaryIO, message: object) -> None:
    replies.write(_frame(message))
    replies.flush()


def _receive(requests: BinaryIO) -> Any:
    header = requests.read(_LENGTH.size)
    while len(header) < _LENGTH.size:
        signal.pause()  # the parent is gone: the thread that waits for that ends this process
    return pickle.loads(requests.read(_LENGTH.unpack(header)[0]))


def _end_with_parent(requests: int) -> NoReturn:
    """Also in the middle of a long computation. Processes that verifiers started end with this one in the same way."""
    poll = select.poll()
    poll.register(requests, 0)
    poll.poll()
    os._exit(0)
