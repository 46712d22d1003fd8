"""Steps of a proof as somebody takes them who makes a mistake: each looks like a step and is none.

All of them are wrong with whatever is known at that place: what is only badly cited is no mistake here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tracemill.claims.metamath.system import ShownRule
from tracemill.claims.metamath.unifying import TooManyTries, clash, substitutions
from tracemill.metamath.grammar import Grammar, Tree, filled, match, variables
from tracemill.tasks.metamath.posing import Move, Posed

MOST = 6
"""So many ways to make a mistake are looked for at one step."""
_LONGER = 2
"""By so many symbols a wrong formula may be longer or shorter than the right one: else its length would betray it."""
_CLASHES = 2
"""In so many places a rule without hypotheses may differ from the formula that it is taken to give."""


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
    """Another rule that concludes the same and has as many hypotheses, which are not what the step has; for a step from
    nothing, a rule whose conclusion looks much like it."""
    found = []
    for rule in _others(place):
        if len(rule.hypotheses) != len(place.given):
            continue
        values: dict[str, Tree] = {}
        clashes = _read_into(rule.formula, place.move.formula, values)
        if clashes > (0 if rule.hypotheses else _CLASHES) or place.applies(rule, place.move.formula, place.known):
            continue
        for hypothesis, one in zip(rule.hypotheses, place.given, strict=True):
            _read_into(hypothesis, one, values)
        found.append(replace(place.move, rule=rule.label, values=values))
    return found[:MOST]


def _read_into(pattern: Tree, tree: Tree, values: dict[str, Tree]) -> int:
    """What a pattern's variables would stand for were the tree an instance of it, as far as one resembles the other; in
    how many places it does not."""
    if isinstance(pattern, str):
        return values.setdefault(pattern, tree) != tree
    if isinstance(tree, str) or tree[0] != pattern[0]:
        return 1
    return sum(_read_into(one, other, values) for one, other in zip(pattern[1:], tree[1:], strict=True))


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
                    yield _changed(place, {**place.move.values, name: symbol})


def slipped(place: Place) -> list[Move]:
    """The right rule, and its conclusion written down wrongly: something else stands for a variable, everywhere or in
    one place, or two sides are exchanged."""
    rule, move, grammar = place.posed.rule(place.move.rule), place.move, place.posed.system.grammar
    ways = [_changed(place, values) for values in _other_values(place, variables(rule.formula))]
    ways += [replace(move, formula=one) for one in _changed_once(place, rule.formula)]
    ways += [replace(move, formula=filled(one, move.values)) for one in _turned_round(rule.formula, grammar)]
    found: list[Move] = []
    for one in _in_any_order(place, ways):
        if one.formula != move.formula and not _holds(place, one.formula):
            found.append(one)
        if len(found) == 2 * MOST:
            break
    return found


def misfits(place: Place) -> list[Move]:
    """The right rule, rightly applied, but not with the values that are needed for what rests on it."""
    rule = place.posed.rule(place.move.rule)
    free = variables(rule.formula).difference(*map(variables, rule.hypotheses))
    ways = _in_any_order(place, [_changed(place, values) for values in _other_values(place, free)])
    return [one for one in ways if one.formula not in place.known and place.applies(rule, one.formula, place.given)]


def _in_any_order(place: Place, ways: list[Move]) -> list[Move]:
    Random(f"{place.move.rule}/{len(place.known)}").shuffle(ways)
    return ways


def _other_values(place: Place, names: Collection[str]) -> Iterator[dict[str, Tree]]:
    """The step's values but for one of these variables, or with those of two exchanged."""
    values, types = place.move.values, place.posed.system.grammar.types
    for name in sorted(names):
        if types[name] != "setvar":
            yield from ({**values, name: one} for one in instead(place, values[name]))
        for other in sorted(names):
            if name < other and types[name] == types[other] and values[name] != values[other]:
                yield {**values, name: values[other], other: values[name]}


def instead(place: Place, value: Tree) -> list[Tree]:
    """What could be taken for a value by mistake: something of its kind and about its length that the step or the
    theorem has."""
    grammar, goal = place.posed.system.grammar, place.posed.moves[-1].formula
    kind, length = grammar.type_of(value), len(grammar.tokens(value))
    near = dict.fromkeys([*place.move.values.values(), *_children(value), *_parts(goal)])
    return [
        one
        for one in near
        if one != value and grammar.type_of(one) == kind and abs(len(grammar.tokens(one)) - length) <= _LONGER
    ]


def _changed_once(place: Place, pattern: Tree) -> Iterator[Tree]:
    """A part of the rule's conclusion as it should be, but for one of its variables in one place."""
    if isinstance(pattern, str):
        yield from instead(place, place.move.values[pattern])
        return
    parts = [filled(part, place.move.values) for part in pattern[1:]]
    for at, part in enumerate(pattern[1:]):
        for one in _changed_once(place, part):
            yield (pattern[0], *parts[:at], one, *parts[at + 1 :])


def _turned_round(pattern: Tree, grammar: Grammar) -> Iterator[Tree]:
    """A pattern with the first two parts of one kind exchanged that something in it has."""
    if isinstance(pattern, str):
        return
    label, *parts = pattern
    for at, part in enumerate(parts):
        for one in _turned_round(part, grammar):
            yield (label, *parts[:at], one, *parts[at + 1 :])
    if len(parts) > 1 and grammar.type_of(parts[0]) == grammar.type_of(parts[1]):
        yield (label, parts[1], parts[0], *parts[2:])


def _holds(place: Place, formula: Tree) -> bool:
    """Whether the step would be right after all."""
    return formula in place.known or place.applies(place.posed.rule(place.move.rule), formula, place.known)


def _changed(place: Place, values: Mapping[str, Tree]) -> Move:
    return replace(place.move, values=values, formula=filled(place.posed.rule(place.move.rule).formula, values))


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


def _parts(tree: Tree) -> Iterator[Tree]:
    """A tree and all that is in it."""
    yield tree
    for part in _children(tree):
        yield from _parts(part)
