"""Canaries of claims: a problem of some premises, and a trace whose steps are the claims in question."""

from __future__ import annotations

from collections.abc import Sequence

from tracemill.claims.claim_checker import Canary
from tracemill.records import Check, Claim, Outcome, Problem, Source, fingerprint
from tracemill.tasks.task import Line, Solution, as_trace


def claim_canary(attack: str, expected: Outcome, premises: Sequence[Claim], lines: Sequence[Line]) -> Canary:
    """A canary for the `steps` verifier: `expected` is its outcome on a trace of these lines.

    An example: `claim_canary("near miss: a quotient", "refuted", [], [Line("48/2 = 23", Claim("equation", …))])`.
    """
    problem = _problem(premises)
    trace = as_trace(problem, Solution(tuple(lines), "Answer: done"), attack, "canary")
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
