"""The same build on an idle and on a loaded machine: `python -m benchmarks.load --rows 10000 --busy 8`.

Prints the time of each, and whether every Parquet file of the dataset has the same bytes (exit status 1 if not).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import build


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--busy", type=int, default=8, help="processes that compute for ever")
    parser.add_argument("--executor", choices=("local", "ray"), default="local")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as idle, tempfile.TemporaryDirectory() as loaded:
        print(f"others at work before: {os.getloadavg()[0]:.1f} processes", flush=True)
        alone = build(chosen.rows, chosen.executor, Path(idle))
        with busy(chosen.busy):
            beside = build(chosen.rows, chosen.executor, Path(loaded))
        same = shards(Path(idle)) == shards(Path(loaded))
    print(f"{alone.rows} rows: {alone.total:.1f} s, and {beside.total:.1f} s beside {chosen.busy} busy processes")
    print("the same bytes" if same else "NOT the same bytes")
    sys.exit(not same)


@contextmanager
def busy(count: int) -> Iterator[None]:
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def shards(folder: Path) -> dict[str, str]:
    """The Parquet files of the dataset built in a folder, each with its hash."""
    [root] = folder.glob("*/dataset")
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*.parquet")}


if __name__ == "__main__":
    main()
