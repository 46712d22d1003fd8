"""The attacks at the start: that each can come off, and that none does because a machine is busy."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest
from attacking import reached
from tracemill.sandbox.broker import canaries, server
from tracemill.sandbox.broker.engine import Engine
from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.jobs import Ended

SETTINGS = BrokerSettings.here(slots=1)


def outcomes(engine: Engine) -> dict[str, bool]:
    """Title of each attack, and whether it was withstood."""
    try:
        return {one.title: one.held for one in canaries.attacked(engine, "L0")}
    finally:
        engine.close()


@pytest.mark.skipif(os.getuid() != 0, reason="some attacks come off for root alone")
def test_where_nothing_holds_every_attack_comes_off(monkeypatch):
    monkeypatch.setattr(canaries, "_SMALL", replace(canaries._SMALL, cpu_seconds=0.5))
    settings = SETTINGS.leaving_out("rlimits", "environment", "descriptors", "watch")
    held = {title for title, fine in outcomes(Engine(settings, settings.defences("L0"), None)).items() if fine}
    # In the user namespace that it made before it can no longer become root; what it leaves is still killed.
    assert held == {"become root", "leave a daemon"}


def test_a_daemon_that_is_left_is_seen(monkeypatch):
    for other in ("_MEMORY", "_PROCESSES", "_FILES"):
        monkeypatch.setattr(canaries, other, b"print(0)")
    settings = SETTINGS.leaving_out("tree")
    assert not outcomes(Engine(settings, settings.defences("L0"), None))["leave a daemon"]


def test_what_did_not_run_to_its_end_shows_nothing(monkeypatch):
    """A program that could not even try has not been withstood."""
    for name in ("_MEMORY", "_PROCESSES", "_FILES", "_DAEMON"):
        monkeypatch.setattr(canaries, name, b"import sys; sys.exit(1)")
    settings = SETTINGS.leaving_out("rlimits")
    found = outcomes(Engine(settings, settings.defences("L0"), None))
    titles = ("use up memory", "use up processes", "fill writable folders", "leave a daemon")
    assert [found[title] for title in titles] == [False] * 4


class _Seldom(Engine):
    """Gets to look three times a second, as on a machine that is busy with other things."""

    def step(self, seconds: float) -> None:
        time.sleep(0.3)
        super().step(seconds)


def test_the_slow_way_holds_where_the_sandbox_looks_seldom(monkeypatch):
    if isinstance(missing := reached("L2", "cold"), str):
        pytest.skip(missing)
    monkeypatch.setattr(server, "Engine", _Seldom)
    engine, why = server._engine(replace(SETTINGS, way="cold"), "L2")
    assert engine, why
    found = outcomes(engine)
    assert [title for title, held in found.items() if not held] == []


def test_an_attack_may_take_as_long_as_the_machine_needs(monkeypatch):
    class Slow:
        """Minutes go by at each step; at the fifth the program has ended."""

        def submit(self, task):
            self.task, self.steps = task, 0

        def step(self, seconds):
            self.steps += 1
            clock[0] += 120.0
            if self.steps == 5:
                self.task.close()
                self.task.sink.ended(Ended("memory", 0))
                self.task.sink.done()

    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    assert canaries._run(Slow(), b"") == Ended("memory", 0)
