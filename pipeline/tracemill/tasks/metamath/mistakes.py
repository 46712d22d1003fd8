"""Steps of a proof as somebody takes them who makes a mistake: each looks like a step and is none.

All of them are wrong with whatever is known at that place: what is only badly cited is no mistake here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tracemill.claims.metamath.system import ShownRule
from tracemill.claims.metamath.unifying import TooManyTries, clash, substitutions
from tracemill.metamath.grammar import Tree, filled, match, variables
from tracemill.tasks.metamath.posing import Move, Posed

MOST = 6
"""So many ways to make a mistake are looked for at one step."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step about to be taken: what is known (all hypotheses and what was shown before) and what it has for
    premises."""

    posed: Posed
    move: Move
    given: tuple[Tree, ...]
    known: tuple[Tree, ...]

    def applies(self, rule: ShownRule, formula: Tree, given: Sequence[Tree]) -> bool:
        """Whether a rule gives a formula; also where that cannot be found out."""
        try:
            found = substitutions(rule, formula, given)
            return any(clash(rule, values, self.posed.system.distinct) is None for values in found)
        except TooManyTries:
            return True


def misapplied(place: Place) -> list[Move]:
    """Another rule concludes the same, and has as many hypotheses; they are not what the step has."""
    found = []
    for rule in _others(place):
        values: dict[str, Tree] = {}
        if len(rule.hypotheses) != len(place.given) or not match(rule.formula, place.move.formula, values):
            continue
        if not place.applies(rule, place.move.formula, place.known):
            found.append(replace(place.move, rule=rule.label, values=values))
    return found[:MOST]


def not_distinct(place: Place) -> list[Move]:
    """A rule that would give this, did some variables not occur where they do."""
    found = []
    for rule in _others(place):
        if not rule.distinct or len(rule.hypotheses) != len(place.given):
            continue
        for values in _some(rule, place):
            if clash(rule, values, place.posed.system.distinct) is not None:
                found.append(replace(place.move, rule=rule.label, values=values))
                break
    right = [one for one in found if not place.applies(place.posed.rule(one.rule), one.formula, place.known)]
    return [*right, *_renamed(place)][:MOST]


def _some(rule: ShownRule, place: Place) -> Iterator[dict[str, Tree]]:
    try:
        yield from substitutions(rule, place.move.formula, place.given)
    except TooManyTries:
        return


def _renamed(place: Place) -> Iterator[Move]:
    """The right rule with a bound variable that occurs where it may not."""
    rule, types = place.posed.rule(place.move.rule), place.posed.system.grammar.types
    for one, other in sorted(rule.distinct):
        for name, against in ((one, other), (other, one)):
            value = place.move.values[name]
            if types.get(name) != "setvar" or any(name in variables(each) for each in rule.hypotheses):
                continue
            for symbol in sorted(variables(place.move.values[against])):
                if types[symbol] == "setvar" and symbol != value:
                    yield _changed(place, name, symbol)


def slipped(place: Place) -> list[Move]:
    """The right rule, and in its conclusion something else in the place of a variable: what stands for another variable
    of that type, or a part of what should stand there."""
    rule, grammar = place.posed.rule(place.move.rule), place.posed.system.grammar
    found: list[Move] = []
    for name in sorted(variables(rule.formula)):
        kind, value = grammar.types[name], place.move.values[name]
        others = [tree for other, tree in sorted(place.move.values.items()) if grammar.types[other] == kind]
        parts = [part for part in _children(value) if grammar.type_of(part) == kind and part != value]
        for instead in dict.fromkeys([*others, *parts]):
            if instead != value and kind != "setvar":
                found.append(_changed(place, name, instead))
    return [one for one in found if not _holds(place, one.formula)][: 2 * MOST]


def _holds(place: Place, formula: Tree) -> bool:
    """Whether the step would be right after all."""
    return formula in place.known or place.applies(place.posed.rule(place.move.rule), formula, place.known)


def _changed(place: Place, name: str, instead: Tree) -> Move:
    values = {**place.move.values, name: instead}
    return replace(place.move, values=values, formula=filled(place.posed.rule(place.move.rule).formula, values))


def forgotten(place: Place) -> list[int]:
    """Which of the step's premises, by place, are not known and cannot be done without; none where there is only
    one."""
    rule, found = place.posed.rule(place.move.rule), []
    for at, one in enumerate(place.given):
        left = [*place.given[:at], *place.given[at + 1 :]]
        if left and one not in place.known and not place.applies(rule, place.move.formula, [*left, *place.known]):
            found.append(at)
    return found


def carried_on(posed: Posed, move: Move, given: Sequence[Tree]) -> Move:
    """A later step by somebody whose premises are these: what its rule gives; as it was where they do not fit it."""
    rule = posed.rule(move.rule)
    values: dict[str, Tree] = {}
    if not all(match(one, other, values) for one, other in zip(rule.hypotheses, given, strict=True)):
        return move
    values = {**move.values, **values}
    return replace(move, values=values, formula=filled(rule.formula, values))


def _others(place: Place) -> list[ShownRule]:
    rules: Mapping[str, ShownRule] = place.posed.system.rules
    found = [rule for label, rule in sorted(rules.items()) if label != place.move.rule]
    Random(place.move.rule + str(len(place.known))).shuffle(found)
    return found


def _children(tree: Tree) -> list[Tree]:
    return [] if isinstance(tree, str) else list(tree[1:])
