"""Statements of knights and knaves: as truth tables and as formulas.

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

from collections.abc import Iterable, Sequence
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


def all_formula(literals: Sequence[Literal], names: Sequence[str]) -> str:
    parts = [literal_formula(names[person], kind) for person, kind in literals]
    return parts[0] if len(parts) == 1 else f"(and {' '.join(parts)})"


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
