"""Builds of solutions that people bring: the usual endings give rows, and a build that would give none says so."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tracemill.rewards import compute_score
from workplace import CONFIG, Workplace

WORK = "First I take {a}, and then {b} more.\nThat is all there is to do."
ENDINGS: tuple[Any, ...] = (
    "<think>\n{work}\n</think>\n\nThere are {sum} now. So it is {sum}.",
    "<|begin_of_thought|>{work}<|end_of_thought|>\n<|begin_of_solution|>The answer is {sum}.<|end_of_solution|>",
    [{"role": "user", "content": "{a} and {b}?"}, {"role": "assistant", "content": "{work}\n#### {sum}"}],
    "{work}\n\nSo we get\n\\[\n\\boxed{{{sum}}}\n\\]",
    "{work}\nAnswer: {sum}",
    "{work}\n\n**{sum}**",
    "{work}\nThe answer is {sum}.",
    "{work}\n\n### Final answer\n\n{sum}",
)


THINGS = ("herons", "old clocks", "unread letters", "bicycles", "bakers", "ships", "lamps", "sleeping cats")


def line(number: int, ending: Any) -> dict[str, Any]:
    a, b = 7 * number + 3, 11 * number + 5
    words = {"a": a, "b": b, "sum": a + b, "work": WORK.format(a=a, b=b)}
    question = f"In town number {number} there are {a} {THINGS[number % 8]} and {b} more come. How many are there now?"
    return {"question": question, "answer": str(a + b), "solution": _filled(ending, words)}


def _filled(value: Any, words: dict[str, Any]) -> Any:
    if isinstance(value, str):
        return value.format(**words)
    return [{key: _filled(text, words) for key, text in one.items()} for one in value]


def config(path: Path | str, **source: Any) -> dict[str, Any]:
    fields = {
        "prompt": "question",
        "answer": "answer",
        "references": [{"text": "solution", "author": "people"}],
    }
    base = {
        "kind": "jsonl",
        "name": "toy",
        "path": str(path),
        "licence": "MIT",
        "fields": fields,
        "domain": "math.arithmetic.words.toy",
        "check": {"kind": "numeric"},
    }
    return {
        **CONFIG,
        "sources": [base | source],
        "teacher": {"kind": "replay"},
        "strategy": {"kind": "single"},
        "split": {"bench": 0},
        "verify": {"require": ["answer"], "audit": 1, "leakage": None},
        "views": ["sft"],
    }


def rows(workplace: Workplace, view: str = "sft") -> list[dict[str, Any]]:
    shards = sorted((Path(workplace.out) / "dataset" / view).rglob("*.parquet"))
    return [row for shard in shards for row in pq.read_table(shard).to_pylist()]


def test_eight_usual_endings_of_right_solutions_become_eight_rows(workplace: Workplace) -> None:
    path = workplace.folder / "own.jsonl"
    path.write_text("".join(json.dumps(line(k, ending)) + "\n" for k, ending in enumerate(ENDINGS)))
    workplace.config(config(path))
    assert workplace.build() == 0
    replies = [row["messages"][-1]["content"] for row in rows(workplace)]
    assert len(replies) == 8
    for reply in replies:
        thought, _, said = reply.partition("</think>")
        assert thought.startswith("<think>\nFirst I take") and "all there is to do" in thought
        assert said.strip() and "First I take" not in said


def test_an_ending_of_ones_own_is_read_with_two_patterns(workplace: Workplace) -> None:
    path = workplace.folder / "own.jsonl"
    path.write_text("".join(json.dumps(line(k, "{work}\nErgebnis: {sum}\nStimmt.")) + "\n" for k in range(2)))
    workplace.config(config(path) | {"teacher": {"kind": "replay", "ending": "Ergebnis:"}})
    assert workplace.build("verify.require=[{kind: answer, pattern: 'Ergebnis: (.+)'}]", "views=[sft,rlvr]") == 0
    replies = [row["messages"][-1]["content"].partition("</think>")[2].strip() for row in rows(workplace)]
    assert len(replies) == 2 and all(reply.startswith("Ergebnis: ") for reply in replies)
    truths = [row["reward_model"]["ground_truth"] for row in rows(workplace, "rlvr")]
    assert sorted(compute_score("own", reply, truth) for reply in replies for truth in truths) == [0, 0, 1, 1]


def test_the_reasoning_of_a_build_may_be_moved_to_a_field_and_back(workplace: Workplace, capsys) -> None:
    path = workplace.folder / "own.jsonl"
    path.write_text("".join(json.dumps(line(k, ENDINGS[4])) + "\n" for k in range(3)))
    workplace.config(config(path))
    assert workplace.build() == 0
    inline = workplace.shards()
    assert workplace.build("views.sft.reasoning=reasoning_content", flags=("--dry-run",)) == 0
    assert "traces     done" in capsys.readouterr().out
    assert workplace.build("views.sft.reasoning=reasoning_content") == 0
    replies = [row["messages"][-1] for row in rows(workplace)]
    assert {one["content"].partition(":")[0] for one in replies} == {"Answer"}
    assert all(one["reasoning_content"].startswith("First I take") for one in replies)
    assert workplace.build() == 0
    assert workplace.shards() == inline


def test_a_build_in_which_nothing_is_taken_says_why_and_fails(workplace: Workplace, capsys) -> None:
    path = workplace.folder / "own.jsonl"
    path.write_text("".join(json.dumps(line(k, "I do not know.")) + "\n" for k in range(3)))
    workplace.config(config(path))
    for _ in range(2):
        assert workplace.build() == 1
        error = capsys.readouterr().err
        assert "no view has a row" in error and "candidates for sft: 3 answer refuted" in error
        assert "allow_empty=true" in error and "verify.require" not in error
    assert not (Path(workplace.out) / "manifest.json").exists()
    assert workplace.build("verify.require=[answer, steps]", "verify.audit=1") == 1
    error = capsys.readouterr().err
    assert "candidates for sft: 3 answer refuted" in error
    assert workplace.build("verify.require=[steps]") == 1
    assert "3 steps unknown" in (error := capsys.readouterr().err) and "set verify.require=[answer]" in error
    assert workplace.build("allow_empty=true") == 0
    assert rows(workplace) == []


def test_contradictory_answers_stand_on_the_card_and_not_in_the_rows(workplace: Workplace, capsys) -> None:
    path = workplace.folder / "own.jsonl"
    lines = [line(k, ENDINGS[4]) for k in range(4)]
    wrong = lines[1] | {"answer": "7", "solution": "Some.\nAnswer: 7"}
    unreadable = line(5, ENDINGS[4]) | {"answer": "about a dozen"}
    path.write_text("".join(json.dumps(one) + "\n" for one in [*lines, wrong, unreadable]))
    workplace.config(config(path))
    assert workplace.build() == 0
    assert len(rows(workplace)) == 3
    summary = capsys.readouterr().out
    assert "questions 1, asked by problems 2, all rejected" in summary
    assert "lines    1 the answer does not fit check 'numeric'" in summary
    assert workplace.build("select.conflicts=keep") == 0
    assert len(rows(workplace)) == 5
    card = (Path(workplace.out) / "dataset" / "README.md").read_text()
    assert "contradict each other: 1, asked\nby 2 problems, which were all kept." in card


def test_a_build_reads_its_source_through_a_pipe(workplace: Workplace) -> None:
    path = workplace.folder / "pipe"
    os.mkfifo(path)
    text = "".join(json.dumps(line(k, ENDINGS[4])) + "\n" for k in range(5))
    writer = threading.Thread(target=lambda: path.write_text(text))
    writer.start()
    workplace.config(config(path))
    assert workplace.build() == 0
    writer.join()
    assert len(rows(workplace)) == 5


def test_a_source_that_gives_nothing_is_refused_before_anything_is_written(workplace: Workplace, capsys) -> None:
    path = workplace.folder / "own.jsonl"
    path.write_text(json.dumps(line(1, "A dozen.") | {"answer": "a dozen or so"}) + "\n")
    workplace.config(config(path))
    assert workplace.build() == 2
    assert "the answer does not fit check 'numeric' (toy:1: " in capsys.readouterr().err
    assert not Path(workplace.out).exists()
