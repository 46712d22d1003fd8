"""What a call pays for its tokens, and the counters of GPUs."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from tracemill.asking.energy import CallEnergy, EnergyReading, EnergyReadings, NvmlCounters, TokenPrice


def test_a_call_pays_what_tokens_cost_between_the_readings_within_it() -> None:
    readings = EnergyReadings()
    readings.take(EnergyReading(100, 1, 0))  # the GPUs were idle until here
    began = readings.coming
    readings.take(EnergyReading(500, 5, 40))
    readings.take(EnergyReading(700, 6, 140))
    readings.take(EnergyReading(900, 7, 240))
    price = readings.since(began)
    assert price == pytest.approx(TokenPrice(2, 0.01, 200))
    assert price.of(50) == pytest.approx(CallEnergy(100, 0.5))


def test_calls_take_together_what_the_replica_took_also_where_one_is_longer() -> None:
    readings = EnergyReadings()
    readings.take(EnergyReading(0, 0, 0))
    short = long = readings.coming
    readings.take(EnergyReading(0, 0, 0))
    made = 0
    for second in range(1, 101):
        made += 200 if second <= 20 else 100  # two calls, then one
        readings.take(EnergyReading(300 * second, 2 * second, made))
        if second == 20:
            first = readings.since(short)
    second_price = readings.since(long)
    assert first is not None and second_price is not None
    assert first.of(2_000) == pytest.approx(CallEnergy(3_000, 20))
    assert second_price.of(10_000) == pytest.approx(CallEnergy(27_000, 180))


def test_time_without_a_token_costs_nobody_anything() -> None:
    readings = EnergyReadings()
    began = readings.coming
    for reading in (
        EnergyReading(0, 0, 0),
        EnergyReading(10, 1, 10),
        EnergyReading(900, 9, 10),
        EnergyReading(910, 10, 20),
    ):
        readings.take(reading)
    price = readings.since(began)
    assert price is not None and price.of(20) == pytest.approx(CallEnergy(20, 2))


def test_without_two_readings_within_it_a_call_is_not_measured() -> None:
    readings = EnergyReadings()
    readings.take(EnergyReading(0, 0, 0))
    began = readings.coming
    assert readings.since(began) is None
    readings.take(EnergyReading(10, 1, 10))
    assert readings.since(began) is None
    readings.take(EnergyReading(10, 2, 10))
    assert readings.since(began) is None
    readings.take(EnergyReading(20, 3, 20))
    assert readings.since(began) == pytest.approx(TokenPrice(1, 0.1, 10))


@pytest.mark.parametrize(("made", "measured"), [(0, False), (49, False), (50, True), (1000, True)])
def test_readings_outside_of_which_most_tokens_were_made_say_nothing(made: int, measured: bool) -> None:
    assert (TokenPrice(10, 1, made).of(100) is not None) is measured


@pytest.mark.parametrize(("first", "last"), [(None, 5.0), (5.0, None), (5.0, 3.0)])
def test_a_counter_that_was_not_read_or_began_anew_leaves_the_seconds_alone(first: Any, last: Any) -> None:
    readings = EnergyReadings()
    began = readings.coming
    readings.take(EnergyReading(first, 0, 0))
    readings.take(EnergyReading(last, 4, 10))
    assert readings.since(began) == pytest.approx(TokenPrice(None, 0.4, 10))
    assert TokenPrice(None, 0.4, 10).of(5) == pytest.approx(CallEnergy(None, 2))
    # The calls after it are measured again.
    readings.take(EnergyReading(10, 5, 20))
    later = readings.coming
    readings.take(EnergyReading(20, 6, 30))
    readings.take(EnergyReading(40, 7, 40))
    assert readings.since(later) == pytest.approx(TokenPrice(2, 0.1, 10))


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
