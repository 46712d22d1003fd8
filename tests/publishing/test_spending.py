"""What calls took is summed once each, and what nobody stated is in no sum."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from tracemill.publishing.spending import Spending

TASKS = {"p1": "math.algebra.linear_system", "p2": "logic.puzzle.knights_knaves"}
SCHEMA = {
    "problem_id": pl.String,
    "finish_reason": pl.String,
    "prompt_tokens": pl.Int64,
    "reasoning_tokens": pl.Int64,
    "completion_tokens": pl.Int64,
    "seconds": pl.Float64,
    "joules": pl.Float64,
    "metadata": pl.String,
}


def calls(*rows: dict[str, Any]) -> pl.DataFrame:
    plain = {"problem_id": "p1", "finish_reason": "stop"}
    filled = [
        {**dict.fromkeys(SCHEMA), **plain, **row, "metadata": json.dumps(row.get("metadata", {}))} for row in rows
    ]
    return pl.DataFrame(filled, schema=SCHEMA)


def spent(prices: dict[str, Any] | None, *rows: dict[str, Any]) -> Spending:
    found = Spending(prices)
    found.add_calls(calls(*rows), TASKS)
    return found


def test_tokens_from_a_cache_have_their_own_price() -> None:
    call = {"prompt_tokens": 1_000_000, "completion_tokens": 500_000, "metadata": {"cached_tokens": 400_000}}
    prices = {"input": 2.0, "output": 8.0, "cached_input": 0.5}
    money = spent(prices, call).amounts["money"]
    assert (money.total, money.calls) == (pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8), 1)
    without = spent({**prices, "cached_input": None}, call).amounts["money"]
    assert without.total == pytest.approx(2 + 4)


def test_a_call_that_was_not_counted_has_no_price_and_is_not_free() -> None:
    prices = {"input": 1.0, "output": 1.0}
    money = spent(prices, {"prompt_tokens": 7}, {"prompt_tokens": 5, "completion_tokens": 5}).amounts["money"]
    assert (money.total, money.calls) == (pytest.approx(10 / 1e6), 1)


def test_hours_of_gpus_cost_what_the_config_says_where_they_were_measured() -> None:
    rows = ({"metadata": {"gpu_seconds": 1800.0}}, {"seconds": 900.0})
    money = spent({"gpu_hour": 3.0}, *rows).amounts["money"]
    assert (money.total, money.calls) == (1.5, 1)


def test_without_prices_nothing_is_said_of_money() -> None:
    assert spent(None, {"prompt_tokens": 5, "completion_tokens": 5}).amounts["money"].calls == 0


def test_failed_calls_are_counted_and_enter_no_sum() -> None:
    found = spent(None, {"finish_reason": "error", "seconds": 60.0}, {"seconds": 1.0})
    assert found.answered == 1 and found.finish_reasons == {"error": 1, "stop": 1}
    assert found.amounts["seconds"].total == 1.0


def test_tokens_stand_with_the_task_they_were_spent_on() -> None:
    found = spent(None, {"completion_tokens": 5}, {"completion_tokens": 7}, {"problem_id": "p2"})
    tokens = {task: (one.completion_tokens.total, one.completion_tokens.calls) for task, one in found.by_task.items()}
    assert tokens == {"math.algebra.linear_system": (12, 2), "logic.puzzle.knights_knaves": (0, 0)}


def test_traces_are_counted_by_task_with_those_that_were_verified() -> None:
    found = Spending()
    traces = pl.DataFrame(
        {"id": ["p1-a", "p1-b", "p2-a"], "problem_id": ["p1", "p1", "p2"], "steps": [3, 4, 5], "metadata": ["{}"] * 3}
    )
    found.add_traces(traces, pl.Series(["p1-b"]), TASKS)
    algebra = found.by_task["math.algebra.linear_system"]
    assert (algebra.traces, algebra.verified, algebra.steps) == (2, 1, 7)
