"""SIGKILLs: at random moments, and at each named point. Whatever happens, the next run ends with the same build."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import small_build
from small_build import EVERY, TABLES, input_ids, row
from tracemill.store.manifest import read_manifest, verify
from tracemill.store.store import Store

PROGRAM = Path(small_build.__file__)
ROOT = PROGRAM.parents[2]


def start(url: str, log: Path, inputs: int, *points: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROGRAM), url, str(log), str(inputs), *points]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


def assert_whole(url: str, inputs: int) -> None:
    """Every row once, every file whole, nothing left over."""
    store = Store(url)
    commit = store.latest()
    assert commit is not None
    for table in TABLES:
        found = [row for batch in store.scan(commit, table) for row in batch.to_pylist()]
        assert found == sorted((row(table, id) for id in input_ids(inputs)), key=lambda one: one["id"])
    assert verify(store) == []
    assert read_manifest(store) is not None
    listed = {file.path for _, _, file in commit.paths()}
    assert {*store.files.list("parts/"), *store.files.list("dataset/")} == listed
    for path in store.files.list("parts/"):
        with store.files.open_input(path) as file:
            assert pq.ParquetFile(file).read().num_rows > 0
    assert store.files.list("journal/") == []
    assert store.files.list("quarantine/") == []
    if store.files.root is not None:
        assert [path for path in store.files.root.rglob("*") if path.name.startswith(".tmp")] == []


def repeated(log: Path) -> int:
    """How many units of work were done again."""
    return sum(count - 1 for count in Counter(log.read_text().split()).values())


def survive(url: str, log: Path, inputs: int, kills: int, seed: int) -> int:
    """Kill one run after the other at a random moment, mostly after its claim; then finish. Returns how many died."""
    rng = random.Random(seed)
    died = 0
    for _ in range(kills):
        with start(url, log, inputs) as child:
            assert child.stdout is not None
            if rng.random() < 0.8:
                child.stdout.readline()
            time.sleep(rng.random() ** 2 * 0.5)
            child.kill()
            died += child.wait() == -signal.SIGKILL
    small_build.work(url, log, inputs)
    assert died > 0
    assert sorted(set(log.read_text().split())) == sorted(input_ids(inputs))
    assert repeated(log) <= EVERY * died
    assert_whole(url, inputs)
    return died


def test_case_52_a_build_killed_at_random_moments_ends_the_same(tmp_path: Path) -> None:
    survive(str(tmp_path / "build"), tmp_path / "log", inputs=400, kills=8, seed=1)


@pytest.mark.soak
def test_case_52_two_hundred_kills(tmp_path: Path) -> None:
    died = seed = 0
    while died < 200:
        seed += 1
        died += survive(str(tmp_path / f"build{seed}"), tmp_path / f"log{seed}", inputs=400, kills=10, seed=seed)


@pytest.mark.soak
def test_case_52_forty_kills_on_object_storage(s3_url: str, tmp_path: Path) -> None:
    died = seed = 0
    while died < 40:
        seed += 1
        died += survive(f"{s3_url}/{seed}", tmp_path / f"log{seed}", inputs=200, kills=10, seed=seed)


EVERYWHERE = [
    "before:create:runs/0:1",
    "after:create:runs/0:1",
    "after:create:journal/:2",
    "after:create:parts/:2",
    "before:create:commits/:1",
    "after:create:commits/:1",
    "after:create:commits/:2",
    "after:delete:journal/:1",
    "after:create:dataset/:1",
    "after:create:commits/:3",
    "before:create:manifest.json:1",
    "after:create:manifest.json:1",
]
LOCAL = ["half:write:2", "half:write:6", "half:write:9", "before:link:3", "after:link:3"]


@pytest.mark.parametrize("point", EVERYWHERE + LOCAL)
def test_case_53_a_kill_at_each_point_is_made_good_by_the_next_run(tmp_path: Path, point: str) -> None:
    converges(str(tmp_path / "build"), tmp_path / "log", point)


@pytest.mark.parametrize(
    "point",
    [
        "after:create:runs/0:1",
        "after:create:journal/:2",
        "after:create:commits/:1",
        "after:delete:journal/:1",
    ],
)
def test_case_53_on_object_storage(s3_url: str, tmp_path: Path, point: str) -> None:
    converges(s3_url, tmp_path / "log", point)


def converges(url: str, log: Path, point: str) -> None:
    inputs = 3 * EVERY
    log.touch()
    with start(url, log, inputs, point) as child:
        assert child.wait() == -signal.SIGKILL, "the point was not reached"
    small_build.work(url, log, inputs)
    assert repeated(log) <= EVERY
    assert_whole(url, inputs)


def test_case_53_a_kill_while_cleaning_up_after_a_kill(tmp_path: Path) -> None:
    url, log = str(tmp_path / "build"), tmp_path / "log"
    for point in ("after:create:commits/:1", "after:delete:journal/:1", "after:delete:journal/:2"):
        with start(url, log, 3 * EVERY, point) as child:
            assert child.wait() == -signal.SIGKILL, "the point was not reached"
    small_build.work(url, log, 3 * EVERY)
    assert repeated(log) == 0
    assert_whole(url, 3 * EVERY)
