"""docs/cluster.md, *Many nodes* and *A lost head node*, on a real cluster of two nodes on this machine, as written but
for ports and a small config. `make soak`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from deploy.deploying import BIN, SMALL
from deploy.page import blocks
from tracemill.cli.command_line import main
from workplace import ROOT, Workplace

pytestmark = [pytest.mark.ray, pytest.mark.soak]

RAY = """#!/bin/bash
# The real `ray`, but `ray start` with ports of this cluster, and in a session that the test can end whole.
[ "$1" = start ] || exec {ray} "$@"
words=()
for word in "${{@:2}}"; do
    case $word in
        --port=6379) words+=(--port={port} --dashboard-host=127.0.0.1 --dashboard-port={dashboard}) ;;
        --address=HEAD:6379) words+=(--address=127.0.0.1:{port}) ;;
        *) words+=("$word") ;;
    esac
done
agent=$({python} -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
words+=(--node-ip-address=127.0.0.1 --num-cpus=1 --dashboard-agent-listen-port=$agent --block)
setsid {ray} start "${{words[@]}}" > /dev/null 2>&1 &
echo $! >> {folder}/started
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def below(pid: int) -> list[int]:
    """Every process that it has started, and those have."""
    lines = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.splitlines()
    parents = dict(tuple(map(int, line.split())) for line in lines)
    found = [child for child, parent in parents.items() if parent == pid]
    return [*found, *(one for child in found for one in below(child))]


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.dashboard = folder, free_port(), free_port()
        (folder / "bin").mkdir()
        script = RAY.format(
            ray=BIN / "ray", python=BIN / "python", port=self.port, dashboard=self.dashboard, folder=folder
        )
        (folder / "bin/ray").write_text(script)
        (folder / "bin/ray").chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RAY_")},
            "PATH": f"{folder}/bin:{BIN}:{os.environ['PATH']}",
            "HOME": str(folder),  # the token
            "RAY_USAGE_STATS_ENABLED": "0",
        }

    def start(self) -> None:
        head, node, _ = blocks()["Many nodes"]
        subprocess.run(["bash", "-e", "-c", head], env=self.environment, check=True)
        self._wait(1)
        subprocess.run(["bash", "-e", "-c", node], env=self.environment, check=True)
        self._wait(2)

    def _wait(self, nodes: int) -> None:
        script = (
            "import ray, sys; ray.init(sys.argv[1], logging_level='ERROR'); print(sum(n['Alive'] for n in ray.nodes()))"
        )
        command = [str(BIN / "python"), "-c", script, f"127.0.0.1:{self.port}"]
        environment = {**self.environment, "RAY_AUTH_MODE": "token"}
        for _ in range(60):
            said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
            if said.split()[-1:] == [str(nodes)]:
                return
            time.sleep(1)
        raise AssertionError(f"{nodes} nodes did not start")

    def job(self, config: Path, out: Path) -> subprocess.Popen[str]:
        block = blocks()["Many nodes"][2].replace(":8265", f":{self.dashboard}")
        block = block.replace("/data/builds/quickstart", str(out)).replace("build quickstart", f"build {config}")
        return subprocess.Popen(
            ["bash", "-e", "-c", block],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finished(self, config: Path, out: Path) -> None:
        for _ in range(10):
            job = self.job(config, out)
            said = job.communicate(timeout=400)[0]
            if "No available agent" not in said:  # the dashboard answers before the cluster can take jobs
                break
            time.sleep(2)
        assert job.returncode == 0, said[-3000:]

    def lose(self) -> None:
        """Both nodes, with the driver: all that belongs to what was started."""
        path = self.folder / "started"
        for line in path.read_text().split() if path.exists() else []:
            for pid in [*below(int(line)), int(line)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        path.unlink(missing_ok=True)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder)
    try:
        made.start()
        yield made
    finally:
        made.lose()


def test_a_job_whose_head_node_is_lost_goes_on_and_gives_the_same_rows(cluster: Cluster, workplace: Workplace) -> None:
    domains = {"kind": "domains", "select": ["math.algebra.*", "planning.*"], "per_task": 30, "difficulty": [0.0, 1.0]}
    config = {**SMALL, "curriculum": str(workplace.folder / "curriculum.yaml"), "sources": [domains]}
    path, out = workplace.folder / "small.yaml", workplace.folder / "on-the-cluster"
    path.write_text(yaml.safe_dump({**config, "executor": {"kind": "ray"}}))
    job = cluster.job(path, out)
    while not (out / "commits").exists():
        assert job.poll() is None, job.stdout.read() if job.stdout else ""
        time.sleep(0.05)
    cluster.lose()
    job.communicate(timeout=100)
    assert job.returncode != 0 and not (out / "manifest.json").exists()
    cluster.start()
    cluster.finished(path, out)
    here = str(workplace.folder / "here")
    assert main(["build", str(path), "--out", here, "--set", "executor.kind=local"]) == 0
    assert workplace.shards(str(out)) == workplace.shards(here) and len(workplace.shards(here)) > 5
