"""What a problem in Metamath's language shows, read from its premises.

    premise 0    {"syntax": [["wi", "wff ( ph -> ps )"], …], "variables": {"ph": "wff", …}, "distinct": [["ph", "x"]]}
    a rule       {"rule": "ax-mp", "hypotheses": ["ph", "( ph -> ps )"], "formula": "ps", "distinct": []}
    a hypothesis {"hypothesis": "h1", "formula": "( ph -> ch )"}

All of kind `metamath`; formulas are texts in Metamath's own symbols, without `|-`. `variables` are those of the
syntax and the rules as well as those of the problem. `distinct`, of the problem: pairs that share no variable, so
that a rule which asks for that may be used; of a rule: pairs for which it asks. Other premises of that kind state
nothing that can be used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracemill.metamath.database import DistinctPair, pair
from tracemill.metamath.grammar import Grammar, Production, Tree, variables
from tracemill.records import Claim, premise

KIND = "metamath"
MAX_CHARACTERS = 20_000
TOP = "wff"


class RefusedSystem(Exception):
    """What cannot be read, and why."""


@dataclass(frozen=True, slots=True)
class ShownRule:
    """`hypotheses` and `formula` as trees; `premise` is the number by which a step cites it."""

    label: str
    hypotheses: tuple[Tree, ...]
    formula: Tree
    distinct: frozenset[DistinctPair]
    premise: int


@dataclass(frozen=True, slots=True)
class System:
    """`hypotheses`: by the number that cites it, what the problem assumes."""

    grammar: Grammar
    distinct: frozenset[DistinctPair]
    rules: Mapping[str, ShownRule]
    hypotheses: Mapping[int, Tree]

    def read(self, text: object, kind: str = TOP) -> Tree:
        """The tree of a formula, or of what else is of that type.

        Raises:
            RefusedSystem: it is no text, too long, or not of the type.
        """
        return read_formula(self.grammar, text, kind)


def system_of(premises: Sequence[Claim]) -> System:
    """The system that the premises state.

    Raises:
        RefusedSystem: premise 0 states none, or one of them cannot be read.
    """
    if not premises or premises[0].kind != KIND or "syntax" not in premises[0].payload:
        raise RefusedSystem("premise 0 does not state the syntax")
    grammar, distinct = _syntax(premises[0].payload)
    rules: dict[str, ShownRule] = {}
    hypotheses: dict[int, Tree] = {}
    for at, claim in enumerate(premises):
        payload = claim.payload
        try:
            if claim.kind == KIND and "rule" in payload and "line" not in payload:
                rules[str(payload["rule"])] = _rule(grammar, payload, at)
            elif claim.kind == KIND and "hypothesis" in payload:
                hypotheses[premise(at)] = read_formula(grammar, payload.get("formula"))
        except RefusedSystem as exc:
            raise RefusedSystem(f"premise {at}: {exc}") from exc
    return System(grammar, distinct, rules, hypotheses)


def read_formula(grammar: Grammar, text: object, kind: str = TOP) -> Tree:
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise RefusedSystem(f"a formula is a text of at most {MAX_CHARACTERS} characters")
    tree = grammar.parse(kind, text.split())
    if tree is None:
        what = "a formula" if kind == TOP else f"a {kind[:40]}"
        raise RefusedSystem(f"not {what} by the problem's syntax: {text[:200]}")
    return tree


def _syntax(payload: Mapping[str, Any]) -> tuple[Grammar, frozenset[DistinctPair]]:
    kinds, axioms = payload.get("variables"), payload.get("syntax")
    if not isinstance(kinds, Mapping) or not all(isinstance(one, str) for one in kinds.values()):
        raise RefusedSystem("'variables' is not an object of variable and type")
    if not isinstance(axioms, list | tuple):
        raise RefusedSystem("'syntax' is not a list of axioms")
    productions = []
    for axiom in axioms:
        match axiom:
            case [str(label), str(text)] if len(text.split()) > 1:
                kind, *symbols = text.split()
                types = {symbol: kinds[symbol] for symbol in symbols if symbol in kinds}
                productions.append(Production(label, kind, tuple(symbols), types))
            case _:
                raise RefusedSystem(f"a syntax axiom is [label, 'type symbol …'], not {str(axiom)[:80]}")
    return Grammar(productions, kinds), _pairs(payload, kinds)


def _rule(grammar: Grammar, payload: Mapping[str, Any], at: int) -> ShownRule:
    given = payload.get("hypotheses")
    if not isinstance(given, list | tuple):
        raise RefusedSystem("the 'hypotheses' of a rule are not a list")
    hypotheses = tuple(read_formula(grammar, text) for text in given)
    formula = read_formula(grammar, payload.get("formula"))
    known = set().union(variables(formula), *map(variables, hypotheses))
    return ShownRule(str(payload["rule"]), hypotheses, formula, _pairs(payload, known), premise(at))


def _pairs(payload: Mapping[str, Any], known: Any) -> frozenset[DistinctPair]:
    found = set()
    for two in payload.get("distinct", ()):
        match two:
            case [str(one), str(other)] if one in known and other in known and one != other:
                found.add(pair(one, other))
            case _:
                raise RefusedSystem(f"'distinct' is not a list of two different variables each: {str(two)[:80]}")
    return frozenset(found)
