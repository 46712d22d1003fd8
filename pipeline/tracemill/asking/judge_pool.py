"""Who judges the traces of a rollout worker: processes beside it, so that no call to a teacher waits for a verdict.

A teacher that is embedded computes in the worker itself; then the worker judges too (`JudgeHere`), for a second process
would have to share its CPU.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, Protocol, TypeVar

from tracemill.asking.judge_work import JudgeWork, Named, TraceVerdicts, judge_all, make_verifiers
from tracemill.claims.claim_checker import Ruling
from tracemill.records import Problem, Trace
from tracemill.records.sizes import held_bytes
from tracemill.settings.errors import NoJudgeError, TracemillError, TroubleError
from tracemill.verifiers.verifier import Verifier

BATCH = 16
BATCH_BYTES = 8 << 20
"""Traces that are judged at once: a batch ends with the one that reaches either bound."""
LIVES = 2
"""Processes that a trace may take with it. The second time it was judged alone, so that it was its own doing."""
LOOKS = 10
"""Looks at the clock within the time that a process has. While this process itself was stopped (Ctrl-Z), one look
passes at most, and the reply that came meanwhile is read at the next."""

T = TypeVar("T")
W = TypeVar("W")
"""What one piece of work is."""
R = TypeVar("R")
"""What comes of it."""
W_contra = TypeVar("W_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class TraceJudges(Protocol):
    """What a rollout worker asks for verdicts."""

    def open(self) -> None:
        """Starts what must be started, within a running event loop. May be called again."""

    async def judge(self, problem: Problem, trace: Trace) -> TraceVerdicts:
        """Raises: PluginError, NoJudgeError: the run must end."""

    async def close(self) -> None: ...


class JudgeHere:
    """The verifiers in this process, one trace after the other, and one in a go of the loop: else all traces of a
    problem would be judged before any row leaves."""

    def __init__(self, named: Named) -> None:
        self.verifiers = make_verifiers(named)
        self._one = asyncio.Semaphore(1)

    def open(self) -> None:
        return None

    async def judge(self, problem: Problem, trace: Trace) -> TraceVerdicts:
        async with self._one:
            await asyncio.sleep(0)
            return judge_all(self.verifiers, [(problem, trace)])[0]

    async def close(self) -> None:
        for verifier in self.verifiers:
            verifier.close()


class JudgeProcess(Protocol[W_contra, R_co]):
    """A process of a pool, on this machine or in the cluster."""

    async def judge(self, work: Sequence[W_contra]) -> Sequence[R_co]:
        """Raises: TroubleError: the process is gone."""

    async def close(self) -> None:
        """Ends the process."""


@dataclass(slots=True)
class _Waiting(Generic[W, R]):
    """Work that waits for its result. `lives`: processes that it may still take with it."""

    work: W
    bytes: int
    result: asyncio.Future[R]
    lives: int = LIVES


class WorkPool(ABC, Generic[W, R]):
    """`size` processes, each started by `start`, take what waits in batches: as much as makes all of them busy.

    A process that dies, or gives no reply for `stuck_seconds`, is replaced. What it was judging is tried again, each
    piece alone; of one that takes the second process with it the result is what `gave_up` says.
    """

    def __init__(
        self, start: Callable[[], Coroutine[Any, Any, JudgeProcess[W, R]]], size: int, stuck_seconds: float
    ) -> None:
        self.start = start
        self.size = size
        self.stuck_seconds = stuck_seconds
        self._waiting: deque[_Waiting[W, R]] = deque()
        self._arrived = asyncio.Condition()
        self._serving: list[asyncio.Task[None]] = []
        self._broken: TracemillError | None = None

    @abstractmethod
    def gave_up(self, work: W, cause: TroubleError) -> R:
        """The result of work over which `LIVES` processes died."""

    def open(self) -> None:
        if not self._serving:
            self._serving = [asyncio.get_running_loop().create_task(self._serve()) for _ in range(self.size)]

    async def do(self, work: W, size: int) -> R:
        """The result of `work`, which holds `size` bytes.

        Raises:
            TracemillError: no process can be started, or what it does has a bug.
        """
        one: _Waiting[W, R] = _Waiting(work, size, asyncio.get_running_loop().create_future())
        await self._add([one])
        return await one.result

    async def close(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._serving = []

    async def _serve(self) -> None:
        """The life of one place in the pool, with one process after the other."""
        process: JudgeProcess[W, R] | None = None
        try:
            while True:
                if process is None:
                    process = await self._in_time(self.start())
                batch = await self._next_batch()
                try:
                    found = await self._in_time(process.judge([one.work for one in batch]))
                except TroubleError as exc:
                    await process.close()
                    process = None
                    await self._again(batch, exc)
                except Exception as exc:  # noqa: BLE001  whoever waits must learn it, whatever it is
                    _fail(batch, _final(exc))
                else:
                    for one, result in zip(batch, found, strict=True):
                        _answer(one, result)
        except Exception as exc:  # noqa: BLE001  no process can be started: whoever waits learns it, now and later
            async with self._arrived:
                self._broken = _final(exc)
                _fail(self._waiting, self._broken)
                self._waiting.clear()
        finally:
            if process is not None:
                await process.close()

    async def _in_time(self, reply: Coroutine[Any, Any, T]) -> T:
        """Raises: TroubleError: the process is stuck."""
        task = asyncio.ensure_future(reply)
        try:
            for _ in range(LOOKS):
                done, _ = await asyncio.wait([task], timeout=self.stuck_seconds / LOOKS)
                if done:
                    return task.result()
        finally:
            # Nothing where it is done. What it holds is given back before this one goes on.
            task.cancel()
            await asyncio.wait([task])
        raise TroubleError(f"the process that judged gave no reply within {self.stuck_seconds:g} s, and was ended")

    async def _add(self, more: Sequence[_Waiting[W, R]]) -> None:
        async with self._arrived:
            if self._broken is not None:
                _fail(more, self._broken)
                return
            self._waiting.extend(more)
            self._arrived.notify(len(more))

    async def _next_batch(self) -> list[_Waiting[W, R]]:
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self._waiting) > 0)
            size = min(BATCH, ceil(len(self._waiting) / self.size))
            batch = [self._waiting.popleft()]
            room = BATCH_BYTES - batch[0].bytes
            while len(batch) < size and room > 0 and batch[0].lives == LIVES == self._waiting[0].lives:
                batch.append(self._waiting.popleft())
                room -= batch[-1].bytes
            return batch

    async def _again(self, batch: Sequence[_Waiting[W, R]], cause: TroubleError) -> None:
        for one in batch:
            one.lives -= 1
            if one.lives == 0:
                _answer(one, self.gave_up(one.work, cause))
        await self._add([one for one in batch if one.lives > 0])


class JudgePool(WorkPool[JudgeWork, TraceVerdicts]):
    """Processes that judge traces by the verifiers `named`. A trace that was given up has outcome `error`."""

    def __init__(
        self,
        start: Callable[[], Coroutine[Any, Any, JudgeProcess[JudgeWork, TraceVerdicts]]],
        size: int,
        named: Named,
        stuck_seconds: float,
    ) -> None:
        super().__init__(start, size, stuck_seconds)
        self.named = named
        self._unable: list[Verifier] | None = None

    async def judge(self, problem: Problem, trace: Trace) -> TraceVerdicts:
        return await self.do((problem, trace), held_bytes(problem) + held_bytes(trace))

    def gave_up(self, work: JudgeWork, cause: TroubleError) -> TraceVerdicts:
        if self._unable is None:
            self._unable = make_verifiers(self.named)
        unable: Any = [_Unable(verifier, cause) for verifier in self._unable]
        return judge_all(unable, [work])[0]

    async def close(self) -> None:
        await super().close()
        for verifier in self._unable or ():
            verifier.close()


class _Unable:
    """A verifier whose process died over the trace: its verdict is `error`."""

    def __init__(self, verifier: Verifier, cause: TroubleError) -> None:
        self._verifier = verifier
        self._cause = cause

    def __getattr__(self, name: str) -> Any:
        return getattr(self._verifier, name)

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        raise self._cause

    def rule_many(self, cases: Sequence[JudgeWork]) -> Sequence[Ruling]:
        raise self._cause


def _answer(one: _Waiting[W, R], result: R) -> None:
    if not one.result.done():
        one.result.set_result(result)


def _fail(waiting: Iterable[_Waiting[W, R]], exc: TracemillError) -> None:
    for one in waiting:
        if not one.result.done():
            one.result.set_exception(exc)


def _final(exc: Exception) -> TracemillError:
    if isinstance(exc, TracemillError):
        return exc
    return NoJudgeError(f"judging failed: {type(exc).__name__}: {exc}; finished rows are kept, run the build again")
