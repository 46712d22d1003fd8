"""`tracemill judge` over lines of 800 bytes at two sizes, in speed and memory: `python -m benchmarks.judging_lines`.

Also what reading the expected answers costs where problems are made.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tracemill.settings.plugins import installed
from tracemill.sources.domains import DomainsConfig, DomainsSource
from tracemill.sources.golds import read_golds
from tracemill.sources.source import Context

_CODE = "import sys; from tracemill.cli.command_line import main; sys.exit(main(sys.argv[1:]))"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for lines in (5_000, 20_000):
            judge(Path(folder) / "lines.jsonl", lines)
    for task in sorted(installed("task")):
        golds(task)


def judge(path: Path, lines: int) -> None:
    with path.open("w") as file:
        for k in range(lines):
            response = f"<think>{'a thought ' * 65}</think>It is \\boxed{{{k + (k % 3 == 0)}}}."
            row = {"id": k, "kind": "numeric", "gold": str(k), "prompt": "How many?", "response": response}
            file.write(json.dumps(row) + "\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    began = time.perf_counter()
    command = [sys.executable, "-c", _CODE, "judge", str(path), "--json", "--processes", "1"]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime - before
    wall = time.perf_counter() - began
    print(f"{lines} lines: {lines / seconds:,.0f} a CPU second, {wall:.1f} s; at most {used.ru_maxrss / 1024:.0f} MiB")


def golds(task: str) -> None:
    source = DomainsSource(DomainsConfig(kind="domains", select=(task,), per_task=200), Context(1, 0.0))
    began = time.process_time()
    made = [one for item in source.items({}) for one in source.produce(item)]
    read = time.process_time()
    assert len(list(read_golds(made))) == len(made)
    end = time.process_time()
    print(f"{task}: {(read - began) / len(made) * 1e3:.2f} ms to make, {(end - read) / len(made) * 1e3:.3f} ms to read")


if __name__ == "__main__":
    main()
