"""Statements of knights and knaves as formulas and as truth tables, and what follows from one statement at a time.

People are numbered; an assignment of kinds is a number whose bit i says whether person i tells the truth. A set of
assignments is an integer with one bit per assignment (2^n bits), so that `and` of two sets is one machine operation
for up to eight people.

A statement is plain JSON:

    ["is", i, k]                          i is of kind k (true: tells the truth)
    ["same", i, j]  ["differ", i, j]      i and j are of the same kind, of different kinds
    ["and", [i, k], [j, l]]  ["or", …]  ["if", …]
    ["count", [i, j, …], how, number, k]  how many of them are of kind k: how is `exactly`, `least` or `most`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

Statement: TypeAlias = Sequence[Any]
Literal: TypeAlias = tuple[int, bool]
"""A person with a kind."""


@cache
def universe(people: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """All assignments, and for each person the assignments in which they lie and in which they tell the truth."""
    everything = (1 << (1 << people)) - 1
    sides = []
    for person in range(people):
        true = sum(1 << assignment for assignment in range(1 << people) if assignment >> person & 1)
        sides.append((everything ^ true, true))
    return everything, tuple(sides)


def mentioned(statement: Statement) -> list[int]:
    """The people that a statement speaks of."""
    form = statement[0]
    if form == "count":
        return list(statement[1])
    if form == "is":
        return [statement[1]]
    return [part if isinstance(part, int) else part[0] for part in statement[1:]]


def stated(statement: Statement) -> list[Literal]:
    """The literals that a statement asserts outright; none of a statement that only relates or counts."""
    if statement[0] == "is":
        return [(statement[1], statement[2])]
    return [(person, kind) for person, kind in statement[1:]] if statement[0] == "and" else []


def table(statement: Statement, people: int) -> int:
    """The assignments in which a statement is true."""
    everything = universe(people)[0]
    form = statement[0]
    if form == "count":
        return _count_table(statement, people)
    first, second = parts(statement, people)
    if form == "is":
        return first
    if form in ("same", "differ"):
        return first ^ second if form == "differ" else everything ^ first ^ second
    if form == "and":
        return first & second
    return first | second if form == "or" else (everything ^ first) | second


def parts(statement: Statement, people: int) -> tuple[int, int]:
    """The tables of a statement's two people or clauses; the same one twice where it has one only."""
    sides = universe(people)[1]
    pairs = [tuple(statement[1:])] if statement[0] == "is" else statement[1:]
    tables = [sides[part][1] if isinstance(part, int) else sides[part[0]][part[1]] for part in pairs]
    return tables[0], tables[-1]


def _count_table(statement: Statement, people: int) -> int:
    _, group, how, number, kind = statement
    everything, sides = universe(people)
    exactly = [everything] + [0] * len(group)
    for person in group:
        counted = sides[person][kind]
        others = everything ^ counted
        for n in range(len(group), 0, -1):
            exactly[n] = (exactly[n] & others) | (exactly[n - 1] & counted)
        exactly[0] &= others
    if how == "exactly":
        return exactly[number]
    return union(exactly[number:] if how == "least" else exactly[: number + 1])


def union(sets: Iterable[int]) -> int:
    total = 0
    for one in sets:
        total |= one
    return total


def literal_formula(name: str, kind: bool) -> str:
    return name if kind else f"(not {name})"


def formula(statement: Statement, names: Sequence[str]) -> str:
    """A statement as an SMT-LIB term over Bool symbols, true for whoever tells the truth."""
    form = statement[0]
    if form == "is":
        return literal_formula(names[statement[1]], statement[2])
    if form in ("same", "differ"):
        return f"({'=' if form == 'same' else 'distinct'} {names[statement[1]]} {names[statement[2]]})"
    if form == "count":
        _, group, how, number, kind = statement
        ones = " ".join(f"(ite {names[person]} {int(kind)} {int(not kind)})" for person in group)
        return f"({ {'exactly': '=', 'least': '>=', 'most': '<='}[how] } (+ {ones}) {number})"
    first, second = (literal_formula(names[person], kind) for person, kind in statement[1:])
    return f"({ {'and': 'and', 'or': 'or', 'if': '=>'}[form] } {first} {second})"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What one statement allows: `allowed` assignments, over the people in `scope`, of whom the speaker is one.
    `number` is its premise; `statement` is what the rule is read off from."""

    number: int
    speaker: int
    statement: Statement
    allowed: int
    scope: tuple[int, ...]


def rule(number: int, speaker: int, statement: Statement, people: int) -> Rule:
    """The statement is true exactly if its speaker tells the truth."""
    everything, sides = universe(people)
    allowed = everything ^ sides[speaker][1] ^ table(statement, people)
    return Rule(number, speaker, statement, allowed, tuple(sorted({speaker, *mentioned(statement)})))


@dataclass(frozen=True, slots=True)
class Inference:
    """By `rule` and the kinds of the people in `reasons`, `literals` hold; with no literals, there is a conflict."""

    rule: Rule
    literals: tuple[Literal, ...]
    reasons: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A rule forced some literals; none at all in a conflict."""

    rule: Rule
    literals: tuple[Literal, ...]


class Kinds:
    """A partial assignment, and what single rules add to it."""

    def __init__(self, people: int, known: Mapping[int, bool]) -> None:
        self.people = people
        self.everything, self.sides = universe(people)
        self.known = dict(known)
        self.mask = self.everything
        for person, kind in self.known.items():
            self.mask &= self.sides[person][kind]

    def add(self, literals: Iterable[Literal]) -> None:
        for person, kind in literals:
            self.known[person] = kind
            self.mask &= self.sides[person][kind]

    def assuming(self, given: Literal) -> Kinds:
        return Kinds(self.people, self.known | {given[0]: given[1]})

    def forced(self, rule: Rule) -> list[Literal] | None:
        """The new literals that a rule forces; none if it conflicts with what is known."""
        left = self.mask & rule.allowed
        if not left:
            return None
        found = []
        for person in rule.scope:
            if person not in self.known:
                liar, truthful = self.sides[person]
                if not left & liar:
                    found.append((person, True))
                elif not left & truthful:
                    found.append((person, False))
        return found

    def infer(
        self, rule: Rule, literals: Sequence[Literal], known: Iterable[int], given: Literal | None = None
    ) -> Inference:
        """The inference from what the people in `known` are, with as few reasons as possible.

        The assumption `given` needs no reason.
        """
        against = rule.allowed
        if literals:
            wanted = self.everything
            for person, kind in literals:
                wanted &= self.sides[person][kind]
            against &= ~wanted
        if given is not None:
            against &= self.sides[given[0]][given[1]]
        reasons = [p for p in known if given is None or p != given[0]]
        # The speaker is tried last, so that what they are stays among the reasons where it can.
        for person in sorted(reasons, key=lambda p: p == rule.speaker):
            fewer = [p for p in reasons if p != person]
            if not self._within(against, fewer):
                reasons = fewer
        return Inference(rule, tuple(literals), tuple(reasons))

    def _within(self, assignments: int, people: Sequence[int]) -> int:
        for person in people:
            assignments &= self.sides[person][self.known[person]]
        return assignments

    def propagate(self, rules: Sequence[Rule], touched: Iterable[int]) -> Iterator[Event]:
        """Apply the rules that speak of `touched` people, then whichever those touch, until nothing new comes; each
        event is added once it has been taken. Ends after the first conflict."""
        fresh = set(touched)
        waiting = [rule for rule in rules if fresh.intersection(rule.scope)]
        while waiting:
            rule = waiting.pop(0)
            found = self.forced(rule)
            if found is None:
                yield Event(rule, ())
                return
            if found:
                yield Event(rule, tuple(found))
                self.add(found)
                fresh = {person for person, _ in found}
                waiting += [r for r in rules if r is not rule and r not in waiting and fresh.intersection(r.scope)]


def refutation(facts: Kinds, rules: Sequence[Rule], given: Literal) -> list[Event] | None:
    """The events that lead from the assumption to a conflict, the conflict last; none if there is no conflict."""
    kinds = facts.assuming(given)
    events = list(kinds.propagate(rules, (given[0],)))
    return events if events and not events[-1].literals else None


def needed(facts: Kinds, given: Literal, events: Sequence[Event]) -> list[Inference]:
    """The events on which the last one rests, without what nobody used, each with its reasons."""
    since = dict.fromkeys(facts.known, -1) | {given[0]: -1}
    for at, event in enumerate(events):
        since |= {person: at for person, _ in event.literals if person not in since}
    kinds = facts.assuming(given)
    for event in events:
        kinds.add(event.literals)
    chain: list[Inference] = []
    wanted: set[int] = set()
    for at in range(len(events) - 1, -1, -1):
        event = events[at]
        literals = tuple(literal for literal in event.literals if literal[0] in wanted)
        if not literals and event.literals:
            continue
        before = [person for person in event.rule.scope if since.get(person, at) < at]
        inference = kinds.infer(event.rule, literals, before, given)
        wanted.update(person for person in inference.reasons if since[person] >= 0)
        chain.append(inference)
    return chain[::-1]


def solvable(rules: Sequence[Rule], people: int) -> bool:
    """Whether single statements and refuted assumptions, one at a time, settle what everybody is."""
    facts = Kinds(people, {})
    touched: Iterable[int] = range(people)
    while True:
        for _ in facts.propagate(rules, touched):
            pass
        if len(facts.known) == people:
            return True
        open_literals = [(p, kind) for p in range(people) if p not in facts.known for kind in (True, False)]
        wrong = next((literal for literal in open_literals if refutation(facts, rules, literal)), None)
        if wrong is None:
            return False
        facts.add([(wrong[0], not wrong[1])])
        touched = (wrong[0],)
