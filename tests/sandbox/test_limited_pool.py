from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forked import exit_status
from tracemill.sandbox.limited import LimitedProcess
from tracemill.sandbox.limited_pool import LimitedPool

TARGETS = """
import os, time

def work(request):
    if request.get("until"):
        while not os.path.exists(request["until"]):
            time.sleep(0.01)
    if request.get("spin"):
        while True:
            pass
    return {"pid": os.getpid()}
"""

Make = Callable[..., LimitedPool]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    (tmp_path / "pool_targets.py").write_text(TARGETS)
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[LimitedPool] = []

    def start(seconds: float = 20.0, size: int = 3, calls: int = 1000) -> LimitedPool:
        made.append(LimitedPool("pool_targets:work", seconds=seconds, memory_bytes=2**30, size=size, calls=calls))
        return made[-1]

    yield start
    for pool in made:
        pool.close()


def calls_at_once(pool: LimitedPool, requests: list[dict[str, object]]) -> list[int]:
    pids: list[int] = []
    threads = [threading.Thread(target=lambda one=one: pids.append(pool.call(one)["pid"])) for one in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return pids


def test_one_thread_alone_uses_one_child(make: Make) -> None:
    pool = make()
    assert len({pool.call({})["pid"] for _ in range(5)}) == 1


def test_threads_share_a_few_children(make: Make) -> None:
    pids = calls_at_once(make(), [{}] * 30)
    assert len(pids) == 30
    assert len(set(pids)) <= 3


def test_a_call_that_takes_long_does_not_hold_up_the_others(make: Make, tmp_path: Path) -> None:
    pool, gate = make(size=2), tmp_path / "gate"
    slow = threading.Thread(target=pool.call, args=({"until": str(gate)},))
    slow.start()
    assert pool.call({})["pid"]
    gate.touch()
    slow.join()


def test_a_child_is_replaced_after_its_calls(make: Make) -> None:
    pool = make(size=1, calls=3)
    pids = [pool.call({})["pid"] for _ in range(9)]
    assert len(set(pids)) == 3
    assert pids[0] == pids[2] != pids[3]


def test_a_call_that_failed_gives_its_place_back(make: Make) -> None:
    pool = make(seconds=0.2, size=1)
    for _ in range(2):
        with pytest.raises(LimitedProcess.Timeout):
            pool.call({"spin": True})
    assert pool.call({})["pid"]


def test_a_process_forked_while_all_children_work_has_a_pool_of_its_own(make: Make, tmp_path: Path) -> None:
    pool, gate = make(size=1), tmp_path / "gate"
    child = pool.call({})["pid"]
    slow = threading.Thread(target=pool.call, args=({"until": str(gate)},))
    slow.start()
    while not pool._idle.empty():
        pass
    pid = os.fork()
    if not pid:
        os._exit(int(pool.call({})["pid"] == child))
    # Before the gate opens: the forked process waits for nobody here.
    assert exit_status(pid) == 0
    gate.touch()
    slow.join()
