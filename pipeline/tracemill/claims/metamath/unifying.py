"""One inference: whether a rule gives a formula from some others, and by which substitution."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from tracemill.claims.metamath.system import ShownRule
from tracemill.metamath.database import DistinctPair, pair
from tracemill.metamath.grammar import Tree, match, variables

MAX_TRIES = 20_000
"""Formulas held against hypotheses, in one search. No inference of any database comes near."""


class TooManyTries(Exception):
    """The search was given up."""


def substitutions(rule: ShownRule, formula: Tree, given: Sequence[Tree]) -> Iterator[dict[str, Tree]]:
    """The substitutions by which a rule gives a formula from given ones, each of which may stand for any of its
    hypotheses. Which variables must be distinct is not looked at.

    Raises:
        TooManyTries: there are more than `MAX_TRIES` to look at.
    """
    values: dict[str, Tree] = {}
    if match(rule.formula, formula, values):
        yield from _Search(given).fit(rule.hypotheses, values)


class _Search:
    def __init__(self, given: Sequence[Tree]) -> None:
        self.given = list(dict.fromkeys(given))
        self.tries = 0

    def fit(self, hypotheses: Sequence[Tree], values: dict[str, Tree]) -> Iterator[dict[str, Tree]]:
        if not hypotheses:
            yield values
            return
        for one in self.given:
            self.tries += 1
            if self.tries > MAX_TRIES:
                raise TooManyTries
            further = dict(values)
            if match(hypotheses[0], one, further):
                yield from self.fit(hypotheses[1:], further)


def clash(
    rule: ShownRule, values: Mapping[str, Tree], distinct: Collection[DistinctPair]
) -> tuple[DistinctPair, DistinctPair] | None:
    """The first two variables of a rule that must share none, and what they share or might share, such as
    `(("ph", "x"), ("y", "y"))`. None where all is well. `distinct`: pairs that are known to share none."""
    for one, other in sorted(rule.distinct):
        for left in sorted(variables(values[one])):
            for right in sorted(variables(values[other])):
                if left == right or pair(left, right) not in distinct:
                    return (one, other), (left, right)
    return None
