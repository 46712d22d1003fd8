"""A theorem as a problem: the rules that it shows, what is assumed and asked, in formal terms and in words.

`Posed` is made from a problem's premises and instance alone, so that a solver needs no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tracemill.claims.metamath.system import KIND, ShownRule, System, system_of
from tracemill.metamath.database import Assertion, DistinctPair
from tracemill.metamath.grammar import Grammar, Tree, variables
from tracemill.metamath.logical_steps import Logic, LogicalStep
from tracemill.records import Claim, Payload, premise
from tracemill.tasks.metamath.databases import logic_of
from tracemill.tasks.metamath.notation import Notation, symbols_of, variable_symbol
from tracemill.tasks.metamath.theorems import Entry

MAX_COMMENT = 160


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a proof: `formula` by `rule` from `premises`, each a hypothesis (`h1`) or the place of an earlier
    move. `values`: what the rule's variables stand for."""

    rule: str
    premises: tuple[str | int, ...]
    values: Mapping[str, Tree]
    formula: Tree


@dataclass(frozen=True, slots=True)
class Posed:
    """`hypotheses`: by name their formula and the number that cites them. `notation` writes formulas."""

    system: System
    notation: Notation
    moves: tuple[Move, ...]
    hypotheses: Mapping[str, tuple[Tree, int]]

    def rule(self, label: str) -> ShownRule:
        return self.system.rules[label]

    def text(self, tree: Tree) -> str:
        """In Metamath's own symbols."""
        return " ".join(self.system.grammar.tokens(tree))

    def write(self, tree: Tree) -> str:
        return self.notation.write(tree)

    def given(self, move: Move) -> list[Tree]:
        """The formulas of its premises."""
        return [self.formula_of(one) for one in move.premises]

    def formula_of(self, one: str | int) -> Tree:
        return self.hypotheses[one][0] if isinstance(one, str) else self.moves[one].formula


def posed(premises: Sequence[Claim], instance: Mapping[str, Any]) -> Posed:
    """What a problem of ours states.

    Raises:
        RefusedSystem: a formula in it cannot be read.
    """
    system = system_of(premises)
    hypotheses = {
        str(claim.payload["hypothesis"]): (system.hypotheses[premise(at)], premise(at))
        for at, claim in enumerate(premises)
        if "hypothesis" in claim.payload
    }
    moves = tuple(_read_move(system, one) for one in instance["moves"])
    return Posed(system, Notation(system.grammar, instance["symbols"]), moves, hypotheses)


def _read_move(system: System, stored: Sequence[Any]) -> Move:
    rule, premises, values, formula = stored
    read = {name: system.read(text, system.grammar.types[name]) for name, text in values.items()}
    return Move(rule, tuple(premises), read, system.read(formula))


def stored_move(grammar: Grammar, move: Move) -> list[Any]:
    """A move as plain JSON, for an instance."""
    tokens = grammar.tokens
    values = {name: " ".join(tokens(tree)) for name, tree in sorted(move.values.items())}
    return [move.rule, list(move.premises), values, " ".join(tokens(move.formula))]


@dataclass(frozen=True, slots=True)
class Theorem:
    """An entry of the pool read in its database: the moves of its proof, the labels of the rules that they use, the
    decoys, and everything that a problem's premises hold."""

    logic: Logic
    assertion: Assertion
    moves: tuple[Move, ...]
    rules: tuple[str, ...]
    decoys: tuple[str, ...]


def theorem_of(entry: Entry, decoys: int) -> Theorem:
    """The theorem with at most so many decoys, clashing ones first."""
    logic = logic_of(entry.database)
    assertion = logic.database.statements[entry.theorem]
    assert isinstance(assertion, Assertion)
    moves = tuple(_moves(assertion, logic.steps(assertion)))
    rules = tuple(dict.fromkeys(move.rule for move in moves))
    return Theorem(logic, assertion, moves, rules, (*entry.clashing, *entry.lookalikes)[:decoys])


def _moves(theorem: Assertion, steps: Sequence[LogicalStep]) -> Iterable[Move]:
    names: dict[int, str | int] = {}
    hypotheses = {each.label: f"h{at}" for at, each in enumerate(theorem.essential, start=1)}
    moves: list[Move] = []
    for at, step in enumerate(steps):
        if step.rule in hypotheses:
            names[at] = hypotheses[step.rule]
        else:
            names[at] = len(moves)
            moves.append(Move(step.rule, tuple(names[one] for one in step.premises), step.values, step.formula))
    return moves


def premises_of(theorem: Theorem, rng: Random) -> tuple[Claim, ...]:
    """The problem in formal terms: see `claims/metamath/system.py`. The rules come in random order."""
    logic, statements = theorem.logic, theorem.logic.database.statements
    shown = [statements[label] for label in (*theorem.rules, *theorem.decoys)]
    rules = [one for one in shown if isinstance(one, Assertion)]
    rng.shuffle(rules)
    trees = [
        *(move.formula for move in theorem.moves),
        *(tree for move in theorem.moves for tree in move.values.values()),
    ]
    trees += [logic.tree(each) for rule in rules for each in (rule, *rule.essential)]
    trees += [logic.tree(each) for each in theorem.assertion.essential]
    syntax = _syntax(trees)
    names = {name for tree in trees for name in variables(tree)}
    names |= {name for label in syntax for name in logic.grammar.productions[label].types}
    here = {name for move in theorem.moves for name in variables(move.formula)}
    here |= {name for each in theorem.assertion.essential for name in variables(logic.tree(each))}
    here |= {name for move in theorem.moves for tree in move.values.values() for name in variables(tree)}
    allowed = theorem.assertion.distinct | theorem.assertion.optional
    return (
        Claim(
            KIND,
            {
                "syntax": [[label, _production(logic, label)] for label in syntax],
                "variables": {name: logic.database.types[name] for name in sorted(names)},
                "distinct": _pairs(two for two in allowed if here.issuperset(two)),
            },
        ),
        *(Claim(KIND, _rule(rule)) for rule in rules),
        *(
            Claim(KIND, {"hypothesis": f"h{at}", "formula": " ".join(each.formula[1:])})
            for at, each in enumerate(theorem.assertion.essential, start=1)
        ),
    )


def _syntax(trees: Iterable[Tree]) -> list[str]:
    found: set[str] = set()
    waiting = list(trees)
    while waiting:
        tree = waiting.pop()
        if not isinstance(tree, str):
            found.add(str(tree[0]))
            waiting.extend(tree[1:])
    return sorted(found)


def _production(logic: Logic, label: str) -> str:
    production = logic.grammar.productions[label]
    return " ".join((production.type, *production.symbols))


def _rule(rule: Assertion) -> Payload:
    return {
        "rule": rule.label,
        "hypotheses": [" ".join(each.formula[1:]) for each in rule.essential],
        "formula": " ".join(rule.formula[1:]),
        "distinct": _pairs(rule.distinct),
    }


def _pairs(pairs: Iterable[DistinctPair]) -> list[list[str]]:
    return sorted([*two] for two in pairs)


def symbols_for(database: str, premises: Sequence[Claim]) -> dict[str, str]:
    """Of all tokens of the problem, how they are written."""
    payload = premises[0].payload
    kinds: Mapping[str, str] = payload["variables"]
    known = symbols_of(database)
    constants = {token for _, text in payload["syntax"] for token in text.split()[1:] if token not in kinds}
    found = {token: known.get(token, token) for token in constants} | {name: variable_symbol(name) for name in kinds}
    return dict(sorted(found.items()))


_MATH = re.compile(r"`\s*([^`]*?)\s*`")
_NOTES = re.compile(
    r"\((?:Contributed|Revised|Proof shortened|Proof modification|New usage|Unnecessary|This theorem)"
    r"[^()]*(?:\([^()]*\)[^()]*)*\)"
)


def comment_of(comment: str, notation: Notation) -> str:
    """The first sentence of what a database says about a theorem; empty where it refers to books or other theorems
    only, or is long. Formulas in it are written as everywhere."""
    text = " ".join(_NOTES.sub("", " ".join(comment.split())).split())
    sentence = re.match(r".*?[.](?=\s|$)", text)
    if sentence is None:
        return ""
    found = sentence.group()
    if len(found) > MAX_COMMENT or re.search(r"[\[\]~_]|``", found) or found.count("`") % 2:
        return ""
    found = _MATH.sub(lambda one: notation.write_text(one.group(1)), found)
    return "" if "`" in found else re.sub(r" (?=[,.;:)])", "", found)


def rule_in_words(rule: ShownRule, notation: Notation, voice: Any) -> str:
    """`from (φ → ψ) and φ follows ψ`."""
    formula = notation.write(rule.formula)
    if not rule.hypotheses:
        text = formula
    else:
        text = voice("rule", given=listed([notation.write(one) for one in rule.hypotheses]), formula=formula)
    return text + conditions(rule.distinct, notation, ", provided that ")


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def conditions(pairs: Iterable[DistinctPair], notation: Notation, lead: str) -> str:
    """Which variables must share none: `x and y are different, and do not occur in A`. Empty for no pairs."""
    kinds = notation.grammar.types
    absent: dict[str, list[str]] = {}
    different: list[DistinctPair] = []
    apart: list[str] = []
    for two in sorted(pairs):
        one, other = sorted(two, key=lambda name: (kinds[name] != "setvar", name))
        if kinds[other] == "setvar":
            different.append((one, other))
        elif kinds[one] == "setvar":
            absent.setdefault(one, []).append(notation.symbols[other])
        else:
            apart.append(f"{notation.symbols[one]} and {notation.symbols[other]} have no variable in common")
    together: dict[str, list[str]] = {}
    for name, outers in absent.items():
        together.setdefault(listed(outers, "or"), []).append(notation.symbols[name])
    parts = _different(different, notation)
    parts += [
        f"{listed(names)} {'does' if len(names) == 1 else 'do'} not occur in {o}" for o, names in together.items()
    ]
    return lead + "; ".join([*parts, *apart]) if parts or apart else ""


def _different(pairs: Sequence[DistinctPair], notation: Notation) -> list[str]:
    names = sorted({name for two in pairs for name in two})
    symbols = [notation.symbols[name] for name in names]
    if names and len(pairs) == len(names) * (len(names) - 1) // 2:
        return [f"{listed(symbols)} are different variables"]
    return [f"{notation.symbols[one]} and {notation.symbols[other]} are different variables" for one, other in pairs]
