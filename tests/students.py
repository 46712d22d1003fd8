"""Models on loopback: students that `tracemill estimate` asks, and a teacher that thinks as much as it is told to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai.endpoint_check import QUESTION
from tracemill.cli.command_line import main
from workplace import CONFIG, Workplace

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


def at_two_efforts(place: Workplace) -> int:
    """Builds `sft` and `budget` from a model that is right with much effort, with little in every second problem."""
    answers: dict[str, str] = {}

    def said(body: dict[str, Any], _count: int) -> Said:
        if is_check(body):
            return Said("OK")
        prompt = body["messages"][-1]["content"]
        hard = prompt.startswith("[Hard] ")
        answer = answers[prompt.removeprefix("[Hard] ").removeprefix("[Easy] ")]
        right = hard or answers[answer] == "easy"
        thought = " ".join(map(str, range(90 if hard else 9)))
        return Said(f"Answer: {answer}" if right else "Answer: none", thought)

    with ChatServer(said) as server:
        teacher = {"kind": "openai", "urls": [server.url], "model": "tiny", "family": "easy_hard"}
        strategy = {"kind": "single", "samples": 1, "efforts": ["high", "low"]}
        verify = {**CONFIG["verify"], "require": ["answer"]}
        place.config({**CONFIG, "teacher": teacher, "strategy": strategy, "verify": verify, "views": ["sft", "budget"]})
        assert place.build("sources.0.per_task=4", flags=("--until", "screen")) == 0
        for number, row in enumerate(problems(place.out).iter_rows(named=True)):
            answers |= {row["prompt"]: row["answer"], row["answer"]: "easy" if number % 2 else "hard"}
        return place.build("sources.0.per_task=4")
