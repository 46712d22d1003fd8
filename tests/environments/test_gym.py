"""The package for Gymnasium in Gymnasium's own `make`, with its checker of environments."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import install, run
from workplace import Workplace

pytest.importorskip("gymnasium", reason="make test-environments installs it")

SCRIPT = """
import gymnasium
from gymnasium.utils.env_checker import check_env
from tracemill.rewards import NotJudged

ID = "questions_gym:Tracemill/QuestionsGym-v0"
check_env(gymnasium.make(ID, not_judged=0.0).unwrapped)
found = []
for index, row in enumerate(read_rows("train")[:6]):
    for reply in replies(row):
        env = gymnasium.make(ID)
        question, info = env.reset(seed=1, options={"index": index})
        assert info["problem_id"] == row["problem_id"] and row["prompt"][-1]["content"] in question
        try:
            _, reward, ended, cut, _ = env.step(reply)
            assert ended and not cut
        except NotJudged:
            reward = None
        found.append([reward, expected(row, reply)])
env = gymnasium.make(ID, split="bench")
drawn = [env.reset(seed=5)[1]["problem_id"] for _ in range(2)]
held_out = {row["problem_id"] for row in read_rows("bench")}
print(json.dumps({"found": found, "drawn": drawn, "held_out": set(drawn) <= held_out}))
"""


def test_rewards_of_gymnasiums_loop_are_those_of_the_library(asked: Workplace, tmp_path: Path) -> None:
    said = run(install(asked.out, "gym", tmp_path), "gym", SCRIPT)
    assert all(reward == expected for reward, expected in said["found"])
    assert {reward for reward, _ in said["found"]} == {1.0, 0.0, None}
    assert said["drawn"][0] == said["drawn"][1] and said["held_out"]
