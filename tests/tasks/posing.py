"""What the tests of domains share: a draft made a problem, and z3's word on what follows."""

from __future__ import annotations

import json
from typing import Any

from tracemill.records import Payload, Problem, Source, Step, canonical_json
from tracemill.tasks.task import Draft, Task


def posed(domain: Task, made: Draft, theme: str) -> Problem:
    """The draft as a problem whose instance has been stored and read again, so that its keys are sorted."""
    return Problem(
        id="p",
        group_id="g",
        domain=f"{domain.name}.{theme}",
        prompt=made.prompt,
        answer=made.answer,
        check=made.check,
        source=Source("test", "1", domain.licence, 0, 0),
        premises=made.premises,
        metadata={"instance": json.loads(canonical_json(made.instance))},
    )


class Entailment:
    """z3's word on what follows from what, for one problem and one list of steps."""

    def __init__(self, problem: Problem, steps: tuple[Step, ...]) -> None:
        import z3

        self.z3 = z3
        symbols = problem.premises[0].payload
        declarations = " ".join(f"(declare-const {name} {sort})" for name, sort in symbols.items())
        claims = [*problem.premises[1:], *(step.claim for step in steps)]
        asserts = " ".join(f"(assert {_implication(claim.payload)})" for claim in claims if claim)
        formulas = list(z3.parse_smt2_string(declarations + asserts))
        self.premises, self.steps = formulas[: len(problem.premises) - 1], formulas[len(problem.premises) - 1 :]

    def used(self, uses: tuple[int, ...]) -> list[Any]:
        return [self.steps[use] if use >= 0 else self.premises[-2 - use] for use in uses]

    def satisfiable(self, formulas: list[Any]) -> bool:
        solver = self.z3.SimpleSolver()
        solver.add(*formulas)
        return solver.check() == self.z3.sat

    def follows(self, number: int, uses: tuple[int, ...]) -> bool:
        return not self.satisfiable([*self.used(uses), self.z3.Not(self.steps[number])])


def _implication(payload: Payload) -> str:
    """What a claim stands for where it is used: its formula, if what it assumes holds."""
    assumed = payload.get("assume", [])
    return f"(=> {' '.join([*assumed, payload['formula']])})" if assumed else str(payload["formula"])
