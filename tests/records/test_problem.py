"""What a problem's domain says."""

from __future__ import annotations

import polars as pl
import pytest
from tracemill.records import Check, Problem, Source
from tracemill.records.problem import TASK


@pytest.mark.parametrize(
    ("domain", "task"),
    [
        ("math.algebra.linear_system.market", "math.algebra.linear_system"),
        ("math.algebra.linear_system", "math.algebra.linear_system"),
        ("puzzles.walks", "puzzles.walks"),
        ("puzzles", "puzzles"),
    ],
)
def test_every_domain_has_a_task(domain: str, task: str) -> None:
    assert pl.Series([domain]).str.extract(TASK).to_list() == [task]
    problem = Problem("p", "g", domain, "How many?", "4", Check("numeric"), Source("tests", "1", "MIT", 0, 0))
    assert (problem.task, problem.area) == (task, domain.split(".", maxsplit=1)[0])
