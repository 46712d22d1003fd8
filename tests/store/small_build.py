"""A little build of two phases, for tests that kill it: run as a program, or called in this process.

    python small_build.py URL LOG INPUTS [POINT]

Every unit of work is logged to LOG and fsynced before its row is appended; the journal is flushed every `EVERY`
inputs and never by the clock. POINT is `before|after:METHOD:PREFIX:N`: a SIGKILL of itself around the N-th call of a
method of the folder whose path begins with PREFIX; or `half:write:N` in the middle of the N-th write, or
`before|after:link:N`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from tracemill.store.manifest import write_manifest
from tracemill.store.opening import open_files
from tracemill.store.store import Store

EVERY = 10
LEASE = 0.4
SCHEMA = pa.schema([pa.field("id", pa.string(), nullable=False), ("text", pa.string())])
TABLES = {"traces": SCHEMA, "verdicts": SCHEMA}
KEY = {"teacher": "symbolic", "version": 1}


def input_ids(count: int) -> list[str]:
    return [f"{(index * 7919) % 100003:020x}" for index in range(count)]


def row(table: str, id: str) -> dict[str, str]:
    return {"id": f"{id}-{table[0]}", "text": f"{table} of {id} " * 3}


def work(url: str, log: Path, inputs: int) -> None:
    """The whole build; done phases are not done again."""
    store = Store(url)
    with store.claim({"command": "test"}, lease_seconds=LEASE) as run:
        print("claimed", flush=True)
        if run.latest is None or "traces" not in run.latest.keys:
            with run.journal("traces", TABLES, flush_seconds=3600) as journal:
                done = journal.done()
                todo = [id for id in input_ids(inputs) if id not in done]
                for count, id in enumerate(todo, 1):
                    note(log, id)
                    journal.append([id], {name: batch([row(name, id)]) for name in TABLES})
                    if count % EVERY == 0:
                        journal.flush()
                run.commit("traces", KEY, TABLES)
        assert run.latest is not None
        if "dataset" not in run.latest.keys:
            texts = [text for rows in store.scan(run.latest, "traces", ["text"]) for text in rows["text"].to_pylist()]
            files = [run.put(f"dataset/shard-{part}.txt", "".join(texts[part::2]).encode()) for part in range(2)]
            run.prune("dataset/", [file.path for file in files])
            run.write_parts("dataset", KEY, {}, files)
        write_manifest(run, {"rows": inputs})


def batch(rows: list[dict[str, str]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def note(log: Path, id: str) -> None:
    with log.open("a") as file:
        file.write(id + "\n")
        file.flush()
        os.fsync(file.fileno())


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, url: str) -> None:
    """Make this process kill itself at the point."""
    when, method, *prefix, number = point.split(":")
    if method in ("write", "link"):
        owner: Any = os
    else:
        owner = type(open_files(url))
    real: Callable[..., Any] = getattr(owner, method)
    left = int(number)

    def deadly(*arguments: Any) -> Any:
        nonlocal left
        if prefix and not str(arguments[1]).startswith(prefix[0]):
            return real(*arguments)
        left -= 1
        if left:
            return real(*arguments)
        if when == "half":
            real(arguments[0], arguments[1][: len(arguments[1]) // 2])
        if when == "after":
            real(*arguments)
        die()
        raise AssertionError("still alive")

    setattr(owner, method, deadly)


if __name__ == "__main__":
    _, where, side_log, how_many, *points = sys.argv
    for one in points:
        arm(one, where)
    work(where, Path(side_log), int(how_many))
