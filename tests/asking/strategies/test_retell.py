"""Solvers' solutions in a model's words: kept, with the solution's claims, where they say the same; else rejected."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from retelling import WRONG, sincere, solution_in
from servers.chat_server import ChatServer, Said
from students import is_check
from tracemill.asking.strategies.retell import numbered
from tracemill.cli.command_line import main
from tracemill.settings.plugins import installed
from workplace import CONFIG, Workplace

EVERY = 2 * (len(installed("task")) - 1)
"""Two problems of each task but the one that is solved with tools."""


def rows(place: Workplace, table: str) -> list[dict[str, Any]]:
    paths = Path(place.out).glob(f"parts/{table}/*")
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def retold(place: Workplace, tell: Any, *overrides: str, select: str = "*", flags: tuple[str, ...] = ()) -> int:
    """A build in which every request is answered by `tell`."""

    def said(body: dict[str, Any], _count: int) -> Said:
        return Said("OK" if is_check(body) else tell(body["messages"][-1]["content"]))

    with ChatServer(said) as server:
        place.config(
            {
                **CONFIG,
                "sources": [{"kind": "domains", "select": [select], "per_task": 2, "difficulty": [0.2, 0.6]}],
                "teacher": {"kind": "openai", "urls": [server.url], "model": "teller"},
                "strategy": {"kind": "retell", "tries": 1},
                "verify": {**CONFIG["verify"], "audit": 1},
                # Two questions about one function, of different tasks, are near duplicates.
                "select": {"dedup": {"minhash": {"threshold": 0.9}}},
                "views": ["sft"],
            }
        )
        return place.build(*overrides, flags=flags)


def told(place: Workplace) -> list[dict[str, Any]]:
    return [row for row in rows(place, "traces") if row["relation"] == "retelling"]


def text_of(trace: dict[str, Any], step: dict[str, Any]) -> str:
    turn = trace["turns"][step["turn"]]
    return f"{turn['reasoning']}\n\n{turn['content']}"[step["start"] : step["end"]]


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    place = Workplace(tmp_path_factory.mktemp("retold"))
    assert retold(place, sincere) == 0
    return place


def test_sincere_tellings_of_every_task_are_verified_with_the_claims_of_the_solution(accepted: Workplace) -> None:
    traces = {row["id"]: row for row in rows(accepted, "traces")}
    outcomes = {(row["trace_id"], row["verifier"]): row["outcome"] for row in rows(accepted, "verdicts")}
    tellings = told(accepted)
    assert len(tellings) == EVERY
    for telling in tellings:
        solution = traces[telling["parent_id"]]
        assert (telling["teacher"], solution["teacher"]) == ("teller", "symbolic")
        assert [one["claim"] for one in telling["steps"]] == [one["claim"] for one in solution["steps"]]
        assert [one["uses"] for one in telling["steps"]] == [one["uses"] for one in solution["steps"]]
        assert telling["turns"][0]["reasoning"] != solution["turns"][0]["reasoning"]
        for own, other in zip(telling["steps"], solution["steps"], strict=True):
            assert text_of(telling, own) != text_of(solution, other)
        assert outcomes[telling["id"], "steps"] == outcomes[telling["id"], "answer"] == "verified"


def test_they_become_rows_of_sft(accepted: Workplace) -> None:
    ids = {row["id"] for row in told(accepted)}
    paths = Path(accepted.out).glob("dataset/sft/*.parquet")
    entered = {row["trace_ids"][0] for path in paths for row in pq.read_table(path).to_pylist()}
    assert len(entered & ids) >= 8  # the others are near duplicates of their solutions, or held out
    card = (Path(accepted.out) / "dataset" / "README.md").read_text()
    assert f"| accepted | {EVERY} |" in card
    assert main(["status", accepted.out]) == 0


def test_a_telling_is_one_call_of_the_teacher_and_a_solution_is_none(accepted: Workplace) -> None:
    for trace in told(accepted):
        assert len(trace["call_ids"]) == 1
    asked = rows(accepted, "completions")
    assert len(asked) == EVERY and {completion["author"] for completion in asked} == {"teller"}


@pytest.fixture(scope="module")
def rejected(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """Every problem is told in each wrong way, one after the other."""
    place = Workplace(tmp_path_factory.mktemp("rejected"))
    asked: Counter[str] = Counter()

    def tell(request: str) -> str:
        asked[request] += 1
        wrong, _ = list(WRONG.values())[asked[request] - 1]
        return wrong(request)

    assert retold(place, tell, f"strategy.tries={len(WRONG)}") == 0
    return place


@pytest.mark.parametrize("how", WRONG)
def test_a_teller_that_says_anything_else_is_rejected(how: str, rejected: Workplace) -> None:
    path = f"0/{list(WRONG).index(how)}"
    tellings = [row for row in told(rejected) if row["path"] == path]
    assert len(tellings) == EVERY
    assert {json.loads(row["metadata"])["retelling"] for row in tellings} == {WRONG[how][1]}


def test_what_is_rejected_is_no_text_and_no_row(rejected: Workplace) -> None:
    tellings = told(rejected)
    outcomes = {(row["trace_id"], row["verifier"]): row["outcome"] for row in rows(rejected, "verdicts")}
    for telling in tellings:
        assert telling["error"].startswith("the retelling is rejected: ") and telling["turns"] == []
        assert outcomes[telling["id"], "answer"] == "refuted" and outcomes[telling["id"], "steps"] == "unknown"
    paths = Path(rejected.out).glob("dataset/sft/*.parquet")
    entered = {id_ for path in paths for row in pq.read_table(path).to_pylist() for id_ in row["trace_ids"]}
    assert entered and not entered & {row["id"] for row in tellings}
    card = (Path(rejected.out) / "dataset" / "README.md").read_text()
    assert f"| copied | {EVERY} |" in card and f"| numbering | {4 * EVERY} |" in card


def test_a_rejected_telling_is_asked_for_again_and_an_accepted_one_is_not(workplace: Workplace) -> None:
    asked: dict[str, int] = {}

    def second_time(request: str) -> str:
        asked[request] = asked.get(request, 0) + 1
        return sincere(request) if asked[request] == 2 else "1. No."

    assert retold(workplace, second_time, "strategy.tries=4", select="planning.*") == 0
    assert set(asked.values()) == {2}
    said = sorted((row["path"], json.loads(row["metadata"])["retelling"]) for row in told(workplace))
    assert said == [("0/0", "numbering")] * 2 + [("0/1", "accepted")] * 2


def test_problems_without_a_solver_are_not_asked(workplace: Workplace) -> None:
    (workplace.folder / "rows.jsonl").write_text(json.dumps({"q": "How much is 2 and 2?", "a": "4"}))
    source = {
        "kind": "jsonl",
        "name": "sums",
        "path": str(workplace.folder / "rows.jsonl"),
        "licence": "MIT",
        "domain": "math.arithmetic.sum.plain",
        "fields": {"prompt": "q", "answer": "a"},
        "check": {"kind": "numeric"},
    }
    with ChatServer(Said("OK")) as server:
        teacher = {"kind": "openai", "urls": [server.url], "model": "teller"}
        changed = {"sources": [source], "teacher": teacher, "strategy": {"kind": "retell"}, "views": ["sft"]}
        workplace.config({**CONFIG, **changed})
        assert workplace.build("allow_empty=true") == 0
    assert rows(workplace, "completions") == [] and len(rows(workplace, "unasked")) == 1


def test_what_a_teller_is_shown_can_be_read_back() -> None:
    request = (
        "Solution:\n1. One (1).\n   keep: One · (1)\n2. Two.\n   keep: Two\nClosing: It is\n\n\\boxed{3}\n   keep: x"
    )
    assert solution_in(request) == (["One (1).", "Two."], "It is\n\n\\boxed{3}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1. One.\n2. Two.\nClosing:\nEnd.", ("One.", "Two.", "End.")),
        (
            "**1.** One\nand more.\n\n**2.** Two.\n\n**Closing:** End.\n\nAnswer: 3",
            ("One and more.", "Two.", "End.\n\nAnswer: 3"),
        ),
        ("1) One.\n2) Two.\nclosing: End.", ("One.", "Two.", "End.")),
        ("1. One.\n3. Two.\nClosing:\nEnd.", None),
        ("1. One.\n2. Two.\n3. Three.\nClosing:\nEnd.", None),
        ("1. One.\n1. One.\n2. Two.\nClosing:\nEnd.", None),
        ("Sure!\n1. One.\n2. Two.\nClosing:\nEnd.", None),
        ("1. One.\n2. Two.", None),
        ("1. One.\n2. Two.\nClosing:", None),
        ("1. One.\n2. Two.\nClosing:\nEnd.\nClosing:\nEnd.", None),
        ("1. \n2. Two.\nClosing:\nEnd.", None),
        ("", None),
    ],
)
def test_numbering_is_kept_or_the_telling_is_none(text: str, found: tuple[str, ...] | None) -> None:
    assert numbered(text, 2) == found


def test_what_is_counted_is_what_the_teacher_was_asked_for(accepted: Workplace) -> None:
    """The solver's solutions are verified and cost nothing, and are no samples of the teacher."""
    found = json.loads((Path(accepted.out) / "manifest.json").read_text())
    assert found["verified_traces"] == 2 * EVERY and sum(one["traces"] for one in found["solving"]) == EVERY
    tokens = found["costs"]["amounts"]["completion_tokens"]
    assert tokens["per_verified"] == round(tokens["total"] / EVERY, 1) >= 10
    assert {(row["n"], row["k"]) for row in rows(accepted, "estimates")} == {(0, 0)}
