"""User ids of slots: never shared, never waited for, and no slot without one where root could have one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator

import pytest
from tracemill.sandbox.broker import canaries, server, user_ids
from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.jobs import Ended

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root has user ids to give")
NOBODY = 65_534
# The last ones, which no slot of another broker comes to.
FIRST, LAST = 61_180, 61_183


@contextlib.contextmanager
def taken_by_another_user(first: int, last: int) -> Iterator[None]:
    """The names that stand for these ids, bound by a process of nobody's."""
    ready, is_ready = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(NOBODY, NOBODY, NOBODY)
            held = [socket.socket(socket.AF_UNIX) for _ in range(first, last + 1)]
            for uid, made in zip(range(first, last + 1), held, strict=True):
                made.bind(f"\0tracemill-user-{uid}")
            os.write(is_ready, b"x")
            time.sleep(60)
        finally:
            os._exit(1)
    os.close(is_ready)
    try:
        assert os.read(ready, 1) == b"x"
        yield
    finally:
        os.close(ready)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(user_ids, "FIRST", FIRST)
    monkeypatch.setattr(user_ids, "LAST", LAST)


def test_slots_of_two_brokers_never_share_a_user():
    """Where they did, a broker at L1 killed what another one ran: it ends every process of its user."""
    first, second = user_ids.claimed(), user_ids.claimed()
    assert first and second and (first.uid, second.uid) == (FIRST, FIRST + 1)
    first.release()
    again = user_ids.claimed()
    assert again and again.uid == FIRST
    for one in (second, again):
        one.release()


def test_an_id_whose_name_another_user_took_is_left_alone_and_where_all_are_that_is_an_error():
    with taken_by_another_user(FIRST, LAST - 1):
        last = user_ids.claimed()
        assert last and last.uid == LAST
        with pytest.raises(OSError, match=rf"no user id is left .*tracemill-user-{FIRST} to {LAST} are all taken"):
            user_ids.claimed()
        last.release()


def test_where_a_namespace_maps_none_of_them_there_is_none_to_have(monkeypatch):
    monkeypatch.setattr(user_ids, "_ranges", lambda _kind: [(0, 100_000, 1000)])
    assert user_ids.claimed() is None


def test_an_id_is_handed_on_without_any_process_that_has_it():
    claim = user_ids.claimed()
    assert claim
    ready, is_ready = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(claim.uid, claim.uid, claim.uid)
            os.setsid()
            os.write(is_ready, b"x")
            time.sleep(60)
        finally:
            os._exit(1)
    assert os.read(ready, 1) == b"x"
    claim.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_an_id_stays_taken_until_the_keeper_has_ended_what_has_it():
    """Another broker would start a program under it, and the keeper of one that was killed would end that, too."""
    engine, why = server._engine(BrokerSettings.here("L1", slots=1), "L1")
    assert engine, why
    assert canaries._run(engine, b"print(1)").fine
    (slot,) = engine.slots.values()
    assert slot._user.uid == FIRST
    slot._user.claim.close()  # as the kernel does when it ends the broker
    other = user_ids.claimed()
    assert other and other.uid == FIRST + 1
    other.release()
    engine.close()


def test_where_all_are_taken_no_level_is_reached_but_that_which_needs_none():
    with taken_by_another_user(FIRST, LAST):
        engine, level, found = server.engine_of(BrokerSettings.here(slots=1))
        ended = canaries._run(engine, b"print(1)")
        engine.close()
    assert level == "L0" and isinstance(ended, Ended) and ended.fine
    assert {one.level for one in found if "no user id is left" in one.title and not one.held} == {"L3", "L2", "L1"}


def test_a_later_slot_that_gets_none_runs_nothing_and_the_others_go_on():
    settings = BrokerSettings.here("L1", slots=2)
    with taken_by_another_user(FIRST, LAST - 1):
        engine, why = server._engine(settings, "L1")
        assert engine, why
        assert canaries._run(engine, b"import os; print(os.getuid())").stdout == b"%d\n" % LAST
        first = canaries._Result()
        engine.submit(canaries._job(b"import time; time.sleep(2)", b"", first))
        said = canaries._run(engine, b"import os; print(os.getuid())")
        assert "no slot could be made: no user id is left" in said
        while not first.over:
            engine.step(0.1)
        assert first.runs[0].fine
        assert canaries._run(engine, b"print(1)").fine
        engine.close()
