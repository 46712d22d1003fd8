"""How fast rows come in, and whether memory stays flat: a real file repeated, as Parquet, played back without verdicts.

    python -m benchmarks.import_rows --file train.jsonl --rows 100000 --many 1000000

`--file`: JSON lines with `question` and `answer` in the shape of GSM8K. Each row is a problem with one written
solution; repeated rows are kept (`select.dedup.same_question`), so that every row is mapped, screened, played back and
stored. Timed are the phases problems, screen and traces of `tracemill build --until traces --set judging.when=after`;
memory is the largest PSS of all processes together. Rows in must be problems and rejected lines, and every problem must
have its trace.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measure import run_watched

_GROUP = 1_000
_PER_FILE = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000, help="0: only --rows")
    parser.add_argument("--executor", choices=("local", "ray"), default="ray")
    parser.add_argument("--folder", type=Path, help="for the files and the builds; otherwise a temporary one")
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        peaks = [imported(chosen.file, rows, chosen.executor, folder) for rows in (chosen.rows, chosen.many) if rows]
    if len(peaks) == 2:
        print(f"memory: {peaks[1] / peaks[0]:.2f} times as much for {chosen.many / chosen.rows:.0f} times the rows")


def imported(file: Path, rows: int, executor: str, folder: Path) -> int:
    """Imports so many rows; prints rows a second and memory by phase, and returns the largest."""
    data, out = folder / f"rows-{rows}", folder / f"out-{executor}-{rows}"
    if not data.exists():
        repeat(file, rows, data)
    config = folder / f"import-{executor}-{rows}.yaml"
    config.write_text(yaml.safe_dump(_config(data, executor)))
    command = [sys.executable, "-m", "tracemill", "build", str(config), "--out", str(out), "--until", "traces"]
    peaks, seconds = run_watched(command)
    counts = _counts(out)
    if counts["problems"] + counts["lines"] != rows or counts["traces"] != counts["problems"] - counts["screened"]:
        raise SystemExit(f"rows are missing: {counts}, of {rows}")
    total = sum(seconds.values())
    by_phase = ", ".join(f"{phase} {spent:.1f} s {peaks[phase] / 2**20:.0f} MB" for phase, spent in seconds.items())
    most = max(peaks.values()) / 2**20
    print(f"{executor}, {rows:,} rows: {rows / total:,.0f} rows/s, at most {most:.0f} MB ({by_phase})", flush=True)
    return max(peaks.values())


def repeat(file: Path, rows: int, folder: Path) -> None:
    """The lines of a file, again and again, as Parquet files of 100,000 rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with file.open(encoding="utf-8") as opened:
        read = [json.loads(line) for line in opened]
    endless = cycle(read)
    folder.mkdir(parents=True)
    for number, start in enumerate(range(0, rows, _PER_FILE)):
        some = list(islice(endless, min(_PER_FILE, rows - start)))
        pq.write_table(pa.Table.from_pylist(some), folder / f"{number:05}.parquet", row_group_size=_GROUP)


def _counts(out: Path) -> dict[str, int]:
    from tracemill.store.store import Store

    commit = Store(str(out)).latest()
    assert commit is not None
    names = ("problems", "lines", "screened", "traces")
    return {name: commit.tables[name].rows if name in commit.tables else 0 for name in names}


def _config(data: Path, executor: str) -> dict[str, Any]:
    fields = {
        "prompt": "question",
        "answer": "answer",
        "answer_pattern": r"####\s*(.+)",
        "references": [{"text": "answer", "author": "annotators"}],
    }
    return {
        "name": "rows",
        "seed": 1,
        "executor": {"kind": executor},
        "sources": [
            {
                "kind": "parquet",
                "name": "rows",
                "path": str(data),
                "licence": "MIT",
                "domain": "math.arithmetic.word_problem.grade_school",
                "fields": fields,
                "check": {"kind": "numeric"},
            }
        ],
        "teacher": {"kind": "replay"},
        "strategy": {"kind": "single", "samples": 1000},
        "judging": {"when": "after"},
        "asking": {"in_flight": 512},
        "verify": {"require": ["answer"]},
        "select": {"dedup": {"same_question": "keep"}},
        "curriculum": "imported",
        "views": ["sft"],
    }


if __name__ == "__main__":
    main()
