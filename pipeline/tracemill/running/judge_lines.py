"""Verdicts on anybody's responses, without a build: JSON lines in, a verdict for each out, in their order.

Nothing is kept but the lines that are being judged, so that files and pipes may be of any length.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tracemill.asking.asking_config import JudgingConfig
from tracemill.asking.judge_pool import JudgeHere, JudgePool, TraceJudges
from tracemill.asking.judge_process import LocalJudge
from tracemill.asking.judge_work import Named
from tracemill.records import Payload, Trace, Verdict
from tracemill.settings.errors import UsageError
from tracemill.sources.lines import BadLineError, SourceLine, object_of
from tracemill.verifiers.verifier import Verifier, make_verifier

AT_ONCE = 64
"""Lines that are read ahead, and as many that are being judged: of at most 1 MiB each."""


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A line's verdict, with the trace that was judged; or, where it could not be read, `error`.

    `number`: of the line, from 1. `id`: its field `id`, whatever that is.
    """

    number: int
    id: Any
    verifier: str
    verdict: Verdict | None = None
    trace: Trace | None = None
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """The line out: `id, verifier, version, outcome, strength, reason, steps`; or `id, verifier, line` (its number)
        and `error`."""
        if self.verdict is None or self.trace is None:
            return {"id": self.id, "verifier": self.verifier, "line": self.number, "error": self.error}
        return {
            "id": self.id,
            "verifier": self.verifier,
            "version": self.verdict.version,
            "outcome": self.verdict.outcome,
            "strength": self.verdict.strength,
            "reason": self.verdict.reason,
            "steps": [
                {
                    "step": one.step,
                    "text": self.trace.turns[one.turn].text[one.start : one.end],
                    "outcome": one.outcome,
                    "reason": one.reason,
                }
                for one in self.verdict.steps
            ],
        }


async def judge_lines(
    lines: Iterator[SourceLine], verifier: str, processes: int, put: Callable[[JudgedLine], None]
) -> None:
    """Gives each line's verdict to `put`, in the order of the lines, as soon as it and all before it are there.

    `verifier` judges the lines that name none; `processes` judge at the same time, for each verifier that is named.

    Raises:
        UsageError: the lines cannot be read any further.
        PluginError, NoJudgeError: a verifier has a bug, or cannot be made.
    """
    judges = _Judges(verifier, processes)
    reader = _Reader(lines)
    pending: deque[asyncio.Task[JudgedLine]] = deque()
    reading: asyncio.Task[SourceLine | None] | None = asyncio.create_task(reader.next())
    try:
        while reading or pending:
            if pending and pending[0].done():
                put(pending.popleft().result())
                continue
            ahead = reading if reading and len(pending) < AT_ONCE else None
            waited: list[Any] = [task for task in (ahead, pending[0] if pending else None) if task]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if ahead and ahead.done():
                line = ahead.result()
                reading = asyncio.create_task(reader.next()) if line else None
                if line and (line[1] or line[2]):
                    pending.append(asyncio.create_task(judges.judged(line)))
    finally:
        left = [*pending, *([reading] if reading else [])]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await judges.close()


class _Reader:
    """Lines read ahead in a thread of their own: while one is waited for, verdicts go out. The thread is a daemon, for
    a pipe that gives nothing any more would hold up the end of this process."""

    def __init__(self, lines: Iterator[SourceLine]) -> None:
        self._read: asyncio.Queue[SourceLine | Exception | None] = asyncio.Queue()
        self._free = threading.Semaphore(AT_ONCE)
        threading.Thread(target=self._run, args=(lines, asyncio.get_running_loop()), daemon=True).start()

    async def next(self) -> SourceLine | None:
        """None at the end."""
        line = await self._read.get()
        self._free.release()
        if isinstance(line, Exception):
            raise line
        return line

    def _run(self, lines: Iterator[SourceLine], loop: asyncio.AbstractEventLoop) -> None:
        end: Exception | None = None
        # The loop is closed where nobody waits for lines any more.
        with contextlib.suppress(RuntimeError):
            try:
                for line in lines:
                    self._free.acquire()
                    loop.call_soon_threadsafe(self._read.put_nowait, line)
            except Exception as exc:  # noqa: BLE001  it is raised where the lines are waited for
                end = exc
            loop.call_soon_threadsafe(self._read.put_nowait, end)


@dataclass
class _Served:
    """A verifier that reads lines in this process, and those that judge them."""

    reader: Verifier
    judges: TraceJudges


class _Judges:
    """The verifiers that the lines name, each made when the first line does."""

    def __init__(self, default: str, processes: int) -> None:
        self._default = default
        self._processes = processes
        self._served: dict[str, _Served] = {}

    async def judged(self, line: SourceLine) -> JudgedLine:
        row: Payload = {}
        name = self._default
        try:
            row = object_of(*line[1:])
            name = row.get("verifier") or name
            served = self._serve(name)
            problem, trace = served.reader.case(row)
        except BadLineError as exc:
            return JudgedLine(line[0], None, name, error=f"{exc.reason}: {exc.detail}" if exc.detail else exc.reason)
        except (UsageError, ValueError) as exc:
            return JudgedLine(line[0], row.get("id"), str(name), error=str(exc))
        (verdict,) = await served.judges.judge(problem, trace)
        return JudgedLine(line[0], row.get("id"), name, verdict, trace)

    async def close(self) -> None:
        for served in self._served.values():
            served.reader.close()
            await served.judges.close()

    def _serve(self, name: Any) -> _Served:
        if not isinstance(name, str):
            raise ValueError("the field 'verifier' is not text")
        if name not in self._served:
            served = _Served(make_verifier(name, {}), self._made(name))
            served.judges.open()
            self._served[name] = served
        return self._served[name]

    def _made(self, name: str) -> TraceJudges:
        named: Named = ((name, {}),)
        if self._processes == 1:
            return JudgeHere(named)
        return JudgePool(partial(LocalJudge.start, named), self._processes, named, JudgingConfig().stuck_seconds)
