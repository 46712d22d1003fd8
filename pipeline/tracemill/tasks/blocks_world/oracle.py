"""The oracle of blocks world: STRIPS, with sets of ground atoms and operators that add and delete them.

Source of the formulation: R. Fikes and N. Nilsson, "STRIPS: A new approach to the application of theorem proving to
problem solving", Artificial Intelligence 2 (1971). What claims and premises mean stands in `claims/state/checker.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

from tracemill.records import Problem, Step
from tracemill.tasks.kit.transitions import simulate

Atom = tuple[str, ...]
World = frozenset[Atom]


class BlocksWorldOracle:
    method: ClassVar[str] = "STRIPS add and delete lists over ground atoms"

    def answers(self, problem: Problem, answer: str) -> bool:
        """Whether the plan can be carried out from the first premise and makes every atom of the second true."""
        start = _atoms(problem.premises[0].payload["stacks"])
        names = sorted(atom[1] for atom in _supports(start))
        lines = [line for line in answer.lower().split("\n") if line.strip()]
        moves = [_parsed(line, names, problem.check.spec["floor"]) for line in lines]
        world = simulate(start, moves, lambda world, move: None if move is None else _applied(world, move))
        return bool(moves) and world is not None and _wishes(problem) <= world

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """The first step whose claim the replay does not confirm; a step that claims nothing is passed over."""
        worlds: dict[int, World] = {-1: _atoms(problem.premises[0].payload["stacks"])}
        for index, step in enumerate(steps):
            if step.claim is None:
                continue
            known = [worlds[use] for use in sorted(set(step.uses)) if use in worlds]
            payload = step.claim.payload
            if step.claim.kind != "state" or len(known) > 1 or not (known or payload.keys() <= {"wanted", "goal"}):
                return index
            wishes = _wishes(problem) if -2 in step.uses else None
            world = simulate(known[0] if known else frozenset(), payload.get("moves", ()), _applied)
            if world is None or not all(_holds(world, key, payload[key], wishes) for key in payload):
                return index
            if "stacks" in payload or "moves" in payload:
                worlds[index] = world
        return None


def _holds(world: World, key: str, value: Any, wishes: World | None) -> bool:
    """Whether one key of a claim is true in `world`, the one after its moves; `wishes` is the goal."""
    match key:
        case "moves":
            return bool(value)
        case "stacks":
            return sum(map(len, value)) == len(_supports(world)) and _atoms(value) == world
        case "on":
            return {_support(pair) for pair in value} <= world
        case "clear":
            return {("clear", thing) for thing in value} <= world
        case "above":
            return _towers(world, value)
        case _:
            return wishes is not None and _holds_of_goal(world, key, value, wishes)


def _holds_of_goal(world: World, key: str, value: Any, wishes: World) -> bool:
    if key == "settled":
        return all(_rooted(wishes & world, thing) for thing in value)
    pairs = {_support(pair) for pair in value}
    return {"goal": pairs == wishes, "wanted": pairs <= wishes, "missing": pairs == wishes - world}.get(key, False)


def _support(pair: Sequence[str | None]) -> Atom:
    thing, place = pair
    return ("table", str(thing)) if place is None else ("on", str(thing), place)


def _supports(world: Iterable[Atom]) -> set[Atom]:
    return {atom for atom in world if atom[0] != "clear"}


def _atoms(stacks: Iterable[Sequence[str]]) -> World:
    """`table` for each bottom, `on` for each neighbours, `clear` for each top."""
    world: set[Atom] = set()
    for stack in stacks:
        world |= {("table", stack[0]), ("clear", stack[-1])}
        world |= {("on", upper, lower) for lower, upper in pairwise(stack)}
    return frozenset(world)


def _wishes(problem: Problem) -> World:
    return frozenset(_supports(_atoms(problem.premises[1].payload["stacks"])))


def _applied(world: World, move: Sequence[str | None]) -> World | None:
    """The world after the action that moves a thing to a place; None where it is not possible, or changes nothing."""
    thing, place = move
    deletes = {atom for atom in _supports(world) if atom[1] == thing}
    needs, adds = {("clear", str(thing)), *deletes}, {_support(move)}
    adds |= {("clear", atom[2]) for atom in deletes if atom[0] == "on"}
    if place is not None:
        needs.add(("clear", place))
        deletes.add(("clear", place))
    if not needs <= world or thing == place or adds & deletes:
        return None
    return (world - deletes) | adds


def _towers(world: World, columns: Mapping[str, Sequence[str]]) -> bool:
    """Whether exactly this column, in its order, stands on each thing."""
    for thing, column in columns.items():
        upward = [thing, *column]
        pairs = {("on", upper, lower) for lower, upper in pairwise(upward)}
        if not pairs | {("clear", upward[-1])} <= world:
            return False
    return True


def _rooted(world: World, thing: str) -> bool:
    """Whether a chain of `on` leads from `thing` down to the table within `world`."""
    if ("table", thing) in world:
        return True
    return any(_rooted(world - {atom}, atom[2]) for atom in world if atom[:2] == ("on", thing))


def _parsed(line: str, things: Sequence[str], floor: str) -> tuple[str, str | None] | None:
    """The move that a line states: numbering and articles aside it must be made of exactly the expected words."""
    said = [word for word in line.replace(".", " ").replace(")", " ").replace("-", " ").split() if word != "the"]
    while said and said[0].isdigit():
        said.pop(0)
    for thing in things:
        if said == ["move", *_spelled(thing), "to", floor.lower()]:
            return thing, None
        for place in things:
            if said == ["move", *_spelled(thing), "onto", *_spelled(place)]:
                return thing, place
    return None


def _spelled(name: str) -> list[str]:
    return [word for word in name.lower().replace("-", " ").split() if word != "the"]
