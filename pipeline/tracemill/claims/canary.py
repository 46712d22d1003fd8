"""Canaries of claims: a problem of some premises, and a trace whose steps are the claims in question."""

from __future__ import annotations

from collections.abc import Sequence

from tracemill.claims.claim_checker import Canary
from tracemill.records import Check, Claim, Outcome, Problem, Source, Trace, fingerprint, trace_digest, trace_id
from tracemill.tasks.task import Line, Solution


def claim_canary(attack: str, expected: Outcome, premises: Sequence[Claim], lines: Sequence[Line]) -> Canary:
    """A canary for the `steps` verifier: `expected` is its outcome on a trace of these lines.

    An example: `claim_canary("near miss: a quotient", "refuted", [], [Line("48/2 = 23", Claim("equation", …))])`.
    """
    problem = _problem(premises)
    solution = Solution(tuple(lines), "Answer: done")
    turns, steps = (solution.turn(),), solution.steps()
    trace = Trace(
        id=trace_id(problem.id, "canary", "single", attack),
        digest=trace_digest(turns, steps, None, "stop"),
        problem_id=problem.id,
        skill="skills",
        teacher="canary",
        strategy="single",
        sample_index=0,
        path=attack,
        turns=turns,
        finish_reason="stop",
        steps=steps,
    )
    return Canary(attack, problem, trace, expected)


def _problem(premises: Sequence[Claim]) -> Problem:
    name = fingerprint("canary", [(claim.kind, claim.payload) for claim in premises])
    return Problem(
        id=name,
        group_id=name,
        domain="audit.canary.steps.plain",
        prompt="What follows?",
        answer="done",
        check=Check("exact"),
        source=Source("canaries", "1", "Apache-2.0", 0, 0),
        premises=tuple(premises),
    )
