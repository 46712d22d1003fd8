"""The script for Slurm, with stand-ins for `srun` and `scontrol`: warned, it ends the build, which can go on, and
queues the job again; the next run finishes and publishes."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from deploy.deploying import DEPLOY, REPOSITORY, begin, environment, nightly
from hub.server import HubServer
from tracemill.publishing.hub.published_builds import BUILDS
from workplace import Workplace

STAND_INS = Path(__file__).parent / "stand_in"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Job:
    """A batch script as Slurm runs it: on one node, with two CPUs. `path`: goes before PATH."""

    def __init__(self, hub: HubServer, place: Workplace, *path: Path, nodes: int = 1, state: str = "RUNNING") -> None:
        self.folder = place.folder
        found = environment(hub, place)
        self.environment = {
            **found,
            "PATH": ":".join(map(str, [*path, STAND_INS, found["PATH"]])),
            "TRACEMILL_OUT": str(place.folder / "out"),
            "TRACEMILL_RAY_PORT": str(free_port()),
            "SLURM_JOB_ID": "7",
            "SLURM_JOB_NUM_NODES": str(nodes),
            "SLURM_JOB_NODELIST": ",".join(["localhost"] * nodes),
            "SLURM_CPUS_PER_TASK": "2",
            "SCONTROL_SAID": str(place.folder / "scontrol"),
            "SCONTROL_STATE": state,
        }

    def __call__(self, warning: int | None = None, when: Callable[[], bool] = lambda: True) -> int:
        """Runs it, with a warning as soon as `when`; its exit status."""
        with (self.folder / "said").open("ab") as said:
            process = subprocess.Popen(
                ["bash", str(DEPLOY / "slurm.sh")], cwd=self.folder, env=self.environment, stdout=said, stderr=said
            )
            while warning is not None and process.poll() is None:
                if when():
                    process.send_signal(warning)
                    break
                time.sleep(0.05)
            return process.wait(timeout=300)

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text()

    @property
    def requeued(self) -> bool:
        return "requeue 7" in (self.folder / "scontrol").read_text().splitlines()


@pytest.fixture
def quick(workplace: Workplace) -> Path:
    """Stand-ins for `ray`, `python3` and `tracemill`: what they are asked is written to `asked`. A build takes until it
    is ended, or as `build` says."""
    folder = workplace.folder / "bin"
    folder.mkdir()
    scripts = {
        # Asked for the address, or to wait until so many nodes have joined.
        "python3": '[ "$1" = -c ] && exec echo 127.0.0.1\n'
        'until [ "$(grep -c "ray start" asked)" = "$2" ]; do sleep 0.05; done',
        "ray": 'echo "ray $1" >> asked; [ "$1" = health-check ] || exec sleep 600',
        "tracemill": 'trap "echo ended >> asked; kill \\$!; exit 1" TERM\necho "$1 $2" >> asked\n'
        '[ "$1" = publish ] || . ./build',
    }
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/bash\n{script}\n")
        (folder / name).chmod(0o755)
    (workplace.folder / "build").write_text("sleep 600 & wait\n")
    return folder


def asked(place: Workplace) -> list[str]:
    path = place.folder / "asked"
    return [line for line in path.read_text().splitlines() if not line.startswith("ray")] if path.exists() else []


@pytest.mark.parametrize(
    ("warning", "state", "requeued"),
    [
        (signal.SIGUSR1, "RUNNING", True),
        (signal.SIGTERM, "RUNNING", True),  # preempted, with some seconds of grace
        (signal.SIGTERM, "CANCELLED", False),  # scancel
    ],
)
def test_a_warned_job_is_queued_again_unless_it_was_cancelled(
    hub: HubServer, workplace: Workplace, quick: Path, warning: int, state: str, requeued: bool
) -> None:
    job = Job(hub, workplace, quick, state=state)
    assert job(warning, when=lambda: bool(asked(workplace))) == 1
    assert asked(workplace) == [f"build {workplace.folder}/nightly.yaml", "ended"]
    assert job.requeued is requeued


def test_a_build_that_fails_is_neither_published_nor_queued_again(
    hub: HubServer, workplace: Workplace, quick: Path
) -> None:
    (workplace.folder / "build").write_text("exit 2\n")
    job = Job(hub, workplace, quick)
    assert job() == 2
    assert asked(workplace) == [f"build {workplace.folder}/nightly.yaml"] and not job.requeued


def test_every_node_of_the_allocation_joins(hub: HubServer, workplace: Workplace, quick: Path) -> None:
    (workplace.folder / "build").write_text("exit 0\n")
    assert Job(hub, workplace, quick, nodes=3)() == 0
    assert (workplace.folder / "asked").read_text().count("ray start") == 3
    assert asked(workplace) == [f"build {workplace.folder}/nightly.yaml", f"publish {workplace.folder}/out"]


@pytest.mark.ray
def test_a_build_that_was_ended_goes_on_when_the_job_runs_again(hub: HubServer, workplace: Workplace) -> None:
    begin(hub, workplace)
    domains = {"kind": "domains", "select": ["math.algebra.*"], "per_task": 6, "difficulty": [0.0, 1.0]}
    nightly(workplace, executor={"kind": "ray"}, sources=[domains])
    out = workplace.folder / "out"
    job = Job(hub, workplace)
    assert job(signal.SIGUSR1, when=(out / "commits").exists) == 1
    assert "interrupted; the same command goes on from here" in job.said
    assert job.requeued and not (out / "manifest.json").exists()
    assert len(json.loads(hub.files(REPOSITORY)[BUILDS])["builds"]) == 1
    assert job() == 0, job.said
    assert len(json.loads(hub.files(REPOSITORY)[BUILDS])["builds"]) == 2
    assert (workplace.folder / "scontrol").read_text().split().count("requeue") == 1
