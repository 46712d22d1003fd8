"""One text for all puzzles that differ only in who is who: such twins must fall into one split.

People are told apart by colour refinement (what they say and what is said of them, in terms of the colours so far); of
the orders that are left, the one with the least statements counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice, permutations, product
from typing import Any

from tracemill.records import canonical_json
from tracemill.tasks.knights_knaves.statements import Statement

_ROUNDS = 2
_MAX_ORDERS = 720
"""Of a puzzle with more symmetry than this, two twins may get two texts; none has been seen."""


def canonical(statements: Sequence[Statement]) -> str:
    """`statements` by speaker."""
    colours = [0] * len(statements)
    for _ in range(_ROUNDS):
        seen = [_seen(person, statements, colours) for person in range(len(statements))]
        ranks = {text: rank for rank, text in enumerate(sorted(set(seen)))}
        colours = [ranks[text] for text in seen]
    return min(_relabelled(statements, order) for order in islice(_orders(colours), _MAX_ORDERS))


def _seen(person: int, statements: Sequence[Statement], colours: Sequence[int]) -> str:
    """The puzzle as it looks from a person, who knows of the others only their colours."""
    marks = [[colour, other == person] for other, colour in enumerate(colours)]
    told = [[marks[speaker], _told(said, marks.__getitem__)] for speaker, said in enumerate(statements)]
    return canonical_json(sorted(map(canonical_json, told)))


def _orders(colours: Sequence[int]) -> Iterator[list[int]]:
    """The people by colour, those of one colour in every order."""
    alike = [[p for p, colour in enumerate(colours) if colour == wanted] for wanted in sorted(set(colours))]
    for choice in product(*map(permutations, alike)):
        yield list(chain.from_iterable(choice))


def _relabelled(statements: Sequence[Statement], order: Sequence[int]) -> str:
    place = {person: at for at, person in enumerate(order)}
    return canonical_json([_told(statements[person], place.__getitem__) for person in order])


def _told(statement: Statement, mark: Callable[[int], Any]) -> list[Any]:
    """A statement with marks in place of people; what has no order is sorted."""
    form = statement[0]
    if form == "is":
        return [form, mark(statement[1]), statement[2]]
    if form == "count":
        return [form, sorted(map(mark, statement[1])), *statement[2:]]
    if form in ("same", "differ"):
        return [form, *sorted(map(mark, statement[1:]))]
    clauses = [[mark(person), kind] for person, kind in statement[1:]]
    return [form, *(clauses if form == "if" else sorted(clauses))]
