"""What a solution is that takes a mistake back, in any task."""

from __future__ import annotations

from tracemill.records import Problem
from tracemill.tasks.kit.narrated_task import without_retracted
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Solution
from tracemill.verifiers.cases import stated_answer


def taken_back(problem: Problem, told: Solution, oracle: Oracle) -> tuple[int, list[int]]:
    """The index of the line that takes steps back, and those steps; shown by the oracle: they begin with the first
    wrong one, nothing later rests on them, and all that is left standing is right."""
    steps, flaw = told.steps(), told.flaw
    assert told.relation == "self_correction" and flaw is not None
    (at,) = [k for k, line in enumerate(told.lines) if line.claim and line.claim.kind == "retraction"]
    gone: list[int] = told.lines[at].claim.payload["steps"]  # type: ignore[union-attr]
    assert gone[0] == flaw.index and gone == sorted(gone) and gone[-1] < at
    assert oracle.first_wrong(problem, steps[:at]) == flaw.index
    assert oracle.first_wrong(problem, without_retracted(steps)) is None
    assert not any(set(step.uses) & set(gone) for step in steps[at + 1 :])
    assert oracle.answers(problem, stated_answer(told.closing))
    return at, gone
