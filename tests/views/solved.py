"""A problem, a solution of it in three steps, and verdicts on it, for tests of rows."""

from __future__ import annotations

from typing import Any

from tracemill.records import Check, Outcome, Problem, Source, Trace, Verdict
from tracemill.settings.plugins import load
from tracemill.tasks.task import Line, Solution
from tracemill.verifiers.counting import counting_verdicts
from tracemill.views.view import RowGroup, encode

LINES = ("Subtract the second purchase from the first.", "That leaves one apple for the difference.", "So I have it.")
SOLUTION = Solution(tuple(Line(text) for text in LINES), "An apple costs \\boxed{17}.")
PROBLEM = Problem(
    id="p" * 20,
    group_id="g",
    domain="math.algebra.linear_system.market",
    prompt="What does an apple cost?",
    answer="8675309",
    check=Check("numeric", {"tolerance": "0"}),
    source=Source("domains", "3", "Apache-2.0", 42, 7),
    difficulty=0.25,
)
TRACE = Trace(
    id=PROBLEM.id + "-" + "0" * 12,
    digest="d",
    problem_id=PROBLEM.id,
    skill="skills",
    teacher="symbolic",
    strategy="single",
    sample_index=0,
    path="0",
    turns=(SOLUTION.turn(),),
    finish_reason="stop",
    steps=SOLUTION.steps(),
    completion_tokens=31,
)


def verdict(verifier: str, outcome: Outcome, **changes: Any) -> Verdict:
    known: dict[str, Any] = {
        "id": f"{TRACE.id}-{verifier}",
        "trace_id": TRACE.id,
        "trace_digest": "d",
        "verifier": verifier,
        "version": "1",
        "scope": "steps" if verifier == "steps" else "answer",
        "outcome": outcome,
        "strength": "exact" if outcome in ("verified", "refuted") else None,
        "reason": "",
    }
    return Verdict(**{**known, **changes})


def steps(entailed: int, first: int | None, outcome: Outcome, **changes: Any) -> Verdict:
    evidence = {"first_refuted": first, "entailed_prefix": entailed}
    return verdict("steps", outcome, **{"evidence": evidence, "coverage_steps": 1.0, "strength": "proof", **changes})


RIGHT = steps(3, None, "verified")
ANSWER = verdict("answer", "verified")


def group(*found: Verdict, problem: Problem = PROBLEM, traces: tuple[Trace, ...] = (TRACE,)) -> RowGroup:
    """What a row of these traces is made of; `found` are verdicts on any of them."""
    counting = tuple(counting_verdicts(trace, [one for one in found if one.trace_id == trace.id]) for trace in traces)
    return RowGroup(problem, traces, counting, "warm_up")


def assert_fits(view: str, row: dict[str, Any]) -> None:
    assert encode(view, load("view", view).schema, [row]).to_pylist() == [row]
