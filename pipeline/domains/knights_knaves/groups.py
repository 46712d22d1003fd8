"""What two puzzles have in common that differ only in who is who."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.domains.knights_knaves.logic import Statement, mentioned


def canonical(statements: Sequence[Statement]) -> str:
    """One text for all puzzles that are the same but for the numbers of their people; `statements` are by speaker.

    People are told apart by what they say and what is said of them, until that tells no more of them apart (colour
    refinement, Weisfeiler and Leman 1968). Of a few puzzles that differ it gives one text too: they are then held out
    together.
    """
    colours = [0] * len(statements)
    while True:
        described = [_described(person, statements, colours) for person in range(len(statements))]
        order = sorted(set(described))
        refined = [order.index(one) for one in described]
        if len(order) == len(set(colours)):
            return repr(sorted(described))
        colours = refined


def _described(person: int, statements: Sequence[Statement], colours: Sequence[int]) -> str:
    """What a person says, and what others say of them."""
    heard = [
        (colours[speaker], _form(statement, colours, person))
        for speaker, statement in enumerate(statements)
        if person in mentioned(statement)
    ]
    return repr((colours[person], _form(statements[person], colours, person), sorted(heard)))


def _form(statement: Statement, colours: Sequence[int], person: int) -> str:
    """The statement with colours for people, `person` marked; in one order where the order says nothing."""
    form, *rest = statement
    if form == "count":
        group, *how = rest
        return repr((form, sorted((colours[one], one == person) for one in group), how))
    parts: list[Any] = [rest] if form == "is" else rest
    marked = [
        (colours[part], part == person) if isinstance(part, int) else (colours[part[0]], part[0] == person, part[1])
        for part in parts
    ]
    return repr((form, marked if form == "if" else sorted(marked)))
