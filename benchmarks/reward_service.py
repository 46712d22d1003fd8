"""Rewards over HTTP against calls of the library: `python -m benchmarks.reward_service`.

A server on loopback, started as its command starts it. Prints, as JSON: items a second in this process and through the
server (a batch of 4,000 answers by `remote`), their ratio, and the milliseconds of a request with a single item (the
median and the 99th percentile of 300), idle and while 4,000 items are being judged.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from tracemill.rewards import RemoteRewards, remote, reward

ITEMS, SINGLE = 4_000, 300
TRUTH = json.dumps({"answer": "42", "check": {"kind": "numeric", "spec": {}}})
ANSWERS = [f"<think>{n} is near.</think>\nThe answer is \\boxed{{{n % 60}}}." for n in range(ITEMS)]


def per_second(score: Callable[..., object]) -> float:
    began = time.perf_counter()
    score(ANSWERS, [TRUTH] * ITEMS)
    return ITEMS / (time.perf_counter() - began)


def milliseconds(far: RemoteRewards) -> list[float]:
    found = []
    for answer in ANSWERS[:SINGLE]:
        began = time.perf_counter()
        far.reward([answer], [TRUTH])
        found.append(1000 * (time.perf_counter() - began))
    return [round(statistics.median(found), 1), round(statistics.quantiles(found, n=100)[98], 1)]


def main() -> None:
    command = [sys.executable, "-m", "tracemill", "serve-rewards", "--port", "0", "--in-flight", "8192"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        far = remote(server.stdout.readline().rpartition(" ")[2].strip())
        far.reward(ANSWERS[:64], [TRUTH] * 64)  # its processes start
        here, there = per_second(reward), per_second(far.reward)
        idle = milliseconds(far)
        batch = threading.Thread(target=per_second, args=(far.reward,))
        batch.start()
        busy = milliseconds(far)
        batch.join()
        server.terminate()
    ratio = round(there / here, 2)
    print(json.dumps({"here": round(here), "there": round(there), "ratio": ratio, "idle": idle, "busy": busy}))


if __name__ == "__main__":
    main()
