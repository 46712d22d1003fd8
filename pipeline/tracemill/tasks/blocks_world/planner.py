"""How a person plans in blocks world: the next move, where things are set aside, and what plan comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from tracemill.tasks.blocks_world.board import Board, Chain, Pair, Place, Stacks, chains_of

_METHOD = (0.5, 0.4, 0.3)
"""How likely a planner is each thing that `Method` says."""
_STACKS_UP = (0.0, 0.0, 0.5, 0.9)
"""How likely a planner sets a thing aside on another stack, where it may be in the way once more; each has a habit."""
_LONGEST = 150
"""Moves; a plan from a wrong board may never end."""


@dataclass(frozen=True, slots=True)
class PlannerChoice:
    """The next move, and why: `wanted` is what it works towards; `target` is what it helps to free, if it does not
    bring `wanted` about itself."""

    thing: str
    place: Place
    wanted: Pair
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """How somebody plans. `eager`: whatever can go to its place goes there first, before the stack at hand goes on.
    `room_first`: the place is cleared before the thing that shall go there. `uncovers_first`: all that has to move is
    uncovered before anything is built. So right plans of one problem differ in length, as wrong ones do."""

    eager: bool
    room_first: bool
    uncovers_first: bool = False

    def choose(self, board: Board, chains: Sequence[Chain]) -> PlannerChoice | None:
        """The next move from `board`; None when all chains hold. Each thing is set aside at most once."""
        wants = [chain[at] for chain in chains if (at := board.reached(chain)) < len(chain)]
        if not wants:
            return None
        ready = {thing: place for thing, place in wants if not board.above(thing) and not board.above(place)}
        for thing, place in board.missing(chains) if self.uncovers_first else ():
            if board.above(thing):
                obstacle = board.above(thing)[-1]
                return PlannerChoice(obstacle, ready.get(obstacle), (thing, place), thing)
        for thing, place in wants if self.eager else wants[:1]:
            if thing in ready:
                return PlannerChoice(thing, place, (thing, place))
        thing, place = wants[0]
        target = thing
        if place is not None and board.above(place) and (self.room_first or not board.above(thing)):
            target = place
        obstacle = board.above(target)[-1]
        return PlannerChoice(obstacle, ready.get(obstacle), (thing, place), target)


class Planner:
    """One person's way of planning, drawn from `rng`, and what that person has `set_aside`."""

    def __init__(self, things: Sequence[str], rng: Random) -> None:
        self.method = Method(*(rng.random() < chance for chance in _METHOD))
        stacks_up = rng.choice(_STACKS_UP)
        self.habits = {thing: rng.random() if rng.random() < stacks_up else None for thing in things}
        """For each thing, which of the other stacks it is set aside on, as a share of them; none: on the floor."""
        self.set_aside: set[str] = set()

    def aside(self, choice: PlannerChoice, board: Board, set_aside: set[str]) -> PlannerChoice:
        """The choice; where it sets something aside for the first time, perhaps on another stack and not the floor: not
        on one that is needed for the same."""
        first, habit = choice.thing not in set_aside, self.habits[choice.thing]
        if choice.target is None or choice.place is not None or self.method.uncovers_first:
            return choice
        set_aside.add(choice.thing)
        needed = {choice.thing, choice.target, *choice.wanted}
        possible = [stack[-1] for stack in board.listed() if not needed & {*stack}]
        if not first or not possible or habit is None:
            return choice
        return replace(choice, place=possible[int(habit * len(possible))])

    def planned(
        self, board: Board, chains: Sequence[Chain], set_aside: set[str], first: PlannerChoice | None = None
    ) -> list[Pair] | None:
        """The moves from `board` on, which is changed, with the `first` one if there is one; None where they do not
        end."""
        moves: list[Pair] = []
        choice = first or self._next(board, chains, set_aside)
        while choice is not None and len(moves) < _LONGEST:
            board.shift(choice.thing, choice.place)
            moves.append((choice.thing, choice.place))
            choice = self._next(board, chains, set_aside)
        return moves if choice is None else None

    def _next(self, board: Board, chains: Sequence[Chain], set_aside: set[str]) -> PlannerChoice | None:
        choice = self.method.choose(board, chains)
        return choice and self.aside(choice, board, set_aside)


def plan(initial: Stacks, goal: Stacks) -> list[Pair]:
    """A right plan, always the same one."""
    board, chains, moves = Board(initial), chains_of(goal), []
    method = Method(eager=True, room_first=True)
    while (choice := method.choose(board, chains)) is not None:
        board.shift(choice.thing, choice.place)
        moves.append((choice.thing, choice.place))
    return moves
