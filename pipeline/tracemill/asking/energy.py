"""Joules of calls: what the GPUs of a replica took while it served them, shared out among them.

The counters of the GPUs are read whenever a call begins or ends, and, where replies are streamed, also as tokens come
in. What was taken since the last reading is shared among the calls that were in flight: in proportion to the completion
tokens that each got in that time; evenly where none got any, as where replies are not streamed. (A server with
continuous batching gives every sequence one token at a time, so that this is nearly the same.) Seconds of GPUs are
shared in the same way. What is taken while no call is in flight is nobody's (`idle_joules`).

What this does not see: a call whose prompt is read while others get tokens pays nothing for it, they do; counters move
about ten times a second, so that of a call shorter than that little can be said; and what the host takes, and cooling.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

READ_SECONDS = 0.1
"""Streamed tokens make the counters be read at most so often: they do not move faster."""


class EnergyCounters(Protocol):
    """The counters of the GPUs that serve a replica."""

    @property
    def gpus(self) -> int: ...

    def joules(self) -> float | None:
        """What all of them have taken since some moment; None where it cannot be read."""


class NvmlCounters:
    """The counters that NVIDIA's GPUs have from Volta on, in the order and by the ids of `nvidia-smi`."""

    def __init__(self, nvml: Any, handles: Sequence[Any]) -> None:
        self._nvml, self._handles = nvml, tuple(handles)
        self.gpus = len(self._handles)

    @classmethod
    def of(cls, ids: Sequence[str]) -> NvmlCounters | None:
        """Of GPUs by index or UUID, as `CUDA_VISIBLE_DEVICES` and Ray name them. None where there is none of them, no
        driver, no package `nvidia-ml-py`, or a GPU without such a counter (older ones, and slices of one)."""
        try:
            import pynvml
        except ModuleNotFoundError:
            return None
        try:
            pynvml.nvmlInit()
            counters = cls(pynvml, [_handle(pynvml, id) for id in ids])
        except pynvml.NVMLError:
            return None
        return counters if ids and counters.joules() is not None else None

    def joules(self) -> float | None:
        try:
            millijoules = [self._nvml.nvmlDeviceGetTotalEnergyConsumption(handle) for handle in self._handles]
        except self._nvml.NVMLError:
            return None
        return float(sum(millijoules)) / 1000


def _handle(nvml: Any, id: str) -> Any:
    return nvml.nvmlDeviceGetHandleByIndex(int(id)) if id.isdecimal() else nvml.nvmlDeviceGetHandleByUUID(id)


class CallEnergy(NamedTuple):
    """What a call took. `joules` is None where a counter could not be read while it was in flight."""

    joules: float | None
    gpu_seconds: float


@dataclass(slots=True)
class _InFlight:
    joules: float | None = 0.0
    gpu_seconds: float = 0.0
    tokens: int = 0
    """Since the last reading."""


class EnergyLedger:
    """Of one replica, kept where all its calls are seen. Either all calls say which tokens they got, or none does.

    Example: `ledger.begin("a")`, `ledger.received("a", 16)` for each piece that comes in, `ledger.end("a").joules`.
    """

    def __init__(self, counters: EnergyCounters, clock: Callable[[], float] = time.monotonic) -> None:
        self.idle_joules = 0.0
        self._counters, self._clock = counters, clock
        self._calls: dict[str, _InFlight] = {}
        self._read, self._at = counters.joules(), clock()

    def begin(self, call: str) -> None:
        self._share()
        self._calls[call] = _InFlight()

    def received(self, call: str, tokens: int) -> None:
        self._calls[call].tokens += tokens
        if self._clock() - self._at >= READ_SECONDS:
            self._share()

    def end(self, call: str) -> CallEnergy:
        self._share()
        found = self._calls.pop(call)
        return CallEnergy(found.joules, found.gpu_seconds)

    def _share(self) -> None:
        now, read = self._clock(), self._counters.joules()
        # A driver that was loaded anew counts from nothing.
        known = read is not None and self._read is not None and read >= self._read
        taken = read - self._read if read is not None and self._read is not None and known else None
        seconds = (now - self._at) * self._counters.gpus
        self._read, self._at = read, now
        if not self._calls:
            self.idle_joules += taken or 0.0
            return
        got = sum(call.tokens for call in self._calls.values())
        for call in self._calls.values():
            share = call.tokens / got if got else 1 / len(self._calls)
            call.gpu_seconds += seconds * share
            call.joules = None if taken is None or call.joules is None else call.joules + taken * share
            call.tokens = 0
