"""The oracle of truth-tellers and liars: every assignment of kinds is tried on the formulas themselves."""

from __future__ import annotations

from tracemill.records import Problem
from tracemill.tasks.kit.assignment_oracle import AssignmentOracle
from tracemill.tasks.kit.formulas import answer_fields

_TRUTHFUL = {"knight": True, "knave": False, "honest": True, "faulty": False, "loyal": True, "spy": False}


class KnightsKnavesOracle(AssignmentOracle):
    def answers(self, problem: Problem, answer: str) -> bool:
        """Raises ValueError where the premises have not exactly one model."""
        (model,) = self.models(problem)
        given = answer_fields(answer)
        return given is not None and {name: _TRUTHFUL.get(word) for name, word in given.items()} == model
