"""The stacks of blocks world as a person moves them about, and reads or misreads them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tracemill.records import canonical_json

Place = str | None
"""What a thing rests on; none is the floor."""
Stacks = Sequence[Sequence[str]]
Pair = tuple[str, Place]
"""A thing and what it rests on, or shall."""
Chain = list[Pair]
"""What a goal asks for one stack, from the bottom up."""


class Board:
    """The stacks as they are, or as somebody believes them to be."""

    def __init__(self, stacks: Stacks) -> None:
        self.stacks = [list(stack) for stack in stacks]
        self.home = {thing: stack for stack in self.stacks for thing in stack}
        self._under: dict[str, Place] = {}
        """What each thing rests on."""
        for stack in self.stacks:
            self._under |= dict(zip(stack, [None, *stack], strict=False))

    def listed(self) -> list[list[str]]:
        return [list(stack) for stack in self.stacks if stack]

    def under(self, thing: str) -> Place:
        return self._under[thing]

    def above(self, thing: Place) -> list[str]:
        """What is above a thing, from the lowest up; nothing is above the floor that could be in the way there."""
        return [] if thing is None else self.home[thing][self.home[thing].index(thing) + 1 :]

    def shift(self, thing: str, place: Place) -> None:
        """Takes a thing out of its stack, wherever it is in it, and puts it directly on `place`, whatever is there."""
        target: list[str] = [] if place is None else self.home[place]
        if place is None:
            self.stacks.append(target)
        source = self.home[thing]
        at = source.index(thing)
        if at + 1 < len(source):
            self._under[source[at + 1]] = self._under[thing]
        del source[at]
        to = 0 if place is None else target.index(place) + 1
        target.insert(to, thing)
        if to + 1 < len(target):
            self._under[target[to + 1]] = thing
        self._under[thing], self.home[thing] = place, target

    def reached(self, chain: Chain) -> int:
        """How many pairs of a chain are so, from its bottom up to the first that is not."""
        for at, (thing, place) in enumerate(chain):
            if self._under[thing] != place:
                return at
        return len(chain)

    def settled(self, chains: Sequence[Chain]) -> list[str]:
        """What rests as the goal asks, down to the floor."""
        return [thing for chain in chains for thing, _ in chain[: self.reached(chain)]]

    def missing(self, chains: Sequence[Chain]) -> list[Pair]:
        return [(thing, place) for chain in chains for thing, place in chain if self._under[thing] != place]


def chains_of(goal: Stacks) -> list[Chain]:
    return [list(zip(stack, [None, *stack[:-1]], strict=True)) for stack in goal]


def turned(stack: list[str]) -> list[list[str]]:
    """A stack read from the wrong end, and with its two uppermost exchanged."""
    return [stack[::-1], [*stack[:-2], *stack[:-3:-1]]]


def misread(chain: Chain, k: int) -> list[list[Chain]]:
    """A chain without its part from `k` up, with that part beside the rest, and with the things at `k` and below it
    exchanged."""
    things = [thing for thing, _ in chain]
    if not k:
        return [[]]
    turned = [*things[: k - 1], things[k], things[k - 1], *things[k + 1 :]]
    return [[chain[:k]], chains_of([things[:k], things[k:]]), chains_of([turned])]


def canonical(initial: Stacks, goal: Stacks) -> str:
    """One text for all instances that differ only in names and in the order of stacks.

    Below, above, wanted below and wanted above are partial functions, so a walk that follows them in a fixed order
    numbers everything it can reach in one way; the least walk of each component is its form.
    """
    links: dict[str, list[Any]] = {thing: [-2, -2, -2, -2] for stack in initial for thing in stack}
    for offset, stacks in ((0, initial), (2, goal)):
        for stack in stacks:
            links[stack[0]][offset] = -1
            for lower, upper in pairwise(stack):
                links[upper][offset], links[lower][offset + 1] = lower, upper
    forms: dict[frozenset[str], list[int]] = {}
    for stack in initial:
        form, reached = _walk(links, stack[0])
        forms[reached] = min(form, forms.get(reached, form))
    return canonical_json(sorted(forms.values()))


def _walk(links: dict[str, list[Any]], start: str) -> tuple[list[int], frozenset[str]]:
    number, queue, form = {start: 0}, [start], []
    for thing in queue:
        for link in links[thing]:
            if isinstance(link, str) and link not in number:
                number[link] = len(number)
                queue.append(link)
            form.append(number[link] if isinstance(link, str) else link)
    return form, frozenset(number)
