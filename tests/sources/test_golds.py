from __future__ import annotations

import pytest
from tracemill.records import Check, Decision, Problem, Source
from tracemill.running.producing import Produce
from tracemill.settings import plugins
from tracemill.sources.domains import DomainsConfig, DomainsSource
from tracemill.sources.golds import read_golds
from tracemill.sources.source import Context, WorkItem


def problem(answer: str, check: Check, number: int = 0) -> Problem:
    return Problem(f"p{number}", "g", "a.b.c.d", "How many?", answer, check, Source("toy", "1", "MIT", number, 0))


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        ("many", Check("numeric")),
        ("3 +", Check("symbolic")),
        ("C", Check("choice", {"choices": {"A": "x", "B": "y"}})),
        ("{", Check("structured", {"fields": {"x": "numeric"}})),
        ("[1,", Check("exact", {"literal": True})),
        ("1", Check("numerical")),
    ],
)
def test_an_expected_answer_that_cannot_be_read_is_a_rejected_problem(answer: str, check: Check) -> None:
    good, line = problem("12", Check("numeric"), 1), Decision("toy:3", "line", False, "not JSON")
    bad, *rest = read_golds([problem(answer, check), good, line])
    assert isinstance(bad, Decision)
    assert (bad.id, bad.subject, bad.kept, bad.problem_id) == ("p0", "problem", False, "p0")
    assert bad.reason == f"the answer does not fit check {check.kind!r}"
    assert bad.detail.startswith("toy:1: ")
    assert rest == [good, line]


def test_the_problems_of_every_source_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd(DomainsSource):
        def produce(self, item: WorkItem) -> list[Problem]:
            return [problem("many", Check("numeric"))]

    monkeypatch.setattr(plugins, "installed", lambda thing: {"domains": "gone"})
    monkeypatch.setattr("tracemill.running.producing.load", lambda thing, name: Odd)
    stage = Produce([DomainsConfig(kind="domains", per_task=1)], Context(1, 0.0))
    stage.open()
    (done,) = stage.process([WorkItem("0/x", {})])
    assert [type(record) for record in done.records] == [Decision]
