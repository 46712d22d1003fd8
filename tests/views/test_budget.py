"""Rows of the view `budget`: how far each effort goes on a problem, and its shortest verified solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from solved import PROBLEM, TRACE, group, verdict
from students import at_two_efforts
from tracemill.cli.command_line import main
from tracemill.records import Turn
from tracemill.settings.plugins import load
from tracemill.views.budget import order_of
from tracemill.views.groups import EachEffort
from tracemill.views.view import encode, view_with
from workplace import Workplace


def of(sample: int, effort: str | None, outcome: str, tokens: int = 10) -> tuple[Any, Any]:
    """A trace at an effort, with the verdict on its answer."""
    id_ = f"{PROBLEM.id}-{sample:012x}"
    trace = replace(TRACE, id=id_, effort=effort, completion_tokens=tokens, turns=(Turn("assistant", "It is 17."),))
    return trace, verdict("answer", outcome, id=f"{id_}-a", trace_id=id_)


def row(*solved: tuple[Any, Any], system: str = "", **settings: Any) -> Mapping[str, Any]:
    view = view_with("budget", settings)
    problem = replace(PROBLEM, system=system)
    found = view.row(group(*(one for _, one in solved), problem=problem, traces=tuple(one for one, _ in solved)))
    assert encode("budget", view.schema, [found]).num_rows == 1
    return found


LOW, HIGH = of(1, "low", "verified"), of(2, "high", "verified", 90)


def test_a_row_says_how_often_its_effort_is_enough_and_whether_a_smaller_one_would_be() -> None:
    tried = [of(3, "low", "refuted"), of(4, "high", "verified"), of(5, "off", "refuted")]
    high = row(HIGH, LOW, *tried)
    assert (high["effort"], high["effort_rank"], high["efforts"]) == ("high", 2, 3)
    assert (high["pass_rate"], high["sufficient"], high["tokens"]) == (1.0, False, 90)
    low = row(LOW, HIGH, *tried)
    assert (low["effort_rank"], low["pass_rate"], low["sufficient"]) == (1, 0.5, True)
    assert low["trace_ids"] == [LOW[0].id, HIGH[0].id, *(trace.id for trace, _ in tried)]


def test_an_effort_that_mostly_fails_is_not_sufficient() -> None:
    tried = [LOW, of(3, "low", "refuted"), of(4, "low", "refuted"), HIGH]
    assert row(*tried)["sufficient"] is False
    assert row(HIGH, *tried[:3])["sufficient"] is True


def test_what_was_not_decided_is_no_failure() -> None:
    assert row(LOW, HIGH, of(3, "low", "unknown"), of(4, "low", "error"))["pass_rate"] == 1.0
    assert row(LOW, of(3, "high", "unknown"))["efforts"] == 1


def test_efforts_go_from_the_least_to_the_greatest() -> None:
    named = ["off", "tokens 512", "tokens 4096", "low", "medium", "high", "dynamic", "wait 1", "wait 2"]
    assert sorted(set(named), key=order_of) == named


@pytest.mark.parametrize(
    ("controls", "effort", "system", "user", "control"),
    [
        ("easy_hard", "low", None, "[Easy] What does an apple cost?", "[Easy]"),
        ("easy_hard", "high", None, "[Hard] What does an apple cost?", "[Hard]"),
        ("easy_hard", "off", None, "What does an apple cost?", None),
        ("qwen3", "off", None, "What does an apple cost? /no_think", "/no_think"),
        ("qwen3", "dynamic", None, "What does an apple cost? /think", "/think"),
        ("gpt_oss", "medium", "Reasoning: medium", "What does an apple cost?", "Reasoning: medium"),
        ("nemotron", "off", "/no_think", "What does an apple cost?", "/no_think"),
        (None, "low", None, "What does an apple cost?", None),
    ],
)
def test_the_prompt_says_how_much_to_think_in_the_words_of_a_family(
    controls: str | None, effort: str, system: str | None, user: str, control: str | None
) -> None:
    found = row(of(1, effort, "verified"), controls=controls)
    said = [{"role": "system", "content": system}] if system else []
    assert found["messages"] == [
        *said,
        {"role": "user", "content": user},
        {"role": "assistant", "content": "It is 17."},
    ]
    assert found["control"] == control


def test_a_systems_control_stands_before_the_problems_own_text() -> None:
    found = row(of(1, "low", "verified"), system="Be exact.", controls="gpt_oss")
    assert found["messages"][0] == {"role": "system", "content": "Reasoning: low\n\nBe exact."}


@pytest.mark.parametrize("reasoning", ["inline", "reasoning_content"])
def test_reasoning_stands_where_it_stands_in_sft(reasoning: str) -> None:
    trace, judged = LOW
    thinking = replace(trace, turns=(Turn("assistant", "It is 17.", "20 − 3 = 17"),))
    found = row((thinking, judged), HIGH, reasoning=reasoning, controls="gpt_oss")
    assert found["thinking"] is True and row(HIGH)["thinking"] is False
    sft = view_with("sft", {"reasoning": reasoning}).row(group(judged, traces=(thinking,)))
    assert found["messages"][1:] == sft["messages"]
    assert all(message.keys() == sft["messages"][0].keys() for message in found["messages"])


def test_a_row_rests_on_a_verified_trace_with_an_effort() -> None:
    with pytest.raises(ValueError, match="no verifier verified"):
        row(of(1, "low", "refuted"), HIGH)
    with pytest.raises(ValueError, match="states no effort"):
        row(of(1, None, "verified"), HIGH)
    with pytest.raises(ValueError, match="was not decided"):
        view_with("budget", {}).row(group(verdict("steps", "verified"), traces=(replace(TRACE, effort="low"),)))


# What may enter, and the grouping


def reasons(view: str, require: tuple[str, ...], *found: dict[str, Any]) -> list[str | None]:
    plain = {"flaw_index": None, "text_reason": "", "rank": None, "steps.outcome": "verified"}
    frame = pl.DataFrame([plain | one for one in found], schema_overrides={"relation": pl.String})
    return frame.select(load("view", view).policy(require)).to_series().to_list()


def test_the_best_of_n_is_not_the_best_at_each_effort() -> None:
    ranked = [candidate(1, "low", rank=1), candidate(2, "high", rank=0)]
    assert reasons("budget", ("answer",), *ranked) == [None, None]
    assert reasons("sft", ("answer",), *ranked) == ["not the best sample", None]


def test_nothing_enters_without_a_verified_answer_whatever_else_is_required() -> None:
    found = [candidate(1, "low"), candidate(2, "high", "unknown"), candidate(3, None)]
    assert reasons("budget", ("steps",), *found) == [None, "answer unknown", "no effort stated"]


def test_a_revision_says_nothing_of_an_effort() -> None:
    first, second = candidate(1, "low", "refuted"), candidate(2, "low", relation="revision")
    assert reasons("budget", ("answer",), first, second) == ["answer refuted", "a revision"]
    kept = candidate(3, "high")
    assert units(first, second | {"kept": False, "reason": "a revision"}, kept)[3] == ("", [3, 1])


def candidate(sample: int, effort: str | None, outcome: str = "verified", **more: Any) -> dict[str, Any]:
    plain = {
        "id": f"{PROBLEM.id}-{sample:012x}",
        "problem_id": PROBLEM.id,
        "kept": outcome == "verified",
        "reason": "" if outcome == "verified" else f"answer {outcome}",
        "detail": "",
        "domain": "a.b.c.d",
        "skill": "skills",
        "difficulty": 0.5,
        "effort": effort,
        "relation": None,
        "answer.outcome": outcome,
        "completion_tokens": 10 * sample,
        "against": None,
    }
    return plain | more


_NULLABLE = {"against": pl.String, "relation": pl.String, "completion_tokens": pl.Int64}


def units(*found: dict[str, Any]) -> dict[int, tuple[str, list[int]]]:
    """By sample: the reason against it, and the samples of its unit."""
    frame = pl.DataFrame(list(found), schema_overrides=_NULLABLE)
    rows = EachEffort().units(frame, pl.DataFrame()).rows(named=True)
    assert all(one["kept"] == (one["reason"] == "") for one in rows)
    return {int(one["id"][21:], 16): (one["reason"], [int(i[21:], 16) for i in one["trace_ids"]]) for one in rows}


def test_each_effort_shows_its_shortest_trace_and_takes_the_others_along() -> None:
    found = units(
        candidate(1, "low", completion_tokens=80),
        candidate(2, "low", completion_tokens=30),
        candidate(3, "high", "refuted", completion_tokens=5),
        candidate(4, "high", completion_tokens=None),
        candidate(5, "high", completion_tokens=900),
        candidate(6, "off", "unknown"),
        candidate(7, None),
    )
    assert found[2] == ("", [2, 1, 3, 4, 5])
    assert found[5] == ("", [5, 1, 2, 3, 4])
    assert found[1][0] == found[4][0] == "not the shortest at its effort"
    assert found[3] == ("answer refuted", [3]) and found[6] == ("answer unknown", [6])


def test_a_problem_that_was_tried_at_one_effort_says_nothing_of_efforts() -> None:
    found = units(candidate(1, "low"), candidate(2, "low", "refuted"), candidate(3, "high", "unknown"))
    assert found[1][0] == "tried at one effort alone"
    assert units(candidate(1, "high"), candidate(2, "low", "refuted"))[1] == ("", [1, 2])


def test_what_is_held_out_tells_nothing() -> None:
    found = units(candidate(1, "low"), candidate(2, "high", kept=False, reason="held out", against="held out"))
    assert found[1][0] == "tried at one effort alone"


# From a teacher to the rows


def test_a_teacher_that_is_asked_at_two_efforts_fills_the_view(workplace: Workplace) -> None:
    assert at_two_efforts(workplace) == 0
    rows = [row for path in Path(workplace.out).glob("dataset/budget/*") for row in pq.read_table(path).to_pylist()]
    kinds = sorted((row["effort"], row["efforts"], row["effort_rank"], row["sufficient"]) for row in rows)
    assert set(kinds) == {("high", 2, 1, False), ("high", 2, 1, True), ("low", 2, 0, True)}
    assert kinds.count(("low", 2, 0, True)) == kinds.count(("high", 2, 1, False)) >= 2
    assert {row["messages"][0]["content"][:7] for row in rows} == {"[Easy] ", "[Hard] "}
    card = (Path(workplace.out) / "dataset" / "README.md").read_text()
    assert "`budget`:\n\n```python" in card and "# rows = rows.filter(lambda row: row[" in card
    assert main(["status", workplace.out]) == 0
