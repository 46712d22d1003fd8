"""The oracle of linear systems: the rational solution of the premises, and how an answer states it."""

from __future__ import annotations

from fractions import Fraction

from tracemill.records import Problem
from tracemill.tasks.kit.formulas import answer_fields, rational
from tracemill.tasks.kit.rational_oracle import RationalOracle, solution_of


class LinearSystemOracle(RationalOracle):
    def answers(self, problem: Problem, answer: str) -> bool:
        """Raises ValueError where the premises have not exactly one solution."""
        model, instance = solution_of(problem), problem.metadata["instance"]
        if instance["ask"]:
            total = sum((count * model[instance["names"][index]] for index, count in instance["ask"]), Fraction(0))
            return rational(answer.strip()) == total
        given = answer_fields(answer)
        return given is not None and {name: rational(value) for name, value in given.items()} == model
