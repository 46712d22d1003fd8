"""A build over HTTP that is killed with −9 in the middle: what its server is asked again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from random import Random

import pytest
from scripted import config_of_build
from servers.chat_server import ChatServer, Said
from tracemill.store.store import Store
from workplace import Workplace

IN_FLIGHT = 8
STRATEGIES = {
    "adaptive": {"kind": "adaptive", "samples": 8, "tokens": 600},
    "refine": {"kind": "refine", "samples": 2},
}


def script(body, count):
    """Right in one of three solutions; a critic who is never content. A reply takes a while."""
    last = body["messages"][-1]["content"]
    if "Check the solution" in last:
        return Said("VERDICT: WRONG", pause=0.15, piece=100)
    number = body["messages"][0]["content"].rpartition(" ")[2]
    return Said(f"\\boxed{{{number if Random(body['seed']).random() < 0.33 else 999}}}", pause=0.15, piece=100)


@pytest.mark.soak
@pytest.mark.parametrize("name", STRATEGIES)
def test_a_killed_build_asks_again_at_most_for_what_was_in_flight(tmp_path, name, capsys):
    place, kills, rng = Workplace(tmp_path), 0, Random(5)
    with ChatServer(script) as server:
        teacher = {"kind": "openai", "urls": [server.url], "model": "tiny"}
        config = config_of_build(tmp_path, STRATEGIES[name], count=24, teacher=teacher)
        place.config({**config, "asking": {"in_flight": IN_FLIGHT}})
        command = [sys.executable, "-m", "tracemill", "build", str(tmp_path / "config.yaml"), "--out", place.out]
        while kills < 3:
            begun = len(server.seen)
            child = subprocess.Popen([*command, "--until", "traces"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
            wanted = begun + rng.randint(12, 30)
            while child.poll() is None and len(server.seen) < wanted:
                try:
                    child.communicate(timeout=0.05)
                except subprocess.TimeoutExpired:
                    continue
            if child.returncode is not None:
                break
            os.kill(child.pid, signal.SIGKILL)
            child.communicate()
            kills += 1
        subprocess.run([*command, "--until", "traces"], check=True, capture_output=True)
        # Less the question with which each run finds out whether the server answers.
        asked = Counter(one.body["seed"] for one in server.seen if one.body["messages"][-1]["content"] != "Say OK.")
    repeated = sum(asked.values()) - len(asked)
    with capsys.disabled():
        print(f"\n{name}: {kills} kills, {len(asked)} calls, {repeated} made again, {IN_FLIGHT} in flight")
    assert kills >= 2
    assert repeated <= kills * IN_FLIGHT
    store = Store(place.out)
    [ids] = [
        [row for batch in store.scan(store.latest(), "completions", ["id"]) for row in batch.column(0).to_pylist()]
    ]
    assert len(ids) == len(set(ids)) == len(asked)
