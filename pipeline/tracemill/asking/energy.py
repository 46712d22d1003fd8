"""What calls take of GPUs: joules, by the energy counters of NVIDIA's GPUs, and seconds of GPUs.

A replica's counters and the tokens that it has made are read every `READ_SECONDS`, whatever the number of its calls
(`EnergyReading`). Between the first reading within a call and the last one the replica took so many joules and made so
many tokens, for all its calls; the call's share is that of its own tokens. So every token of that time costs the same,
and reading a prompt is paid for by the tokens that were made meanwhile.

What this does not see: calls with less than two readings within them, or that made most of their tokens outside of
those, are not measured. Requests that failed, GPUs without a call in flight, hosts, and cooling are in no call's share.
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
    """What a replica has taken and made since it started. `joules`: None where a counter cannot be read."""

    joules: float | None
    gpu_seconds: float
    tokens: float


class CallEnergy(NamedTuple):
    """A call's share. `joules`: None where a counter could not be read."""

    joules: float | None
    gpu_seconds: float


class SharedEnergy(NamedTuple):
    """What a replica took and made between two readings."""

    joules: float | None
    gpu_seconds: float
    tokens: float

    def share(self, tokens: int) -> CallEnergy | None:
        """Of a call with so many completion tokens; None where most of them were made at another time.

        >>> SharedEnergy(joules=600.0, gpu_seconds=4.0, tokens=300.0).share(100)
        CallEnergy(joules=200.0, gpu_seconds=1.3333333333333333)
        """
        if self.tokens <= 0 or self.tokens < tokens / 2:
            return None
        part = tokens / self.tokens
        return CallEnergy(None if self.joules is None else self.joules * part, self.gpu_seconds * part)


@dataclass(slots=True)
class ComingReading:
    """The place of a reading that is not there yet; who begins to wait keeps it."""

    reading: EnergyReading | None = None


class EnergyReadings:
    """The readings of one replica, as they come in.

    Example: `began = readings.coming` when a call begins, and `readings.since(began)` when it has ended.
    """

    def __init__(self) -> None:
        self.coming = ComingReading()
        self._newest: EnergyReading | None = None

    def take(self, reading: EnergyReading) -> None:
        self.coming.reading = self._newest = reading
        self.coming = ComingReading()

    def since(self, began: ComingReading) -> SharedEnergy | None:
        """Between the first reading from then on and the newest one; None where those are not two."""
        first, last = began.reading, self._newest
        if first is None or last is None or first is last:
            return None
        return SharedEnergy(
            _grown(first.joules, last.joules), last.gpu_seconds - first.gpu_seconds, last.tokens - first.tokens
        )


def _grown(first: float | None, last: float | None) -> float | None:
    """A driver that was loaded anew counts from nothing."""
    return None if first is None or last is None or last < first else last - first
