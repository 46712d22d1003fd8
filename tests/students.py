"""Models on loopback that are asked by `tracemill estimate`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai.endpoint_check import QUESTION
from tracemill.cli.command_line import main
from workplace import Workplace

HARD = "planning"


def asked(server: ChatServer) -> list[dict[str, Any]]:
    """The requests without those that find out whether the model is there."""
    return [seen.body for seen in server.seen if not is_check(seen.body)]


def is_check(body: dict[str, Any]) -> bool:
    return bool(body["messages"] == [*QUESTION])


def problems(out: str) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(pq.read_table(path)) for path in Path(out).glob("parts/problems/*")])


def solving(out: str, every: int = 2):
    """Says the right answer to every `every`-th request for a problem of algebra, and never to one of planning."""
    known = {row["prompt"]: row for row in problems(out).iter_rows(named=True)}
    times: Counter[str] = Counter()

    def said(body, _count):
        if is_check(body):
            return Said("OK")
        row = known[body["messages"][-1]["content"]]
        times[row["id"]] += 1
        right = not row["domain"].startswith(HARD) and times[row["id"]] % every == 0
        return Said(f"Answer: {row['answer']}" if right else "Answer: none")

    return said


def estimate(place: Workplace, url: str, *words: str) -> int:
    return main(["estimate", place.out, "--model", url, *words])


def folder(place: Workplace) -> Path:
    [found] = (Path(place.out) / "estimates").iterdir()
    return found
