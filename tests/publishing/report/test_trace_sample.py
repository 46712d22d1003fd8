"""Which traces are shown: rare kinds are, and the same ones every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from tracemill.publishing.report.rejects import rejected
from tracemill.publishing.report.trace_sample import SHOWN, sampled

TABLES = {
    "traces": {"id": pl.String, "problem_id": pl.String, "digest": pl.String},
    "problems": {"id": pl.String, "domain": pl.String, "prompt": pl.String},
    "selection": {
        "id": pl.String,
        "kept": pl.Boolean,
        "reason": pl.String,
        "detail": pl.String,
        "view": pl.String,
        "problem_id": pl.String,
        "trace_ids": pl.List(pl.String),
    },
    "disagreements": {"trace_id": pl.String},
    "verdicts": {"trace_id": pl.String, "trace_digest": pl.String, "scope": pl.String, "outcome": pl.String},
}


class Tables:
    """Tables in memory, cut into two ranges."""

    judges = None

    def __init__(self, **rows: list[tuple[Any, ...]]) -> None:
        self.rows = {
            name: pl.DataFrame(rows.get(name, []), schema=schema, orient="row") for name, schema in TABLES.items()
        }

    def spans(self) -> Sequence[tuple[str | None, str | None]]:
        return [(None, "p050"), ("p050", None)]

    def batches(self, table: str, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        if table in self.rows:
            yield from (self.frame(table, columns, span) for span in self.spans())

    def frame(self, table: str, columns: tuple[str, ...], span: tuple[str | None, str | None]) -> pl.DataFrame:
        rows, (low, high) = self.rows[table], span
        key = pl.col("trace_id" if table in ("verdicts", "disagreements") else "id")
        within = rows.filter((key >= low if low else True) & (key < high if high else True))
        return within.select(columns)

    def view_rows(self, view: str, columns: tuple[str, ...] | None) -> Iterator[pl.DataFrame]:
        raise NotImplementedError

    def counting_verdicts(self, columns: tuple[str, ...], span: tuple[str | None, str | None]) -> pl.DataFrame:
        return self.frame("verdicts", columns, span)

    def records(self, table: str, span: Any, column: str, values: Sequence[str]) -> Iterator[Any]:
        raise NotImplementedError


def built(outcomes: dict[int, tuple[str, ...]], tasks: int = 3, scopes: Sequence[str] = ("answer", "steps")) -> Tables:
    """A hundred problems with a trace each, whose verdicts are verified but for those given."""
    numbers = range(100)
    return Tables(
        problems=[(f"p{n:03}", f"math.algebra.task{n % tasks}.plain", f"How much is {n}?") for n in numbers],
        traces=[(f"p{n:03}-t", f"p{n:03}", "d") for n in numbers],
        verdicts=[
            (f"p{n:03}-t", "d", scope, one)
            for n in numbers
            for scope, one in zip(scopes, outcomes.get(n, ("verified", "verified")), strict=False)
        ],
        selection=[
            (f"p{n:03}-t@{view}", n % 2 == 0, "" if n % 2 == 0 else "odd", "", view, f"p{n:03}", [f"p{n:03}-t"])
            for n in numbers
            for view in ("sft", "rlvr")[: 1 + n % 4 // 2]
        ],
    )


def test_the_few_that_are_refuted_unknown_or_disagreed_on_are_shown() -> None:
    tables = built({7: ("refuted",), 23: ("unknown", "verified"), 61: ("verified", "refuted"), 99: ("error",), 50: ()})
    found = sampled(tables)
    standings = {one.id: one.standing for one in found}
    assert standings["p007-t"] == "refuted" and standings["p023-t"] == "unknown" and standings["p099-t"] == "error"
    assert standings["p061-t"] == "disagreeing" and standings["p050-t"] == "not judged"
    assert Counter(standings.values())["verified"] >= 10 and len(found) <= SHOWN
    assert [one.standing for one in found][:2] == ["disagreeing", "refuted"]


def test_a_trace_whose_label_says_something_else_is_among_the_first() -> None:
    tables = built({7: ("refuted",)})
    tables.rows["disagreements"] = pl.DataFrame({"trace_id": ["p088-t"]})
    [first, *_] = sampled(tables)
    assert (first.id, first.standing) == ("p088-t", "label differs")


def test_what_one_verifier_passes_by_and_another_decides_is_decided() -> None:
    tables = built(
        {7: ("unknown", "verified"), 8: ("refuted", "unknown"), 9: ("unknown", "unknown")}, scopes=("answer",) * 2
    )
    standings = {one.id: one.standing for one in sampled(tables)}
    assert [standings[f"p{n:03}-t"] for n in (7, 8, 9)] == ["verified", "refuted", "unknown"]


def test_no_standing_and_no_task_crowds_the_others_out() -> None:
    tables = built(dict.fromkeys(range(0, 90), ("refuted",)), tasks=30)
    found = sampled(tables)
    assert len(found) == SHOWN
    counted = Counter(one.standing for one in found)
    assert counted["verified"] == 10 and counted["refuted"] == 40
    assert len({one.task for one in found if one.standing == "refuted"}) == 30


def test_views_and_tasks_are_those_of_the_tables() -> None:
    found = {one.id: one for one in sampled(built({}))}
    assert {one.views for one in found.values()} == {(), ("sft",), ("rlvr", "sft")}
    assert {one.task for one in found.values()} == {f"math.algebra.task{n}" for n in range(3)}
    assert all(one.problem_id == one.id[:4] for one in found.values())


def test_the_same_build_gives_the_same_traces_however_its_tables_are_cut() -> None:
    one, other = built({5: ("refuted",)}), built({5: ("refuted",)})
    other.spans = lambda: [(None, None)]  # type: ignore[method-assign]
    assert [trace.id for trace in sampled(one)] == [trace.id for trace in sampled(other)]


def test_an_empty_build_has_no_sample() -> None:
    assert sampled(Tables()) == []


def test_rejects_are_shown_by_where_and_why_with_their_problems() -> None:
    class WithTurns(Tables):
        def frame(self, table: str, columns: tuple[str, ...], span: Any) -> pl.DataFrame:
            if columns != ("id", "turns"):
                return super().frame(table, columns, span)
            turns = pl.Series([[{"content": "It is so. " * 100, "reasoning": ""}]])
            return super().frame(table, ("id",), span).with_columns(turns=turns.first())

    made = built({})
    tables = WithTurns()
    tables.rows = made.rows
    found = {(one.where, one.reason): one.samples for one in rejected(tables)}
    assert found.keys() == {("rlvr", "odd"), ("sft", "odd")}
    [first, *others] = found["sft", "odd"]
    assert first.id == "p001-t" and first.prompt == "How much is 1?" and len(others) == 2
    assert first.end.startswith("[…] ") and first.end.endswith("It is so. ")
