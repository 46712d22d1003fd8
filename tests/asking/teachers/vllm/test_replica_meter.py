"""Readings of what a replica takes and makes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from tracemill.asking.energy import EnergyReading
from tracemill.asking.teachers.vllm import replica_meter
from tracemill.asking.teachers.vllm.replica_meter import ReplicaMeter

TOKENS = {"generation_tokens_total": 30.0}


class Pages:
    def __init__(self, values: dict[str, float] | None) -> None:
        self.values, self.asked = values, 0

    async def metrics(self) -> dict[str, float] | None:
        self.asked += 1
        return self.values


def peer(joules: float | None) -> Any:
    """The actor of another node."""

    async def answer() -> float | None:
        return joules

    return SimpleNamespace(joules=SimpleNamespace(remote=answer))


def readings(
    pages: Pages, own: float | None, others: Sequence[float | None], count: int = 1
) -> list[EnergyReading | None]:
    """What so many get who ask at once."""
    counters: Any = SimpleNamespace(joules=lambda: own)

    async def main() -> list[EnergyReading | None]:
        meter = ReplicaMeter(pages, counters, [peer(one) for one in others], 4)  # type: ignore[arg-type]
        return await asyncio.gather(*(meter.reading() for _ in range(count)))

    return asyncio.run(main())


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_meter, "READ_SECONDS", 0.0)


def test_the_joules_of_all_nodes_are_added():
    [reading] = readings(Pages(TOKENS), 5.0, [7.0, 8.0])
    assert reading is not None and (reading.joules, reading.tokens) == (20.0, 30.0)


@pytest.mark.parametrize(("own", "others"), [(None, [7.0]), (5.0, [7.0, None])])
def test_one_node_without_a_counter_leaves_the_seconds(own: float | None, others: list[float | None]):
    [reading] = readings(Pages(TOKENS), own, others)
    assert reading is not None and reading.joules is None and reading.gpu_seconds > 0


@pytest.mark.parametrize("values", [None, {"num_requests_running": 1.0}])
def test_a_server_that_does_not_count_its_tokens_gives_no_reading(values: dict[str, float] | None):
    assert readings(Pages(values), 5.0, []) == [None]


def test_all_who_wait_get_one_reading():
    pages = Pages(TOKENS)
    found = readings(pages, 5.0, [], count=50)
    assert pages.asked == 1 and found == [found[0]] * 50
