"""The oracle of truth-tellers and liars: every assignment of kinds is tried on the formulas themselves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import ClassVar

from tracemill.records import Problem, Step
from tracemill.tasks.kit.formulas import Node, answer_fields, evaluate, read

_TRUTHFUL = {"knight": True, "knave": False, "honest": True, "faulty": False, "loyal": True, "spy": False}


class KnightsKnavesOracle:
    """A claim is wrong if it is false in the puzzle's only model, or true in it but not in every assignment that
    agrees with the premises and earlier claims that its step uses."""

    method: ClassVar[str] = "enumeration of all assignments"

    def answers(self, problem: Problem, answer: str) -> bool:
        """Raises ValueError where the premises have not exactly one model."""
        (model,) = _models(problem)
        given = answer_fields(answer)
        return given is not None and {name: _TRUTHFUL.get(word) for name, word in given.items()} == model

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """Raises ValueError for a claim that is no formula over the problem's people or that uses a later step."""
        (model,) = _models(problem)
        worlds = _worlds(problem)
        claims: dict[int, Node] = {-1 - at: _premise(problem, at) for at in range(1, len(problem.premises))}
        for number, step in enumerate(steps):
            if step.claim is None:
                continue
            if step.claim.kind != "entailment":
                raise ValueError(f"step {number} has a claim of kind {step.claim.kind!r}; this oracle reads entailment")
            claims[number] = read(step.claim.payload["formula"])
            if not _holds(claims[number], model):
                return number
            if any(use >= number or use not in claims for use in step.uses):
                raise ValueError(f"step {number} uses {list(step.uses)}, of which some states nothing before it")
            used = [claims[use] for use in step.uses]
            if not all(_holds(claims[number], world) for world in worlds if all(_holds(c, world) for c in used)):
                return number
        return None


def _worlds(problem: Problem) -> list[dict[str, bool]]:
    names = sorted(problem.premises[0].payload)
    return [dict(zip(names, kinds, strict=True)) for kinds in product((False, True), repeat=len(names))]


def _models(problem: Problem) -> list[dict[str, bool]]:
    premises = [_premise(problem, at) for at in range(1, len(problem.premises))]
    return [world for world in _worlds(problem) if all(_holds(each, world) for each in premises)]


def _premise(problem: Problem, at: int) -> Node:
    return read(problem.premises[at].payload["formula"])


def _holds(node: Node, world: dict[str, bool]) -> bool:
    value = evaluate(node, world)
    if not isinstance(value, bool):
        raise ValueError(f"{node!r} is a number, not a claim")
    return value
