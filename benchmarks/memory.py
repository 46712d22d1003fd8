"""The memory of builds of long traces, of screening, and of the index of a large benchmark.

    python -m benchmarks.memory traces --rows 10000 --bytes 100000 --executor local
    python -m benchmarks.memory screen --rows 200000 --texts template
    python -m benchmarks.memory index --items 100000

`traces` writes a JSONL file of synthetic solutions, replays it into a build with two views, and looks ten times in a
second at the PSS of all processes together: a peak for each phase. `screen` and `index` print what a process takes at
most above what it had before (`texts`: `varied`, or all of one `template`).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import yaml

from benchmarks.measure import run_watched

_WORDS = [
    f"{a}{b}{c}" for a in ("ka", "lo", "mi", "ru", "se") for b in "bdgklmnprst" for c in ("a", "en", "ir", "os", "u")
]
_BATCH = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    traces = kinds.add_parser("traces")
    traces.add_argument("--rows", type=int, default=10_000)
    traces.add_argument("--bytes", type=int, default=100_000, help="characters of a solution")
    traces.add_argument("--executor", choices=("local", "ray"), default="local")
    traces.add_argument("--folder", type=Path, help="for the file and the build; otherwise a temporary one")
    screened = kinds.add_parser("screen")
    screened.add_argument("--rows", type=int, default=200_000)
    screened.add_argument("--texts", choices=("varied", "template"), default="varied")
    index = kinds.add_parser("index")
    index.add_argument("--items", type=int, default=100_000)
    chosen = parser.parse_args()
    if chosen.kind == "screen":
        screening(chosen.rows, chosen.texts)
    elif chosen.kind == "index":
        indexing(chosen.items)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            long_traces(chosen.rows, chosen.bytes, chosen.executor, chosen.folder or Path(temporary))


def long_traces(rows: int, size: int, executor: str, folder: Path) -> None:
    source = folder / "long.jsonl"
    with source.open("w") as file:
        for number in range(rows):
            file.write(json.dumps(_solved(number, size)) + "\n")
    config = folder / "long.yaml"
    config.write_text(yaml.safe_dump(_config(source, executor)))
    command = [sys.executable, "-m", "tracemill", "build", str(config), "--out", str(folder / "out")]
    peaks, seconds = run_watched(command)
    for phase, peak in peaks.items():
        print(f"{phase:<12} {peak / 2**20:8.0f} MB   {seconds.get(phase, 0):8.1f} s", flush=True)
    print(f"{executor}, {rows} traces of {size} bytes: at most {max(peaks.values()) / 2**20:.0f} MB in all processes")


def _config(source: Path, executor: str) -> dict[str, object]:
    fields = {"prompt": "question", "answer": "answer", "references": [{"text": "solution", "author": "nobody"}]}
    return {
        "name": "long",
        "seed": 1,
        "executor": {"kind": executor},
        "sources": [
            {
                "kind": "jsonl",
                "name": "long",
                "path": str(source),
                "licence": "MIT",
                "domain": "math.arithmetic.sums.synthetic",
                "fields": fields,
                "check": {"kind": "numeric"},
                "marks": "gsm8k",
            }
        ],
        "teacher": {"kind": "replay"},
        "strategy": {"kind": "single"},
        "verify": {"require": ["answer", "steps"]},
        "curriculum": "benchmarks/everything.yaml",
        "views": ["sft", "rlvr"],
    }


def _solved(number: int, size: int) -> dict[str, str]:
    """A problem whose solution is prose, but for a calculation in its first line."""
    rng = Random(number)
    a, b = rng.randrange(10**6), rng.randrange(10**6)
    question = f"What is {a} plus {b}, after {' '.join(rng.choices(_WORDS, k=30))}?"
    lines = [f"First, {a} + {b} = <<{a}+{b}={a + b}>>{a + b}."]
    written = len(lines[0])
    while written < size:
        lines.append(" ".join(rng.choices(_WORDS, k=20)) + ".")
        written += len(lines[-1]) + 1
    return {"question": question, "answer": str(a + b), "solution": "\n".join([*lines, f"#### {a + b}"])}


def screening(rows: int, texts: str) -> None:
    from tracemill.settings.memory import tune_process

    tune_process()
    _screened(4 * _BATCH, texts)
    before, began = _peak(), time.perf_counter()
    rejected = _screened(rows, texts)
    grown, seconds = (_peak() - before) / rows, time.perf_counter() - began
    print(f"screening {rows} {texts} problems: {grown:.0f} bytes a problem, {rejected} rejected, {seconds:.1f} s")


def _screened(rows: int, texts: str) -> int:
    from tracemill.selection.screen import screen
    from tracemill.selection.select_config import SelectConfig

    with tempfile.TemporaryDirectory() as folder:
        found = screen(_problems(rows, texts), SelectConfig(), _never, None, Path(folder))
        return sum(map(len, found.rejected))


def _never(_: object) -> object:
    import polars as pl

    check = pl.Struct({"kind": pl.String, "spec": pl.String})
    return pl.DataFrame(schema={**dict.fromkeys(("id", "prompt", "answer"), pl.String), "check": check})


def _problems(rows: int, texts: str) -> Iterator[object]:
    import polars as pl

    common = {"source": "s", "licence": "MIT", "domain": "a.b.c.d", "answer": "1", "split": "train", "group_id": "g"}
    rng = Random(7)
    template = rng.choices(_WORDS, k=60)
    for start in range(0, rows, _BATCH):
        prompts = []
        for _ in range(start, min(start + _BATCH, rows)):
            words = list(template) if texts == "template" else rng.choices(_WORDS, k=60)
            words[rng.randrange(60)] = str(rng.randrange(10**9))
            prompts.append(" ".join(words))
        ids = [f"{number:020x}" for number in range(start, start + len(prompts))]
        yield pl.DataFrame({"id": ids, "prompt": prompts}).with_columns(**{k: pl.lit(v) for k, v in common.items()})


def indexing(items: int) -> None:
    from tracemill.selection.screen import load_index
    from tracemill.selection.select_config import Decontaminate
    from tracemill.settings.memory import tune_process

    tune_process()
    rng = Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.txt"
        with path.open("w") as file:
            for _ in range(items):
                file.write(" ".join(rng.choices(_WORDS, k=61)) + "\n")
        config = Decontaminate.model_validate({"benchmarks": [{"path": str(path), "format": "txt"}]})
        before = _peak()
        index = load_index(config)
        assert index is not None
    print(f"index of {items} items of 61 words: {(_peak() - before) / 2**20:.0f} MB at most above what there was")


def _peak() -> int:
    """The most that this process had in memory so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    main()
