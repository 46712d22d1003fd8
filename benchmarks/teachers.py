"""What asking a model costs beside the model.

    python -m benchmarks.teachers client
    python -m benchmarks.teachers queued

A fake engine answers at a fixed speed. The same prompts are asked by a bare aiohttp client, by the teacher's own client
and by a whole build (strategy `single`), with as many requests in flight. Printed are the seconds of each, and the CPU
time that each request took in the processes of the client. `queued`: the driver's memory while many problems wait.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import aiohttp
import yaml
from tracemill.asking.teachers.openai.openai_teacher import OpenAIConfig, OpenAITeacher
from tracemill.asking.teachers.teacher import Call
from tracemill.records import Check, Problem, Source

from benchmarks.measure import pss, run_watched


class Cost(NamedTuple):
    """`seconds`: on the clock; `cpu`: in the client's processes, seconds in all."""

    seconds: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    client = kinds.add_parser("client")
    client.add_argument("--prompts", type=int, default=2_000)
    client.add_argument("--in-flight", type=int, default=64)
    client.add_argument("--tokens", type=int, default=200)
    client.add_argument("--pieces", type=int, default=20, help="of a streamed reply")
    client.add_argument("--seconds", type=float, default=2.0, help="that a reply takes")
    client.add_argument("--whole", action="store_true", help="replies that are not streamed")
    client.add_argument("--turns", type=int, default=2)
    queued = kinds.add_parser("queued")
    queued.add_argument("--prompts", type=int, default=100_000)
    queued.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    print(f"others at work before: {os.getloadavg()[0]:.1f} processes", flush=True)
    if chosen.kind == "client":
        compare(chosen)
    else:
        many_queued(chosen.prompts, chosen.seconds)


def compare(chosen: argparse.Namespace) -> None:
    kinds = {"bare aiohttp": bare, "the teacher's client": teacher, "tracemill build": built}
    best: dict[str, Cost] = {}
    for _ in range(chosen.turns):
        for name, measured in kinds.items():
            with engine(chosen) as url:
                found = measured(url, chosen)
            best[name] = min(best.get(name, found), found)
            ms = 1_000 * found.cpu / chosen.prompts
            print(f"{name:<22} {found.seconds:7.2f} s   {ms:6.2f} ms of CPU a request", flush=True)
    for name, found in best.items():
        print(f"{name:<22} {best['bare aiohttp'].seconds / found.seconds:6.3f} of the bare client's requests a second")


@contextmanager
def engine(chosen: argparse.Namespace) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.fake_engine", "--tokens", str(chosen.tokens)]
    command += ["--pieces", str(chosen.pieces), "--seconds", str(chosen.seconds)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin and child.stdout
    try:
        yield child.stdout.readline().strip()
    finally:
        child.stdin.close()
        child.wait()


def prompt(number: int) -> str:
    rng = Random(number)
    words = "".join(rng.choice("bdgklmnprst") + rng.choice("aeiou") + rng.choice(("", "n ", "s ")) for _ in range(80))
    return f"What is {number} plus {2 * number + 1}, where {words}? Explain each step, and end with the answer."


def timed(work: Any) -> Cost:
    """Of a coroutine in this process."""
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    asyncio.run(work)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - began, cpu)


def bare(url: str, chosen: argparse.Namespace) -> Cost:
    async def ask(session: aiohttp.ClientSession, places: asyncio.Semaphore, number: int) -> str:
        messages = [{"role": "user", "content": prompt(number)}]
        body = {"model": "fake", "messages": messages, "max_tokens": 1_000, "temperature": 0.7, "seed": number}
        if not chosen.whole:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        async with places, session.post(f"{url}/chat/completions", json=body) as response:
            if chosen.whole:
                return str((await response.json())["choices"][0]["message"]["content"])
            text = ""
            async for line in response.content:
                if line.startswith(b"data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        text += choice["delta"].get("content", "")
            return text

    async def ask_all() -> None:
        places = asyncio.Semaphore(chosen.in_flight)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            texts = await asyncio.gather(*(ask(session, places, number) for number in range(chosen.prompts)))
        assert all(text.endswith("42.") for text in texts)

    return timed(ask_all())


def teacher(url: str, chosen: argparse.Namespace) -> Cost:
    problem = Problem("p", "g", "a.b.c.d", "", "42", Check("exact"), Source("bench", "1", "MIT", 0, 0))

    async def ask_all() -> None:
        asked = OpenAITeacher(OpenAIConfig(**settings(url, chosen)))
        places = asyncio.Semaphore(chosen.in_flight)

        async def ask(number: int) -> str:
            messages = ({"role": "user", "content": prompt(number)},)
            async with places:
                return (await asked.answer(Call(problem, messages, {}, 0, number))).turn.content

        texts = await asyncio.gather(*map(ask, range(chosen.prompts)))
        await asked.close()
        assert all(text.endswith("42.") for text in texts)

    return timed(ask_all())


def settings(url: str, chosen: argparse.Namespace) -> dict[str, Any]:
    sampling = {"max_tokens": 1_000, "temperature": 0.7}
    return {"kind": "openai", "urls": [url], "model": "fake", "sampling": sampling, "stream": not chosen.whole}


def built(url: str, chosen: argparse.Namespace) -> Cost:
    """The traces phase of a build. Its CPU time is that of a run with this phase alone, less that of one after it, with
    nothing left to do."""
    with tempfile.TemporaryDirectory() as folder:
        command = written(Path(folder), chosen.prompts, settings(url, chosen), chosen.in_flight)
        run_watched([*command, "--until", "screen"])
        used = [children()]
        _, seconds = run_watched([*command, "--until", "traces"], every=1)
        used.append(children())
        run_watched([*command, "--until", "traces"])
        used.append(children())
        return Cost(seconds["traces"], used[1] - used[0] - (used[2] - used[1]))


def children() -> float:
    """CPU seconds of the processes that were started and have ended, with all that they started."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def written(folder: Path, prompts: int, teacher_block: dict[str, Any], in_flight: int) -> list[str]:
    """The command of a build with so many prompts."""
    source = folder / "prompts.jsonl"
    with source.open("w") as file:
        for number in range(prompts):
            file.write(json.dumps({"q": prompt(number), "a": "42"}) + "\n")
    fields = {"prompt": "q", "answer": "a"}
    block = {"kind": "jsonl", "name": "prompts", "path": str(source), "licence": "MIT", "fields": fields}
    config = {
        "name": "prompts",
        "seed": 1,
        "executor": {"kind": "local"},
        "sources": [{**block, "domain": "math.arithmetic.sums.plain", "check": {"kind": "numeric"}}],
        "teacher": teacher_block,
        "strategy": {"kind": "single"},
        "asking": {"in_flight": in_flight},
        "judging": {"workers": 1},
        "verify": {"require": ["answer"]},
        "curriculum": "benchmarks/everything.yaml",
        "views": ["sft"],
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    return [sys.executable, "-m", "tracemill", "build", str(path), "--out", str(folder / "out")]


def many_queued(prompts: int, seconds: float) -> None:
    """The memory of the driver while so many problems wait for a server that is slow."""
    slow = argparse.Namespace(tokens=200, pieces=20, seconds=10_000, whole=False)
    with tempfile.TemporaryDirectory() as folder, engine(slow) as url:
        block = {**settings(url, slow), "progress_seconds": None, "deadline_seconds": 100_000}
        command = written(Path(folder), prompts, block, in_flight=256)
        command += ["--set", "executor.kind=local"]
        peaks, _ = run_watched([*command, "--until", "screen"], every=1)
        print(f"problems and screening: at most {max(peaks.values()) / 2**20:.0f} MB", flush=True)
        child = subprocess.Popen([*command, "--until", "traces"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak = 0
        until = time.monotonic() + seconds
        while time.monotonic() < until and child.poll() is None:
            peak = max(peak, pss(child.pid))
            time.sleep(0.5)
        child.kill()
        child.wait()
    print(f"{prompts} problems wait, 256 are asked: at most {peak / 2**20:.0f} MB in the driver")


if __name__ == "__main__":
    main()
