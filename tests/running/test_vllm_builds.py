"""Builds whose teacher is served by replicas that die in the middle, or with the run: stand-ins for vLLM on Ray."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from servers.stand_in_fleet import STAND_IN, alive, done, helpers, requests, until
from tracemill.asking.asking_config import AskingConfig, JudgingConfig, ServersReserve, worker_counts
from tracemill.running.build_config import read_config
from tracemill.running.executors.capacity import Capacity, refuse_lack
from tracemill.running.phases.ask_teachers import AskTeachers
from tracemill.settings.errors import UsageError
from tracemill.store.store import Store
from workplace import CONFIG, ROOT, Workplace

PROBLEMS, SAMPLES, IN_FLIGHT = 60, 2, 12


def placed(workplace: Workplace, seconds: str = "0.3", problems: int = PROBLEMS, **more: Any) -> None:
    """Writes a config of so many problems with two samples each. A reply takes so many `seconds`."""
    environment = {"PYTHONPATH": STAND_IN, "STAND_IN_LOG": str(workplace.folder / "log"), "STAND_IN_SECONDS": seconds}
    teacher = {"kind": "vllm", "model": "org/tiny", "gpus": 0, "cpus": 0.1, "environment": environment}
    workplace.config(
        {
            **CONFIG,
            "executor": {"kind": "ray"},
            "sources": [{**CONFIG["sources"][0], "select": ["math.algebra.*"], "per_task": problems}],
            "teacher": {**teacher, "python": sys.executable, "replicas": 2, "restarts": 60, **more},
            "strategy": {"kind": "single", "samples": SAMPLES},
            "asking": {"in_flight": IN_FLIGHT, "cpus": 0.1},
            "judging": {"workers": 1, "cpus": 0.1},
            "verify": {**CONFIG["verify"], "require": ["answer"]},
            "views": ["sft"],
            "allow_empty": True,
        }
    )


def begun(workplace: Workplace) -> subprocess.Popen[bytes]:
    """The build, up to its traces, in a process of its own."""
    command = ["build", str(workplace.folder / "config.yaml"), "--out", workplace.out, "--until", "traces"]
    return subprocess.Popen([sys.executable, "-m", "tracemill", *command], cwd=ROOT)


def repeated(folder: Path) -> int:
    """Requests that were made more than once, each time that they were; the one of the check at the start left out."""
    asked = distinct(folder)
    return sum(asked.values()) - len(asked)


def distinct(folder: Path) -> Counter[tuple[str, int]]:
    """How often each request was made."""
    return Counter((question, seed) for _, question, seed in requests(folder) if "OK" not in question)


def unfinished(folder: Path, pid: int) -> int:
    """Replies that a process began and did not finish."""
    return sum(one == pid for one, _, _ in requests(folder)) - done(folder, pid)


def check_whole(workplace: Workplace, problems: int = PROBLEMS) -> None:
    """Every problem has its traces, once, and none of them failed."""
    store = Store(workplace.out)
    parts = store.latest().tables["traces"].parts
    rows = [row for part in parts for row in pq.read_table(f"{workplace.out}/{part.path}").to_pylist()]
    assert Counter(row["error"] for row in rows) == {None: problems * SAMPLES}
    assert {row["finish_reason"] for row in rows} == {"stop"}
    assert set(Counter(row["problem_id"] for row in rows).values()) == {SAMPLES}
    assert len({row["id"] for row in rows}) == problems * SAMPLES


def killed_replicas(workplace: Workplace, kills: int, seconds: str, problems: int = PROBLEMS) -> list[int]:
    """Builds while so many replicas are killed at work, one after the other; the processes that were."""
    placed(workplace, seconds, problems)
    build = begun(workplace)
    folder = workplace.folder
    dead: list[int] = []
    try:
        while len(dead) < kills:
            until(lambda: build.poll() is not None or any(map(alive, set(helpers(folder)) - {*dead})))
            served = Counter(pid for pid, _, _ in requests(folder) if pid not in dead)
            # One that has answered, so that the replica died in the middle of its work.
            victim = next((pid for pid, _ in served.most_common() if alive(pid) and done(folder, pid) > 1), None)
            if build.poll() is not None:
                break
            if victim is not None:
                os.kill(victim, signal.SIGKILL)
                until(lambda pid=victim: not alive(pid))
                dead.append(victim)
        assert build.wait() == 0
    finally:
        build.kill()
    return dead


def check_dead(workplace: Workplace, dead: list[int]) -> None:
    """What the dead had not finished was asked again, no more; nothing that a replica started is left."""
    folder = workplace.folder
    assert repeated(folder) <= sum(unfinished(folder, pid) for pid in dead)
    until(lambda: not any(map(alive, [*helpers(folder), *helpers(folder).values()])))


@pytest.mark.ray
def test_a_build_finishes_every_problem_once_when_replicas_die(workplace):
    dead = killed_replicas(workplace, kills=2, seconds="0.3")
    assert len(dead) == 2, "the build was done before its replicas had died so often"
    check_whole(workplace)
    check_dead(workplace, dead)


@pytest.mark.ray
@pytest.mark.soak
def test_a_build_finishes_every_problem_once_when_replicas_die_twenty_times(workplace, capsys):
    dead = killed_replicas(workplace, kills=20, seconds="2", problems=200)
    assert len(dead) == 20, "the build was done before its replicas had died so often"
    check_whole(workplace, 200)
    check_dead(workplace, dead)
    with capsys.disabled():
        print(f"\n20 kills: {repeated(workplace.folder)} requests were made again, of {200 * SAMPLES}")


@pytest.mark.ray
def test_a_killed_build_leaves_no_server_and_goes_on_with_what_was_not_answered_and_then_needs_none(workplace):
    placed(workplace, seconds="0.8")
    folder = workplace.folder
    build = begun(workplace)
    until(lambda: journaled(workplace) > IN_FLIGHT)
    build.kill()
    build.wait()
    first = [*helpers(folder), *helpers(folder).values()]
    until(lambda: not any(map(alive, first)))
    kept, made = journaled(workplace), len(distinct(folder))
    assert begun(workplace).wait() == 0
    check_whole(workplace)
    # Beside what was lost, requests in flight may have moved from the replica that ended first to the other one.
    assert made - kept <= repeated(folder) <= made - kept + IN_FLIGHT
    assert begun(workplace).wait() == 0
    assert len(helpers(folder)) == 4


def journaled(workplace: Workplace) -> int:
    """Completions that a kill does not take away."""
    paths = sorted(Path(workplace.out).glob("journal/traces/*.arrow"))
    return sum(pl.read_ipc(path).get_column("completions").list.len().sum() for path in paths)


def test_the_local_executor_refuses_a_teacher_that_ray_must_serve(workplace, capsys):
    placed(workplace)
    assert workplace.build("executor.kind=local") == 2
    assert "set it to ray, which runs on this machine too" in capsys.readouterr().err


@pytest.mark.ray
def test_a_model_folder_that_is_not_there_is_refused_before_anything_is_written(workplace, capsys):
    placed(workplace, model="./no/such/model")
    assert workplace.build() == 2
    assert "no model folder at teacher.model='./no/such/model'" in capsys.readouterr().err
    assert not Path(workplace.out).exists()


def refused(servers: ServersReserve, there: Capacity, asking: AskingConfig | None = None) -> str:
    asking = asking or AskingConfig()
    with pytest.raises(UsageError) as caught:
        refuse_lack(asking, JudgingConfig(), worker_counts(asking, JudgingConfig(), False, 1), there, servers)
    return str(caught.value)


EIGHT = Capacity("the cluster", cpus=64, gpus=8, largest_cpus=32, largest_gpus=4)


def test_too_few_gpus_are_refused_with_how_many_are_asked_for_and_how_many_there_are():
    text = refused(ServersReserve(3, 3, 1, 4, "tensor_parallel_size 4"), EIGHT)
    assert text == (
        "the teacher's replicas take 12 GPUs (3 × 4: tensor_parallel_size 4), and the cluster has 8; "
        "set teacher.replicas to at most 2"
    )


def test_a_replica_that_fits_no_node_is_refused():
    text = refused(ServersReserve(1, 1, 1, 8, "tensor_parallel_size 8"), EIGHT)
    assert "takes 8 GPUs on a node (tensor_parallel_size 8), and the largest node of the cluster has 4" in text


def test_gpus_of_asking_are_not_given_to_replicas():
    asking = AskingConfig(workers=1, gpus=1)
    text = refused(ServersReserve(2, 2, 1, 4, "tensor_parallel_size 4"), EIGHT, asking)
    assert "has 8, of which 1 are for asking and judging; set teacher.replicas to at most 1" in text


def test_replicas_that_fit_are_taken():
    refuse_lack(
        AskingConfig(),
        JudgingConfig(),
        worker_counts(AskingConfig(), JudgingConfig(), False, 1),
        EIGHT,
        ServersReserve(2, 2, 1, 4, "tensor_parallel_size 4"),
    )


@pytest.mark.parametrize(
    ("override", "same"),
    [
        ("teacher.replicas=4", True),
        ("teacher.restarts=1", True),
        ("teacher.engine.max_num_seqs=8", True),
        ("teacher.engine.dtype=float16", False),
        ("teacher.reasoning_parser=qwen3", False),
    ],
)
def test_a_build_goes_on_when_only_its_place_or_speed_changes(workplace, override, same):
    placed(workplace, engine={"tensor_parallel_size": 1})
    keys = []
    for overrides in ([], [override]):
        config = read_config(str(workplace.folder / "config.yaml"), overrides)
        keys.append(teacher_key(config))
    assert (keys[0] == keys[1]) is same


def teacher_key(config: Any) -> Any:
    class Empty:
        latest = None

        def digest(self, *tables: str) -> str:
            return ""

    build = Empty()
    build.config = config  # type: ignore[attr-defined]
    return AskTeachers().key(build)["teacher"]  # type: ignore[arg-type]
