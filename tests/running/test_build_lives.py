"""Lives of a build: the config grows and changes from run to run, and runs die at any write of the store.

Whatever happened on the way, the last run gives the dataset that a fresh build of the last config gives.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import pytest
from tracemill.asking.asking_config import AskingConfig
from tracemill.asking.rollouts import RolloutPlan
from tracemill.running.phases import ask_teachers as traces
from tracemill.store.local_disk import LocalFiles
from tracemill.store.store import Store
from tracemill.verifiers.answer.verifier import AnswerVerifier
from workplace import CURRICULUM, Workplace

WRITES = ("create", "replace", "delete")


class DeadError(BaseException):
    """What a SIGKILL is to this process: from here on the run writes nothing more."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Few rollouts in flight, so that the journal has many segments."""
    monkeypatch.setattr(traces, "RolloutPlan", lambda *plan: RolloutPlan(*plan[:3], AskingConfig(in_flight=3)))


@contextmanager
def dying(write: int) -> Iterator[None]:
    """The run dies at the write after its n-th."""
    writes = count(1)

    def deadly(real):
        def act(*arguments):
            number = next(writes)
            if number > write:
                raise DeadError
            return real(*arguments)

        return act

    with pytest.MonkeyPatch.context() as patched:
        for name in WRITES:
            patched.setattr(LocalFiles, name, deadly(getattr(LocalFiles, name)))
        yield


@dataclass
class Wish:
    """What the next run is asked for."""

    per_task: int = 3
    samples: int = 1
    select: list[str] = field(default_factory=lambda: ["planning.*"])
    views: list[str] = field(default_factory=lambda: ["sft", "process", "rlvr"])
    threshold: float = 0.8
    turned_round: bool = False
    version: int = 1

    def change(self, rng: random.Random) -> None:
        what = rng.randrange(7)
        self.per_task += rng.randint(1, 5) * (what == 0)
        self.samples = min(4, self.samples + (what == 1))
        self.select = ["planning.*", "math.algebra.*"] if what == 2 else self.select
        self.views = rng.sample(["sft", "process", "rlvr"], rng.randint(1, 3)) if what == 3 else self.views
        self.threshold = rng.choice([0.6, 0.8, 0.95]) if what == 4 else self.threshold
        self.turned_round ^= what == 5
        self.version += what == 6

    def build(self, place: Workplace, out: str | None = None) -> int:
        AnswerVerifier.version = str(self.version)
        stages = CURRICULUM["stages"]
        place.curriculum({**CURRICULUM, "stages": stages[::-1] if self.turned_round else stages})
        return place.build(
            f"sources.0.per_task={self.per_task}",
            f"sources.0.select=[{','.join(self.select)}]",
            f"strategy.samples={self.samples}",
            f"views=[{','.join(self.views)}]",
            f"select.dedup.minhash.threshold={self.threshold}",
            out=out,
        )


def dataset(place: Workplace, out: str) -> dict[str, str]:
    """The shards, less the ledger of verdicts: those of older versions of a verifier stay in it."""
    return {path: digest for path, digest in place.shards(out).items() if not path.startswith("verdicts/")}


def verdicts(out: str, version: int) -> set[tuple[str, str]]:
    store = Store(out)
    found = store.scan(store.latest(), "verdicts", ["id", "verifier", "version", "outcome"])
    rows = [row for batch in found for row in batch.to_pylist()]
    return {(row["id"], row["outcome"]) for row in rows if row["verifier"] == "steps" or row["version"] == str(version)}


def live(place: Workplace, rng: random.Random) -> None:
    wish = Wish()
    for _ in range(rng.randint(3, 8)):
        wish.change(rng)
        if rng.random() < 0.8:
            with dying(rng.randint(1, rng.choice([8, 30, 80]))):
                try:
                    assert wish.build(place) == 0
                except DeadError:
                    continue
        else:
            assert wish.build(place) == 0
    assert wish.build(place) == 0
    fresh = place.out + "-fresh"
    assert wish.build(place, fresh) == 0
    assert dataset(place, place.out) == dataset(place, fresh)
    assert verdicts(fresh, wish.version) <= verdicts(place.out, wish.version)


def lives(folder, seeds) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(AnswerVerifier, "version", AnswerVerifier.version)
        for seed in seeds:
            (folder / str(seed)).mkdir()
            live(Workplace(folder / str(seed)), random.Random(seed))


def test_case_55_a_build_that_grew_and_died_and_changed_is_what_a_fresh_one_is(tmp_path):
    """Two lives that go wrong where a key leaves out the stages' order, or an older run's work counts as done."""
    lives(tmp_path, [7, 10])


@pytest.mark.soak
def test_case_55_fifty_lives_of_a_build(tmp_path):
    lives(tmp_path, range(50))
