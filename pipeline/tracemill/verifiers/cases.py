"""Problems and traces made for an audit: what canaries and gold cases are written with."""

from __future__ import annotations

from tracemill.records import Problem, Trace, trace_digest, trace_id
from tracemill.tasks.task import Solution


def trace_of(problem: Problem, solution: Solution, path: str) -> Trace:
    """The trace of a solution that no teacher was asked for; `path` tells those of one problem apart."""
    turns, steps = (solution.turn(),), solution.steps()
    return Trace(
        id=trace_id(problem.id, "audit", "audit", path),
        digest=trace_digest(turns, steps, solution.flaw, "stop"),
        problem_id=problem.id,
        skill="skills",
        teacher="audit",
        strategy="audit",
        sample_index=0,
        path=path,
        turns=turns,
        finish_reason="stop",
        steps=steps,
        flaw=solution.flaw,
    )
