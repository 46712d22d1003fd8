"""The oracle of word problems: the story acted out with single things, and the premises solved as linear equations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, reduce
from math import gcd
from typing import ClassVar

from tracemill.records import Problem, Step, canonical_json
from tracemill.tasks.kit.formulas import rational
from tracemill.tasks.kit.rational_oracle import RationalOracle, solution_of

_Pile = list[None]
"""Single things, to be put together, dealt out and counted."""


class WordProblemOracle(RationalOracle):
    """Both ways must agree, so that premises which say something else than the story are found."""

    method: ClassVar[str] = "the story acted out thing by thing, and Cramer's rule over the premises"

    def answers(self, problem: Problem, answer: str) -> bool:
        return rational(answer.strip()) == _agreed(problem)

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """Raises ValueError for a claim that is no formula over the problem's symbols."""
        _agreed(problem)
        return super().first_wrong(problem, steps)


def _agreed(problem: Problem) -> int:
    """What is asked for.

    Raises:
        ValueError: the story and the premises differ.
    """
    moves = problem.metadata["instance"]["moves"]
    acted = acted_out(canonical_json(moves))
    solved = solution_of(problem)[f"amount{len(moves)}"]
    if solved != acted:
        raise ValueError(f"the story comes to {acted}, the premises to {solved}")
    return acted


@lru_cache(maxsize=64)
def acted_out(moves: str) -> int:
    """The number of things at the end; `moves` as JSON."""
    import json

    pile: _Pile = []
    for move in json.loads(moves):
        pile = _after(pile, move["kind"], *move["numbers"])
    return len(pile)


def _after(pile: _Pile, kind: str, first: int, second: int = 0) -> _Pile:
    """The pile after a move.

    Raises:
        ValueError: things that are not there are taken away, or a share is no whole number of things.
        KeyError: there is no such kind of move.
    """
    match kind:
        case "start" | "gain" | "together":
            after = pile + _new(first)
        case "two" | "more":
            after = _new(first) + _new(second)
        case "groups" | "gain_groups" | "times":
            after = [*pile, *(thing for _ in range(first) for thing in _new(second))]
        case "price":
            after = [coin for _ in pile for coin in _new(first)]
        case "fewer":
            after = _without(_new(first), second)
        case "lose":
            after = _without(pile, first)
        case "lose_groups":
            after = reduce(_without, [second] * first, pile)
        case "missing":
            after = _without(_new(first), len(pile))
        case "split":
            after = _dealt(pile, first)[0]
        case _:
            part = _share(pile, first, second)
            after = {"kind": part, "gain_share": pile + part, "lose_share": _without(pile, len(part))}[kind]
    return after


def _share(pile: _Pile, parts: int, whole: int) -> _Pile:
    """So many of as many equal heaps as it takes."""
    common = gcd(parts, whole)
    heaps = _dealt(pile, whole // common)
    return [thing for heap in heaps[: parts // common] for thing in heap]


def _new(count: int) -> _Pile:
    return [None] * count


def _without(pile: _Pile, count: int) -> _Pile:
    rest = list(pile)
    for _ in range(count):
        if not rest:
            raise ValueError(f"{count} things are taken of {len(pile)}")
        rest.pop()
    return rest


def _dealt(pile: _Pile, hands: int) -> list[_Pile]:
    """The pile dealt out one by one; all hands must get the same."""
    heaps = [pile[at::hands] for at in range(hands)]
    if len({len(heap) for heap in heaps}) > 1:
        raise ValueError(f"{len(pile)} things cannot be dealt out to {hands}")
    return heaps
