"""The oracle: what is right, found without the task's own solver."""

from __future__ import annotations

from tracemill.records import Problem
from tracemill.tasks.kit.formulas import rational
from tracemill.tasks.kit.rational_oracle import RationalOracle, solution_of


class SkeletonOracle(RationalOracle):
    def answers(self, problem: Problem, answer: str) -> bool:
        """Raises ValueError where the premises have not exactly one solution."""
        return rational(answer.strip()) == solution_of(problem)["total"]
