"""A call's share of what its replica took, and the counters of GPUs."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from tracemill.asking.energy import CallEnergy, EnergyReading, EnergyReadings, NvmlCounters, SharedEnergy


def test_a_call_pays_for_its_share_of_the_tokens_made_between_the_readings_within_it() -> None:
    readings = EnergyReadings()
    readings.take(EnergyReading(100, 1, 0))  # the GPUs were idle until here
    began = readings.coming
    readings.take(EnergyReading(500, 5, 40))
    readings.take(EnergyReading(700, 6, 140))
    readings.take(EnergyReading(900, 7, 240))
    taken = readings.since(began)
    assert taken == SharedEnergy(400, 2, 200)
    assert taken.share(50) == CallEnergy(100, 0.5)


def test_calls_that_are_served_together_take_together_what_the_replica_took() -> None:
    readings = EnergyReadings()
    began = readings.coming
    for step in range(10):
        readings.take(EnergyReading(step * 30, step * 2, step * 50))
    taken = readings.since(began)
    assert taken is not None
    shares = [taken.share(tokens) for tokens in (100, 150, 200)]
    assert sum(share.joules for share in shares if share and share.joules) == pytest.approx(270)
    assert sum(share.gpu_seconds for share in shares if share) == pytest.approx(18)


def test_without_two_readings_within_it_a_call_is_not_measured() -> None:
    readings = EnergyReadings()
    readings.take(EnergyReading(0, 0, 0))
    began = readings.coming
    assert readings.since(began) is None
    readings.take(EnergyReading(10, 1, 10))
    assert readings.since(began) is None
    readings.take(EnergyReading(20, 2, 20))
    assert readings.since(began) == SharedEnergy(10, 1, 10)


@pytest.mark.parametrize(("made", "measured"), [(0, False), (49, False), (50, True), (1000, True)])
def test_readings_outside_of_which_most_tokens_were_made_say_nothing(made: int, measured: bool) -> None:
    assert (SharedEnergy(10, 1, made).share(100) is not None) is measured


@pytest.mark.parametrize(("first", "last"), [(None, 5.0), (5.0, None), (5.0, 3.0)])
def test_a_counter_that_was_not_read_or_began_anew_leaves_the_seconds_alone(first: Any, last: Any) -> None:
    readings = EnergyReadings()
    began = readings.coming
    readings.take(EnergyReading(first, 0, 0))
    readings.take(EnergyReading(last, 4, 10))
    assert readings.since(began) == SharedEnergy(None, 4, 10)
    assert SharedEnergy(None, 4, 10).share(5) == CallEnergy(None, 2)


class FakeNvml(ModuleType):
    """Two GPUs, of which the second has no counter."""

    class NVMLError(Exception):
        pass

    def __init__(self, driver: bool = True) -> None:
        super().__init__("pynvml")
        self.driver = driver
        self.millijoules: dict[Any, int] = {0: 7_000, "GPU-ab": 500}

    def nvmlInit(self) -> None:
        if not self.driver:
            raise self.NVMLError("Driver Not Loaded")

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:
        if index > 1:
            raise self.NVMLError("Invalid Argument")
        return index

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> Any:
        return uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Any) -> int:
        if handle not in self.millijoules:
            raise self.NVMLError("Not Supported")
        return self.millijoules[handle]


def test_the_counters_of_all_gpus_are_added_in_joules(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    counters = NvmlCounters.of(["0", "GPU-ab"])
    assert counters is not None and counters.joules() == 7.5
    nvml.millijoules.pop(0)
    assert counters.joules() is None


@pytest.mark.parametrize("ids", [[], ["1"], ["0", "1"], ["5"]])
def test_gpus_without_a_counter_are_not_measured(ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml())
    assert NvmlCounters.of(ids) is None


def test_without_driver_or_package_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(driver=False))
    assert NvmlCounters.of(["0"]) is None
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert NvmlCounters.of(["0"]) is None
