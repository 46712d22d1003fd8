"""What a Metamath database says: hypotheses, assertions, and what is in scope where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

SymbolString: TypeAlias = tuple[str, ...]
"""Its symbols, the typecode first: `("|-", "(", "ph", "->", "ph", ")")`."""

DistinctPair: TypeAlias = tuple[str, str]
"""Two variables in alphabetical order."""


class ScopeBlock:
    """A `${ … $}`, or the file itself. What it declares ends with it."""

    __slots__ = ("distinct", "essential", "floating", "outer", "variables")

    def __init__(self, outer: ScopeBlock | None = None) -> None:
        self.outer = outer
        self.variables: set[str] = set()
        self.floating: list[Hypothesis] = []
        self.essential: list[Hypothesis] = []
        self.distinct: set[DistinctPair] = set()


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """A `$f` (floating: the type of a variable) or a `$e` (essential). `number` counts the statements."""

    label: str
    kind: Literal["$f", "$e"]
    formula: SymbolString
    number: int
    block: ScopeBlock


@dataclass(frozen=True, slots=True, eq=False)
class Assertion:
    """An axiom (`$a`) or a theorem (`$p`).

    `hypotheses` are the mandatory ones in their order, `distinct` the pairs of their variables that must not share one.
    `proof` is a theorem's as it is written; `optional` are further pairs in scope, which its own proof may count on.
    """

    label: str
    kind: Literal["$a", "$p"]
    formula: SymbolString
    hypotheses: tuple[Hypothesis, ...]
    distinct: frozenset[DistinctPair]
    number: int
    block: ScopeBlock
    place: str
    comment: str = ""
    proof: str = ""
    optional: frozenset[DistinctPair] = frozenset()

    @property
    def essential(self) -> tuple[Hypothesis, ...]:
        return tuple(each for each in self.hypotheses if each.kind == "$e")

    @property
    def floating(self) -> tuple[Hypothesis, ...]:
        return tuple(each for each in self.hypotheses if each.kind == "$f")


@dataclass(slots=True)
class Database:
    """`statements` by label, in their order; `types` is the typecode of every variable."""

    name: str
    constants: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    statements: dict[str, Hypothesis | Assertion] = field(default_factory=dict)

    @property
    def assertions(self) -> list[Assertion]:
        return [one for one in self.statements.values() if isinstance(one, Assertion)]

    @property
    def theorems(self) -> list[Assertion]:
        return [one for one in self.assertions if one.kind == "$p"]


def pair(one: str, other: str) -> DistinctPair:
    return (one, other) if one < other else (other, one)


def in_scope(hypothesis: Hypothesis, assertion: Assertion) -> bool:
    """Whether a hypothesis is active where an assertion stands."""
    block: ScopeBlock | None = assertion.block
    while block is not None and block is not hypothesis.block:
        block = block.outer
    return block is not None and hypothesis.number < assertion.number
