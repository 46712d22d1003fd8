"""The package for OpenEnv: its server behind uvicorn, asked by its client over a socket."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import install, run
from workplace import Workplace

pytest.importorskip("openenv", reason="make test-environments installs it")

SCRIPT = """
import socket, threading
import uvicorn
from PACKAGE import QuestionClient, Reply, make_app

listening = socket.socket()
listening.bind(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(make_app(), log_level="error"))
threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
while not server.started:
    pass
url = f"http://127.0.0.1:{listening.getsockname()[1]}"
found = []
with QuestionClient(base_url=url).sync() as client:
    for index, row in enumerate(read_rows("train")[:6]):
        for reply in replies(row):
            asked = client.reset(index=index)
            assert row["prompt"][-1]["content"] in asked.observation.text and not asked.done
            assert asked.observation.metadata["problem_id"] == row["problem_id"]
            given = client.step(Reply(text=reply))
            assert given.done and client.state().step_count == 1
            assert ("not_judged" in given.observation.metadata) == (given.reward is None)
            found.append([given.reward, expected(row, reply)])
    drawn = [client.reset(seed=5, split="bench").observation.metadata["problem_id"] for _ in range(2)]
server.should_exit = True
held_out = {row["problem_id"] for row in read_rows("bench")}
print(json.dumps({"found": found, "drawn": drawn, "held_out": set(drawn) <= held_out}))
"""


def test_rewards_over_openenvs_socket_are_those_of_the_library(asked: Workplace, tmp_path: Path) -> None:
    said = run(install(asked.out, "openenv", tmp_path), "openenv", SCRIPT)
    assert all(reward == expected for reward, expected in said["found"])
    assert {reward for reward, _ in said["found"]} == {1.0, 0.0, None}
    assert said["drawn"][0] == said["drawn"][1] and said["held_out"]
