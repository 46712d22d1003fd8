"""The oracle of problems whose premises are linear equations with one solution: Cramer's rule over the rationals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import ClassVar

from tracemill.records import Problem, Step
from tracemill.tasks.kit.formulas import OracleValue, evaluate, read


class RationalOracle:
    """Premise 0 declares the symbols, the others are the equations, one per symbol.

    A claim counts as right if it is true in the only solution. Since the premises have no other model, that is the same
    as following from all of them; whether it follows from the used ones alone is not looked at.
    """

    method: ClassVar[str] = "Cramer's rule over the premises, claims evaluated at the solution"

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """Raises ValueError for a claim that is no formula over the problem's symbols."""
        model: Mapping[str, OracleValue] = solution_of(problem)
        for number, step in enumerate(steps):
            if step.claim is None:
                continue
            if step.claim.kind != "entailment":
                raise ValueError(f"step {number} has a claim of kind {step.claim.kind!r}; this oracle reads entailment")
            if evaluate(read(step.claim.payload["formula"]), model) is not True:
                return number
        return None


def solution_of(problem: Problem) -> dict[str, Fraction]:
    """The premises' only solution.

    Each equation `l = r` is linear, so `l - r` is known from its values at the origin and at the unit points.

    Raises:
        ValueError: a premise is no equation, or they have not exactly one solution.
    """
    formulas = tuple(claim.payload["formula"] for claim in problem.premises[1:])
    return _solution(tuple(sorted(problem.premises[0].payload)), formulas)


@lru_cache(maxsize=64)
def _solution(names: tuple[str, ...], formulas: tuple[str, ...]) -> dict[str, Fraction]:
    origin = dict.fromkeys(names, Fraction(0))
    rows, constants = [], []
    for formula in formulas:
        sides = read(formula)
        if not isinstance(sides, tuple) or len(sides) != 3 or sides[0] != "=":
            raise ValueError(f"premise is no equation: {formula!r}")

        def gap(point: Mapping[str, OracleValue], sides: tuple[object, ...] = sides) -> Fraction:
            return Fraction(evaluate(sides[1], point)) - Fraction(evaluate(sides[2], point))  # type: ignore[arg-type]

        constants.append(-gap(origin))
        rows.append(tuple(gap(origin | {name: Fraction(1)}) + constants[-1] for name in names))
    if len(rows) != len(names):
        raise ValueError(f"{len(rows)} equations for {len(names)} unknowns")
    whole = _determinant(tuple(rows))
    if not whole:
        raise ValueError("the premises have no unique solution")
    return {
        name: _determinant(tuple((*row[:at], c, *row[at + 1 :]) for row, c in zip(rows, constants, strict=True)))
        / whole
        for at, name in enumerate(names)
    }


def _determinant(rows: tuple[tuple[Fraction, ...], ...]) -> Fraction:
    """By Laplace expansion along the rows; minors are kept by the columns they still have."""

    @cache
    def minor(columns: tuple[int, ...]) -> Fraction:
        if not columns:
            return Fraction(1)
        row = rows[-len(columns)]
        return sum(
            ((-1) ** at * row[column] * minor(columns[:at] + columns[at + 1 :]) for at, column in enumerate(columns)),
            Fraction(0),
        )

    return minor(tuple(range(len(rows))))
