"""A proof without its syntax: which formula follows from which by what assertion, each formula as a tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracemill.metamath.database import Assertion, Database, Hypothesis, SymbolString
from tracemill.metamath.grammar import Grammar, Production, Tree, filled
from tracemill.metamath.keywords import MetamathError
from tracemill.metamath.proofs import ProofStep, decoded

PROVABLE = "|-"
"""The typecode of what is proved; all others are of syntax."""


class LogicalStep(NamedTuple):
    """`formula` by the assertion `rule` from earlier steps, its variables being `values`. Of a hypothesis of the
    theorem the rule is its own label, and it has no values."""

    rule: str
    premises: tuple[int, ...]
    values: Mapping[str, Tree]
    formula: Tree


class Logic:
    """A database whose formulas are read as trees, each when it is first asked for."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.grammar = Grammar(map(_production, syntax_axioms(database)), database.types)
        self.top = _top(self.grammar)
        self._trees: dict[str, Tree] = {}

    def tree(self, statement: Hypothesis | Assertion) -> Tree:
        """The formula of a statement, without its typecode.

        Raises:
            MetamathError: it is no formula by the syntax axioms.
        """
        found = self._trees.get(statement.label)
        if found is None:
            found = self._trees[statement.label] = self._parsed(statement.label, statement.formula)
        return found

    def steps(self, theorem: Assertion) -> list[LogicalStep]:
        """A proof's logical steps, each formula once, the theorem last. The proof is taken to be right.

        Raises:
            MetamathError: the proof cannot be decoded, or a formula in it not be read.
        """
        return _Walk(self).steps(decoded(self.database, theorem))

    def _parsed(self, label: str, formula: SymbolString) -> Tree:
        kind, symbols = formula[0], formula[1:]
        if kind != PROVABLE and len(symbols) == 1 and symbols[0] in self.database.types:
            return symbols[0]
        tree = self.grammar.parse(self.top if kind == PROVABLE else kind, symbols)
        if tree is None:
            raise MetamathError(f"{self.database.name}: {label}: not a formula: {' '.join(formula)}")
        return tree


class _Walk:
    """`trees`: of each step of the proof, its formula or what it is in the syntax. `numbers`: of those that are logical
    the number among `found`."""

    def __init__(self, logic: Logic) -> None:
        self.logic = logic
        self.trees: list[Tree] = []
        self.numbers: dict[int, int] = {}
        self.found: list[LogicalStep] = []
        self.known: dict[Tree, int] = {}

    def steps(self, proof: Sequence[ProofStep]) -> list[LogicalStep]:
        for at, (statement, hypotheses) in enumerate(proof):
            self._step(at, statement, hypotheses)
        return self._needed()

    def _step(self, at: int, statement: Hypothesis | Assertion, hypotheses: tuple[int, ...]) -> None:
        tree, values, premises = self.logic.tree(statement), {}, []
        if isinstance(statement, Assertion):
            for hypothesis, given in zip(statement.hypotheses, hypotheses, strict=True):
                if hypothesis.kind == "$f":
                    values[hypothesis.formula[1]] = self.trees[given]
                else:
                    premises.append(self.numbers[given])
            tree = filled(tree, values)
        self.trees.append(tree)
        if statement.formula[0] == PROVABLE:
            if tree not in self.known:
                self.known[tree] = len(self.found)
                self.found.append(LogicalStep(statement.label, tuple(premises), values, tree))
            self.numbers[at] = self.known[tree]

    def _needed(self) -> list[LogicalStep]:
        """The steps on which the last one rests: a formula that is proved twice leaves what its second proof needed."""
        needed, waiting = set(), [self.known[self.trees[-1]]]
        while waiting:
            at = waiting.pop()
            if at not in needed:
                needed.add(at)
                waiting.extend(self.found[at].premises)
        kept = sorted(needed)
        place = {at: new for new, at in enumerate(kept)}
        return [self.found[at]._replace(premises=tuple(place[one] for one in self.found[at].premises)) for at in kept]


def syntax_axioms(database: Database) -> list[Assertion]:
    return [one for one in database.assertions if one.kind == "$a" and one.formula[0] != PROVABLE]


def _production(axiom: Assertion) -> Production:
    types = {each.formula[1]: each.formula[0] for each in axiom.floating}
    return Production(axiom.label, axiom.formula[0], axiom.formula[1:], types)


def _top(grammar: Grammar) -> str:
    """The type of what can be proved: `wff` in all databases that have syntax."""
    kinds = {each.type for each in grammar.productions.values()}
    return "wff" if "wff" in kinds else next(iter(sorted(kinds)), PROVABLE)
