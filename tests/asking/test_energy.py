"""What GPUs take is shared out among the calls that they served, all of it and nothing else."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tracemill.asking.energy import CallEnergy, EnergyLedger, NvmlCounters


class Meter:
    """A clock and a counter that tests move."""

    gpus = 2

    def __init__(self) -> None:
        self.now, self.taken = 100.0, 5000.0
        self.readable = True

    def joules(self) -> float | None:
        return self.taken if self.readable else None

    def clock(self) -> float:
        return self.now

    def move(self, seconds: float, joules: float) -> None:
        self.now += seconds
        self.taken += joules


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def ledger(meter: Meter) -> EnergyLedger:
    return EnergyLedger(meter, meter.clock)


def test_one_call_takes_what_the_gpus_took_while_it_was_in_flight(meter: Meter, ledger: EnergyLedger) -> None:
    meter.move(60, 6000)
    ledger.begin("a")
    meter.move(3, 900)
    assert ledger.end("a") == CallEnergy(900, 6)
    assert ledger.idle_joules == 6000


def test_calls_in_flight_share_by_the_tokens_they_got(meter: Meter, ledger: EnergyLedger) -> None:
    ledger.begin("a")
    ledger.begin("b")
    ledger.received("a", 30)
    meter.move(1, 400)
    ledger.received("b", 10)
    # Read by then; what comes now is of another interval.
    meter.move(1, 100)
    ledger.received("b", 5)
    assert ledger.end("a").joules == pytest.approx(300)
    assert ledger.end("b").joules == pytest.approx(200)


def test_without_tokens_they_share_evenly(meter: Meter, ledger: EnergyLedger) -> None:
    ledger.begin("a")
    meter.move(1, 100)
    ledger.begin("b")
    meter.move(2, 100)
    assert ledger.end("b") == CallEnergy(50, 2)
    assert ledger.end("a") == CallEnergy(150, 4)


def test_a_counter_that_cannot_be_read_leaves_calls_unmeasured_and_the_next_ones_not(
    meter: Meter, ledger: EnergyLedger
) -> None:
    ledger.begin("a")
    meter.move(1, 100)
    meter.readable = False
    ledger.begin("b")
    meter.readable = True
    assert ledger.end("a").joules is None and ledger.end("b").joules is None
    ledger.begin("c")
    meter.move(1, 70)
    assert ledger.end("c").joules == 70


def test_a_counter_that_begins_anew_gives_no_negative_energy(meter: Meter, ledger: EnergyLedger) -> None:
    ledger.begin("a")
    meter.taken = 3.0
    assert ledger.end("a").joules is None
    assert ledger.idle_joules == 0


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["begin", "end", "token"]),
            st.integers(0, 5),
            st.sampled_from([0.05, 0.3, 2.0]),
            st.integers(0, 500),
        ),
        max_size=40,
    )
)
def test_no_joule_is_lost_and_none_is_given_twice(events: list[tuple[str, int, float, int]]) -> None:
    meter = Meter()
    ledger = EnergyLedger(meter, meter.clock)
    open_calls: set[str] = set()
    given_out = 0.0
    for what, number, seconds, joules in events:
        meter.move(seconds, joules)
        call = str(number)
        if what == "begin" and call not in open_calls:
            ledger.begin(call)
            open_calls.add(call)
        elif what == "token" and call in open_calls:
            ledger.received(call, number + 1)
        elif what == "end" and call in open_calls:
            open_calls.remove(call)
            given_out += ledger.end(call).joules or 0.0
    given_out += sum(ledger.end(call).joules or 0.0 for call in sorted(open_calls))
    ledger.begin("last")
    assert given_out + ledger.idle_joules == pytest.approx(meter.taken - 5000)


# NVML


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
    assert counters is not None and (counters.gpus, counters.joules()) == (2, 7.5)
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
