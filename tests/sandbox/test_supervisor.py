"""Which limit a run is said to have broken, where the sandbox gets to look seldom."""

from __future__ import annotations

import time

import pytest
from tracemill.sandbox.cage.defences import OF_LEVEL
from tracemill.sandbox.jobs import Limits
from tracemill.sandbox.process_tree import Observed
from tracemill.sandbox.supervisor import Supervised

LIMITS = Limits(cpu_seconds=1.0, memory_bytes=1000, processes=4)


@pytest.mark.parametrize(
    ("memory", "threads", "how"), [(1001, 4, "memory"), (1001, 5, "processes"), (1000, 5, "processes"), (1, 1, "wall")]
)
def test_what_is_seen_counts_before_the_time_that_went_by_without_a_look(monkeypatch, memory, threads, how):
    """A machine that is busy lets the sandbox look once, after a minute in which the program slept."""
    watch = Supervised(LIMITS, 0, 1, OF_LEVEL["L2"])
    watch.started(lambda: 0.0)
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    watch.look(Observed(0.0, memory, threads, busy=False))
    watch.close()
    assert watch.broke == how
