"""A real cluster: `ray start --head`, and the quickstart as a job with token authentication, as the README says."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tracemill.cli.command_line import main
from workplace import ROOT

pytestmark = pytest.mark.ray
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str, token: str) -> int:
    request = urllib.request.Request(f"{address}/api/version", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as exc:
        return exc.code
    except OSError:
        return 0


@pytest.fixture(scope="module")
def cluster():
    """Its address and the environment that reaches it."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }
    environment.pop("RAY_ADDRESS", None)
    dashboard = free_port()
    command = [str(BIN / "ray"), "start", "--head", "--block", "--num-cpus=2", f"--port={free_port()}"]
    command += ["--dashboard-host=127.0.0.1", f"--dashboard-port={dashboard}", "--node-ip-address=127.0.0.1"]
    # Without a port of its own the agent that takes jobs does not start beside another cluster's.
    command += [f"--dashboard-agent-listen-port={free_port()}"]
    head = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    address = f"http://127.0.0.1:{dashboard}"
    try:
        for _ in range(120):
            if answers(address, environment["RAY_AUTH_TOKEN"]) == 200:
                break
            assert head.poll() is None, "ray start ended"
            time.sleep(0.5)
        yield address, environment
    finally:
        # All of it at once: where Ray's parts end one after the other, `ray start` waits for ever for one that is gone.
        os.killpg(head.pid, signal.SIGKILL)
        head.wait()


SMALLER = ["--set", "sources.0.per_task=6", "--set", "verify.audit=1", "--set", "verify.leakage=null"]
"""The whole quickstart takes minutes on a busy machine, twice."""


def test_a_submitted_job_gives_the_shards_of_the_local_executor(cluster, workplace, monkeypatch):
    address, environment = cluster
    out = str(workplace.folder / "on-the-cluster")
    job = [str(BIN / "ray"), "job", "submit", "--address", address, "--working-dir", "pipeline"]
    job += ["--", "python", "-m", "tracemill", "build", "quickstart", "--out", out, *SMALLER]
    for _ in range(5):
        result = subprocess.run(
            job, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500, check=False
        )
        # The dashboard answers before the cluster can take jobs.
        if "No available agent" not in result.stdout + result.stderr:
            break
        time.sleep(2)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert "a sample, with its ledger" in result.stdout.lower()
    monkeypatch.chdir(ROOT)
    assert main(["build", "quickstart", "--out", workplace.out, "--set", "executor.kind=local", *SMALLER]) == 0
    assert workplace.shards(out) == workplace.shards() and len(workplace.shards()) > 10


def test_a_job_without_the_token_is_refused(cluster):
    address, environment = cluster
    assert answers(address, environment["RAY_AUTH_TOKEN"]) == 200
    assert answers(address, "0" * 64) in (401, 403)
