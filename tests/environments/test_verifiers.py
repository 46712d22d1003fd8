"""The package for `verifiers` in that library's own rollouts, with a scripted model behind an HTTP endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import install, run
from workplace import Workplace

# Its own module, for `verifiers` is a folder of tests, too.
pytest.importorskip("verifiers.v1", reason="make test-environments installs it")

HARNESS = '''
"""A harness in this process: one call to the model, by the rollout's own endpoint. The library's `null` needs uv."""

import httpx
import verifiers.v1 as vf


class OneCall(vf.Harness[vf.HarnessConfig]):
    APPENDS_SYSTEM_PROMPT = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(self, ctx, trace, runtime, endpoint, secret, mcp_urls, data, **_more):
        system, prompt = self.resolve_prompt(data)
        messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": prompt}]
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            reply = await client.post(
                f"{endpoint.rstrip('/')}/chat/completions",
                json={"model": ctx.model, "messages": messages},
                headers={"Authorization": f"Bearer {secret}"},
            )
            reply.raise_for_status()
        return vf.ProgramResult(exit_code=0, stdout="", stderr="")


__all__ = ["OneCall"]
'''

SCRIPT = """
import asyncio, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import verifiers.v1 as vf

script = {}  # by prompt: what the model says next, and why it stops

class Model(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text, finish = script[body["messages"][-1]["content"]]
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        said = {"id": "x", "object": "chat.completion", "created": 1, "model": "scripted", "choices": [choice]}
        data = json.dumps({**said, "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *_args):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = vf.EvalClientConfig(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key_var="NO_KEY")

def environment(split):
    taskset = {"id": "questions-verifiers", "split": split}
    agent = {"harness": {"id": "one-call"}, "runtime": {"type": "subprocess"}}
    config_type = vf.env_config_type("questions-verifiers", "")
    config = config_type(
        taskset=vf.taskset_config_type("questions-verifiers").model_validate(taskset),
        agent=vf.AgentConfig(harness=vf.harness_config_type("one-call").model_validate(agent["harness"]),
                             runtime=vf.SubprocessConfig()),
    )
    return vf.load_environment(config)

async def played():
    found, cut = [], []
    for split, count in (("train", 6), ("bench", 2)):
        env = environment(split)
        known = {row["problem_id"]: row for row in read_rows(split)}
        async with env.serving():
            for task in list(env.taskset)[:count]:
                row = known[task.key]
                for reply in replies(row):
                    script[task.data.prompt] = (reply, "stop")
                    episode = await env.run_episode(task, vf.ModelContext(model="scripted", client=client))
                    [trace] = episode.traces
                    given = trace.rewards["verified"]
                    assert (given is None) == (not trace.ok), trace.errors
                    if given is None:
                        assert "NotJudged" in trace.last_error.message, trace.errors
                    found.append([given and given.score, expected(row, reply)])
                script[task.data.prompt] = (replies(row)[1], "length")
                episode = await env.run_episode(task, vf.ModelContext(model="scripted", client=client))
                cut.append(episode.traces[0].reward)
    return {"found": found, "cut": cut}

print(json.dumps(asyncio.run(played())))
"""


def test_rewards_of_rollouts_are_those_of_the_library(asked: Workplace, tmp_path: Path) -> None:
    site = install(asked.out, "verifiers", tmp_path)
    (site / "one_call.py").write_text(HARNESS)
    said = run(site, "verifiers", SCRIPT)
    assert all(reward == expected for reward, expected in said["found"])
    assert {reward for reward, _ in said["found"]} == {1.0, 0.0, None}
    assert set(said["cut"]) == {0.0}
