"""What calls take of GPUs: joules, by the energy counters of NVIDIA's GPUs, and seconds of GPUs.

A replica's counters and the tokens that it has made are read every `READ_SECONDS`, whatever the number of its calls
(`EnergyReading`). What it took from one reading to the next, divided by the tokens that it made, is what a token cost
then. A call pays for its own tokens what they cost in the mean of the time between the first reading within it and the
last one: continuous batching gives a call its tokens evenly over its time. Reading a prompt is paid for by the tokens
that were made meanwhile.

What this does not see: calls with less than two readings within them, or longer than twice the tokens made between
those, are not measured. Requests that failed, GPUs that make no token, hosts, and cooling are in no call's share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

READ_SECONDS = 0.5


class NvmlCounters:
    """The counters that NVIDIA's GPUs have from Volta on, in the order and by the ids of `nvidia-smi`."""

    def __init__(self, nvml: Any, handles: Sequence[Any]) -> None:
        self._nvml, self._handles = nvml, tuple(handles)

    @classmethod
    def of(cls, ids: Sequence[str]) -> NvmlCounters | None:
        """Of GPUs by index or UUID, as `CUDA_VISIBLE_DEVICES` and Ray name them. None where there is none of them, no
        driver, no package `nvidia-ml-py`, or a GPU without such a counter (older ones, and slices of one)."""
        if not ids:
            return None
        try:
            import pynvml
        except ModuleNotFoundError:
            return None
        try:
            pynvml.nvmlInit()
            counters = cls(pynvml, [_handle(pynvml, id) for id in ids])
        except pynvml.NVMLError:
            return None
        return counters if counters.joules() is not None else None

    def joules(self) -> float | None:
        try:
            millijoules = [self._nvml.nvmlDeviceGetTotalEnergyConsumption(handle) for handle in self._handles]
        except self._nvml.NVMLError:
            return None
        return float(sum(millijoules)) / 1000


def _handle(nvml: Any, id: str) -> Any:
    return nvml.nvmlDeviceGetHandleByIndex(int(id)) if id.isdecimal() else nvml.nvmlDeviceGetHandleByUUID(id)


class EnergyReading(NamedTuple):
    """What a replica has taken and made since some moment. `joules`: None where a counter cannot be read."""

    joules: float | None
    gpu_seconds: float
    tokens: float


class CallEnergy(NamedTuple):
    """A call's share. `joules`: None where a counter could not be read."""

    joules: float | None
    gpu_seconds: float


class TokenPrice(NamedTuple):
    """What a token cost in the mean of some time, and how many were made in it, for all calls together."""

    joules: float | None
    gpu_seconds: float
    made: float

    def of(self, tokens: int) -> CallEnergy | None:
        """A call with so many completion tokens; None where most of them were made at another time.

        >>> TokenPrice(joules=2.0, gpu_seconds=0.5, made=300.0).of(100)
        CallEnergy(joules=200.0, gpu_seconds=50.0)
        """
        if self.made < tokens / 2:
            return None
        return CallEnergy(None if self.joules is None else self.joules * tokens, self.gpu_seconds * tokens)


class _Sums(NamedTuple):
    """Over the readings so far: prices, each times the time for which it held, and that time, in seconds of GPUs."""

    joules: float = 0.0
    gpu_seconds: float = 0.0
    time: float = 0.0
    made: float = 0.0
    unread: int = 0
    """Prices in joules that are not known."""


@dataclass(slots=True)
class ComingReading:
    """The place of a reading that is not there yet; who begins to wait keeps it."""

    sums: _Sums | None = None


class EnergyReadings:
    """The readings of one replica, as they come in.

    Example: `began = readings.coming` when a call begins, and `readings.since(began)` when it has ended.
    """

    def __init__(self) -> None:
        self.coming = ComingReading()
        self._newest: EnergyReading | None = None
        self._sums = _Sums()

    def take(self, reading: EnergyReading) -> None:
        if self._newest is not None:
            self._sums = _added(self._sums, self._newest, reading)
        self._newest = reading
        self.coming.sums = self._sums
        self.coming = ComingReading()

    def since(self, began: ComingReading) -> TokenPrice | None:
        """Between the first reading from then on and the newest one; None where no token was made between two."""
        first, last = began.sums, self._sums
        if first is None or last.time <= first.time:
            return None
        time = last.time - first.time
        joules = (last.joules - first.joules) / time if last.unread == first.unread else None
        return TokenPrice(joules, (last.gpu_seconds - first.gpu_seconds) / time, last.made - first.made)


def _added(sums: _Sums, last: EnergyReading, now: EnergyReading) -> _Sums:
    made, time = now.tokens - last.tokens, now.gpu_seconds - last.gpu_seconds
    if made <= 0:
        return sums
    taken = _grown(last.joules, now.joules)
    return _Sums(
        sums.joules + (taken or 0.0) / made * time,
        sums.gpu_seconds + time / made * time,
        sums.time + time,
        sums.made + made,
        sums.unread + (taken is None),
    )


def _grown(first: float | None, last: float | None) -> float | None:
    """A driver that was loaded anew counts from nothing."""
    return None if first is None or last is None or last < first else last - first
