"""What the card says of how good test suites are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import polars as pl
from tracemill.publishing.figures.test_suites import FIGURE


def measured(*suites: dict[str, int] | None) -> dict[str, Any]:
    """What the manifest says."""
    specs = [{"mode": "call", **({"suite": suite} if suite else {})} for suite in suites]
    checks = [{"kind": "code", "spec": json.dumps(spec)} for spec in specs] + [{"kind": "exact", "spec": "{}"}]

    def batches(table: str, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        yield pl.DataFrame({"check": checks})

    build: Any = SimpleNamespace(tables=SimpleNamespace(batches=batches))
    return dict(FIGURE.measure(build))


def test_only_suites_whose_score_is_known_are_counted_and_it_is_not_rounded_up() -> None:
    known, weak = {"differing": 4, "killed": 4}, {"differing": 1000, "killed": 999}
    found = measured(known, weak, {"differing": 3, "killed": 3, "unexamined": 2}, None)
    assert found["test_suites"] == {
        "problems": 4,
        "measured": 2,
        "mutants": 1004,
        "killed": 1003,
        "weak": 1,
        "score": 0.99,
    }
    assert "Of 4 test suites 2 were measured" in FIGURE.card(found)
    assert [one["count"] for one in found["suite_scores"]] == [0] * 9 + [2]
    assert measured(known)["test_suites"]["score"] == 1.0
    assert "Test suites: 1. None was measured when its" in FIGURE.card(measured(None))
