"""Case 52: builds that are killed again and again, at random moments of every phase, come out whole.

The child counts its teacher calls in a file of its own, so that what a kill costs can be seen.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tracemill.running.build import PHASES
from tracemill.store.store import Store
from workplace import CONFIG, Workplace

IN_FLIGHT = 64 * 2
"""Teacher calls of the problems that one worker has under way: their rows are not journaled yet."""

CHILD = """
import os, sys
from tracemill.asking.teachers.symbolic import SymbolicTeacher
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
answer = SymbolicTeacher.answer
async def counted(self, call):
    os.write(log, f"{call.problem.id} {call.sample_index}\\n".encode())
    return await answer(self, call)
SymbolicTeacher.answer = counted
from tracemill.cli.command_line import main
sys.exit(main(sys.argv[2:]))
"""


SIZED = {
    **CONFIG,
    "sources": [{**CONFIG["sources"][0], "per_task": 80}],
    # The audit's hang takes the whole deadline of a comparison: kills are to fall on the other phases, too.
    "verify": {**CONFIG["verify"], "require": [{"kind": "answer", "seconds": 1.0}, "steps"]},
}


def command(place: Workplace, out: str, log: Path) -> list[str]:
    return [sys.executable, "-c", CHILD, str(log), "build", str(place.folder / "config.yaml"), "--out", out]


@dataclass
class Killer:
    """Runs a build in a child and kills it after a random while, until it has killed often enough."""

    place: Workplace
    rng: random.Random
    longest: float
    environment: dict[str, str]
    phases: Counter[str] = field(default_factory=Counter)
    kills: int = 0

    def build(self, out: str, most_kills: int) -> Path:
        """Builds `out` to its end, with up to `most_kills` interruptions; returns the log of teacher calls."""
        log = self.place.folder / f"calls-{self.kills}.txt"
        log.touch()
        for attempt in range(200):
            patience = self.rng.uniform(0.2, self.longest) if attempt < most_kills else 300
            if self._once(out, log, patience) == 0:
                return log
        raise AssertionError("the build never ended")

    def _once(self, out: str, log: Path, patience: float) -> int | None:
        build = command(self.place, out, log)
        child = subprocess.Popen(build, env=self.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            _, errors = child.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            child.communicate()
            self.kills += 1
            self.phases[self._phase(out)] += 1
            return None
        assert child.returncode == 0, errors.decode()
        return child.returncode

    def _phase(self, out: str) -> str:
        """The phase that was cut off: the first without a commit."""
        latest = Store(out).latest()
        finished = latest.keys if latest else {}
        return next((phase.name for phase in PHASES if phase.name not in finished), "manifest")


def check_whole(out: str, place: Workplace, reference: Workplace) -> None:
    """Same ids, nothing lost, nothing twice, every file opens."""
    assert place.shards(out) == reference.shards()
    store, whole = Store(out), Store(reference.out)
    for table in ("problems", "traces", "completions", "verdicts", "selection"):
        ids = [row for batch in store.scan(store.latest(), table, ["id"]) for row in batch.column(0).to_pylist()]
        expected = [row for batch in whole.scan(whole.latest(), table, ["id"]) for row in batch.column(0).to_pylist()]
        assert ids == expected and len(set(ids)) == len(ids)
    for path in Path(out).rglob("*.parquet"):
        pq.read_table(path)
    assert json.loads((Path(out) / "manifest.json").read_text())["commit"] == store.latest().number


def check_calls(log: Path, kills: int) -> None:
    calls = Counter(log.read_text().splitlines())
    repeated = sum(calls.values()) - len(calls)
    assert repeated <= kills * IN_FLIGHT


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The same build, never interrupted."""
    place = Workplace(tmp_path_factory.mktemp("reference"))
    place.config(SIZED)
    began = time.perf_counter()
    subprocess.run(command(place, place.out, place.folder / "calls.txt"), check=True, capture_output=True)
    place.seconds = time.perf_counter() - began
    return place


def killed(workplace, reference, kills: int, per_build: int, seed: int) -> Killer:
    workplace.config(SIZED)
    killer = Killer(workplace, random.Random(seed), 1.3 * reference.seconds, dict(os.environ))
    while killer.kills < kills:
        before = killer.kills
        out = str(workplace.folder / f"out-{before}")
        log = killer.build(out, min(per_build, kills - before))
        check_whole(out, workplace, reference)
        check_calls(log, killer.kills - before)
    return killer


def test_case_52_a_build_that_is_killed_again_and_again_comes_out_whole(workplace, reference):
    assert killed(workplace, reference, kills=2, per_build=2, seed=1).kills == 2


@pytest.mark.soak
def test_case_52_two_hundred_kills_over_every_phase(workplace, reference, capsys):
    killer = killed(workplace, reference, kills=200, per_build=8, seed=2)
    with capsys.disabled():
        print(f"\n{killer.kills} kills: {dict(killer.phases)}")
    assert killer.kills >= 200
    assert {phase.name for phase in PHASES} - set(killer.phases) <= {"screen", "verdicts", "estimates", "selection"}
