"""What rows are made of: single traces, problems with a set of traces, pairs; nothing is left without a decision."""

from __future__ import annotations

from typing import Any

import polars as pl
from tracemill.views.groups import GROUPED, EachPair, EachProblem, EachTrace

PROBLEM_ID = "p" * 20


def trace(sample: int, against: str = "", **more: Any) -> dict[str, Any]:
    id_ = f"{PROBLEM_ID}-{sample:012x}"
    row = {"id": id_, "problem_id": PROBLEM_ID, "kept": not against, "reason": against, "detail": ""}
    return row | {"domain": "a.b.c.d", "skill": "skills", "difficulty": 0.5, "right": True} | more


def problems(against: str | None = None, id_: str = PROBLEM_ID) -> pl.DataFrame:
    row = {"id": id_, "domain": "a.b.c.d", "difficulty": 0.5, "against": against}
    return pl.DataFrame([row], schema_overrides={"against": pl.String})


def units(grouping: Any, *traces: dict[str, Any], against: str | None = None) -> list[dict[str, Any]]:
    frame = pl.DataFrame(list(traces) or [trace(0)]).head(len(traces))
    found = grouping.units(frame, problems(against))
    assert found.schema == pl.Schema(GROUPED)
    return found.rows(named=True)


def test_each_trace_is_a_unit_kept_or_not() -> None:
    one, other = units(EachTrace(), trace(1), trace(2, "answer refuted"))
    assert (one["subject"], one["trace_ids"], one["kept"]) == ("trace", [one["id"]], True)
    assert (other["trace_ids"], other["kept"], other["reason"]) == ([other["id"]], False, "answer refuted")


def test_a_set_holds_the_traces_that_may_enter_and_needs_enough_of_them() -> None:
    grouping = EachProblem(least=2, otherwise="too few efforts")
    [found] = units(grouping, trace(1), trace(2, "answer refuted"), trace(3, skill="strategy"))
    assert (found["id"], found["subject"], found["kept"]) == (PROBLEM_ID, "problem", True)
    assert found["trace_ids"] == [trace(1)["id"], trace(3)["id"]]
    [found] = units(grouping, trace(1), trace(2, "truncated"), trace(3, "answer refuted"))
    assert (found["kept"], found["reason"]) == (False, "too few efforts")
    assert found["detail"] == "answer refuted, truncated"


def test_a_problem_without_a_trace_or_with_something_against_it_has_a_decision_too() -> None:
    grouping = EachProblem(least=1, otherwise="no verified answer")
    [found] = units(grouping)
    assert (found["kept"], found["reason"], found["trace_ids"]) == (False, "no trace", [])
    [found] = units(grouping, trace(1, "held out"), against="held out")
    assert (found["kept"], found["reason"], found["detail"]) == (False, "held out", "")


PAIRS = EachPair(first=pl.col("right"), second=~pl.col("right"))


def test_pairs_are_of_different_traces_each_used_once_in_the_order_of_their_ids() -> None:
    given = [trace(n, right=right) for n, right in enumerate([False, True, True, False, True])]
    found = units(PAIRS, *given)
    pairs = [unit for unit in found if unit["subject"] == "pair"]
    numbers = [[int(id_.split("-")[1], 16) for id_ in unit["trace_ids"]] for unit in pairs]
    assert numbers == [[1, 0], [2, 3]]
    assert pairs[0]["id"] == f"{PROBLEM_ID}-{1:012x}+{0:012x}"
    assert all(unit["kept"] and not unit["reason"] for unit in pairs)


def test_a_trace_without_a_counterpart_is_named_and_one_that_was_rejected_keeps_its_reason() -> None:
    found = units(PAIRS, trace(1), trace(2), trace(3, "truncated", right=False))
    assert [(unit["subject"], unit["kept"], unit["reason"]) for unit in found] == [
        ("trace", False, "no counterpart"),
        ("trace", False, "no counterpart"),
        ("trace", False, "truncated"),
    ]


def test_pairs_are_never_of_two_problems() -> None:
    others = {"id": "q" * 20 + "-0", "problem_id": "q" * 20, "right": False}
    found = PAIRS.units(pl.DataFrame([trace(1), trace(2) | others]), problems())
    assert found["subject"].to_list() == ["trace", "trace"]


def test_how_many_rows_a_problem_can_give() -> None:
    assert [EachTrace().most(5), PAIRS.most(5), PAIRS.most(1)] == [5, 2, 0]
    assert [EachProblem(3, "few").most(2), EachProblem(3, "few").most(7)] == [0, 1]
