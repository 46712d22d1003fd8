"""Output tokens a second of a real model: by vLLM alone, by a bare client of its server, and by a whole build.

    make quickstart-llm
    .venv-llm/bin/python -m benchmarks.model_speed .venv-llm/smollm2-135m-instruct

One server of vLLM's engine for CPUs, on one core, answers the bare aiohttp client and `tracemill build` (`single`, an
`openai` teacher), with as many requests in flight; each as a stream and in one piece. `offline` is vLLM's own
`LLM.chat` over the same prompts in a process of its own, loading not counted. Every reply has just `--tokens` tokens
(`ignore_eos`), so that all do the same work. Engine arguments, sampling and seeds are the same on all sides.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from tracemill.asking.teachers.vllm import launch

from benchmarks.measure import run_watched
from benchmarks.teachers import prompt, written

ENGINE: dict[str, Any] = {
    "max_model_len": 2048,
    "max_num_batched_tokens": 2048,
    "enable_chunked_prefill": False,
    "enforce_eager": True,
}
ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "VLLM_NO_USAGE_STATS": "1"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--prompts", type=int, default=128)
    parser.add_argument("--in-flight", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--interval", type=int, default=10, help="vLLM's stream_interval")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--offline", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.offline:
        print(json.dumps(generated(chosen)))
        return
    print(f"others at work before: {os.getloadavg()[0]:.1f} processes", flush=True)
    best: dict[str, float] = {}
    for _ in range(chosen.turns):
        for name, seconds in turn(chosen):
            best[name] = min(best.get(name, seconds), seconds)
            print(f"{name:<28} {seconds:7.2f} s  {chosen.prompts * chosen.tokens / seconds:8.1f} tokens/s", flush=True)
    for name, seconds in best.items():
        shares = [f"{best[other] / seconds:.3f} of {other}" for other in ("offline", "bare, streamed") if other != name]
        print(f"{name:<28} {', '.join(shares)}")


def turn(chosen: argparse.Namespace) -> Iterator[tuple[str, float]]:
    command = [sys.executable, "-m", "benchmarks.model_speed", *sys.argv[1:], "--offline"]
    done = subprocess.run(command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=True)
    yield "offline", float(json.loads(done.stdout.splitlines()[-1])["seconds"])
    with server(chosen) as url:
        asyncio.run(ask_all(url, chosen, stream=True))  # the first requests compile what the others use
        for stream, how in ((True, "streamed"), (False, "whole")):
            began = time.perf_counter()
            asyncio.run(ask_all(url, chosen, stream=stream))
            yield f"bare, {how}", time.perf_counter() - began
            yield f"tracemill build, {how}", built(url, chosen, stream=stream)


def generated(chosen: argparse.Namespace) -> dict[str, float]:
    from vllm import LLM, SamplingParams

    engine = LLM(str(chosen.model), max_num_seqs=chosen.in_flight, disable_log_stats=True, **ENGINE)
    asked = [[{"role": "user", "content": prompt(number)}] for number in range(chosen.prompts)]
    sampling = [SamplingParams(**sampled(chosen), seed=number) for number in range(chosen.prompts)]
    engine.chat(asked[:2], sampling[:2], use_tqdm=False)
    began = time.perf_counter()
    replies = engine.chat(asked, sampling, use_tqdm=False)
    seconds = time.perf_counter() - began
    assert all(len(reply.outputs[0].token_ids) == chosen.tokens for reply in replies)
    return {"seconds": seconds}


def sampled(chosen: argparse.Namespace) -> dict[str, Any]:
    return {"temperature": 0.7, "max_tokens": chosen.tokens, "ignore_eos": True}


@contextmanager
def server(chosen: argparse.Namespace) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = {**ENGINE, "max_num_seqs": chosen.in_flight, "stream_interval": chosen.interval}
    arguments |= {"host": "127.0.0.1", "port": port, "served_model_name": "small"}
    told = json.dumps({"model": str(chosen.model), "arguments": arguments, "wishes": {}})
    with tempfile.TemporaryFile() as log:
        environment = {**os.environ, **ENVIRONMENT}
        child = subprocess.Popen([sys.executable, launch.__file__, told], env=environment, stdout=log, stderr=log)
        try:
            while not healthy(f"http://127.0.0.1:{port}/health"):
                assert child.poll() is None, "the server did not start"
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            child.terminate()
            child.wait()


def healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


async def ask_all(url: str, chosen: argparse.Namespace, *, stream: bool) -> None:
    places = asyncio.Semaphore(chosen.in_flight)

    async def ask(session: aiohttp.ClientSession, number: int) -> None:
        messages = [{"role": "user", "content": prompt(number)}]
        body = {"model": "small", "messages": messages, "seed": number, **sampled(chosen)}
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        usage: dict[str, int] = {}
        async with places, session.post(f"{url}/chat/completions", json=body) as response:
            if not stream:
                usage = (await response.json())["usage"]
            async for line in response.content:
                if line.startswith(b"data: {"):
                    usage = json.loads(line[6:]).get("usage") or usage
        assert usage["completion_tokens"] == chosen.tokens

    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(ask(session, number) for number in range(chosen.prompts)))


def built(url: str, chosen: argparse.Namespace, *, stream: bool) -> float:
    """The seconds of the traces phase."""
    block = {"kind": "openai", "urls": [url], "model": "small", "stream": stream, "deadline_seconds": 3_000}
    block |= {"sampling": {"temperature": 0.7, "max_tokens": chosen.tokens}, "extra_body": {"ignore_eos": True}}
    with tempfile.TemporaryDirectory() as folder:
        command = written(Path(folder), chosen.prompts, block, chosen.in_flight)
        _, seconds = run_watched([*command, "--until", "traces"], every=1)
        return float(seconds["traces"])


if __name__ == "__main__":
    main()
