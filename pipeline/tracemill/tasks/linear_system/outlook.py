"""What the unknowns come to after a mistake, without a telling of it: so that none is tried whose answer is no use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tracemill.tasks.linear_system.rows import Coefs, Rational, RowEquation

Values = Mapping[str, Rational]


@dataclass(frozen=True, slots=True)
class Outlook:
    """`values` are those of all unknowns, `stated` says what the answer is where they are others."""

    values: Values
    stated: Callable[[Values], str]

    def answers(self, others: Sequence[Coefs]) -> Callable[[RowEquation], str | None]:
        """Says the answer where one of the equations has become another one, and the `others` (their left sides) are
        right; None where there is no solution.

        The others leave a line through the right values; where the wrong equation meets it, there the values will be.
        """

        lines: list[Values | None] = []

        def answer(wrong: RowEquation) -> str | None:
            if not lines:  # once for all wrong equations, and only if it is asked for
                lines.append(direction(others, list(self.values)))
            (coefs, constant), along = wrong, lines[0]
            slope = sum(coef * along[name] for name, coef in coefs.items()) if along else 0
            if not along or not slope:
                return None
            way = Fraction(constant - sum(coef * self.values[name] for name, coef in coefs.items()), slope)
            return self.stated({name: value + way * along[name] for name, value in self.values.items()})

        return answer


def direction(rows: Sequence[Coefs], names: Sequence[str]) -> dict[str, Rational] | None:
    """Along what the unknowns may move while these left sides keep their values; None where that is not one line.

    >>> direction([{"x": 1, "y": 2}], ["x", "y"])
    {'x': Fraction(-2, 1), 'y': Fraction(1, 1)}
    """
    echelon: list[tuple[str, Coefs]] = []
    """Each row with an unknown that no later row has."""
    for left in rows:
        row = left
        for name, top in echelon:
            if factor := row.get(name, 0):
                row = {each: top[name] * row.get(each, 0) - factor * top.get(each, 0) for each in names}
        lead = next((name for name, coef in row.items() if coef), None)
        if lead is None:
            return None
        echelon.append((lead, row))
    led = {name for name, _ in echelon}
    found = {name: Fraction(1) for name in names if name not in led}
    if len(found) != 1:
        return None
    for name, row in reversed(echelon):
        found[name] = -sum((coef * found[each] for each, coef in row.items() if each in found), Fraction(0)) / row[name]
    return {name: found[name] for name in names}
