"""The oracle of blocks world: STRIPS, with sets of ground atoms and operators that add and delete them.

Source of the formulation: R. Fikes and N. Nilsson, "STRIPS: A new approach to the application of theorem proving to
problem solving", Artificial Intelligence 2 (1971). What claims and premises mean stands in `verifiers/state.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

from tracemill.records import Problem, Step

Atom = tuple[str, ...]
World = frozenset[Atom]


class Operator(NamedTuple):
    """A ground action: what must hold before it, what it makes true, what it makes false."""

    needs: World
    adds: World
    deletes: World


class BlocksWorldOracle:
    method: ClassVar[str] = "STRIPS add and delete lists over ground atoms"

    def answers(self, problem: Problem, answer: str) -> bool:
        """Whether the plan can be carried out from the first premise and makes every atom of the second true."""
        world: World | None = _atoms(problem.premises[0].payload["stacks"])
        things = sorted(atom[1] for atom in _supports(world or ()))
        moves = [line for line in answer.lower().split("\n") if line.strip()]
        for line in moves:
            move = _parsed(line, things, problem.check.spec["floor"])
            world = None if move is None or world is None else _applied(world, *move)
        return bool(moves) and world is not None and _wishes(problem) <= world

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """The first step whose claim the replay does not confirm; a step that claims nothing is passed over."""
        worlds: dict[int, World] = {-1: _atoms(problem.premises[0].payload["stacks"])}
        for index, step in enumerate(steps):
            known = [worlds[use] for use in sorted(set(step.uses)) if use in worlds]
            if step.claim is None:
                continue
            payload = step.claim.payload
            if step.claim.kind != "state" or len(known) > 1 or not (known or payload.keys() == {"wanted"}):
                return index
            wishes = _wishes(problem) if -2 in step.uses else None
            world: World | None = known[0] if known else frozenset()
            if world is not None and "move" in payload:
                world = _applied(world, *payload["move"])
            if world is None or not all(_holds(world, key, payload[key], wishes) for key in payload):
                return index
            if "stacks" in payload:
                worlds[index] = world
        return None


def _holds(world: World, key: str, value: Any, wishes: World | None) -> bool:
    """Whether one key of a claim is true in `world`, which for `move` is the one after it; `wishes` is the goal."""
    match key:
        case "move":
            return _support(*value) in world
        case "stacks":
            return sum(map(len, value)) == len(_supports(world)) and _atoms(value) == world
        case "on":
            return {_support(*pair) for pair in value} <= world
        case "clear":
            return {("clear", thing) for thing in value} <= world
        case "above":
            return all(_tower(world, thing, column) for thing, column in value.items())
        case _:
            return wishes is not None and _holds_of_goal(world, key, value, wishes)


def _holds_of_goal(world: World, key: str, value: Any, wishes: World) -> bool:
    match key:
        case "wanted":
            return {_support(*pair) for pair in value} <= wishes
        case "missing":
            return {_support(*pair) for pair in value} == wishes - world
        case "settled":
            return all(_rooted(wishes & world, thing) for thing in value)
        case _:
            return False


def _support(thing: str, place: str | None) -> Atom:
    return ("table", thing) if place is None else ("on", thing, place)


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


def _operator(world: World, thing: str, place: str | None) -> Operator:
    """The action that moves `thing` from where it is in `world` to `place`."""
    origin = [atom for atom in _supports(world) if atom[1] == thing]
    needs, adds, deletes = {("clear", thing), *origin}, {_support(thing, place)}, set(origin)
    adds |= {("clear", atom[2]) for atom in origin if atom[0] == "on"}
    if place is not None:
        needs.add(("clear", place))
        deletes.add(("clear", place))
    return Operator(frozenset(needs), frozenset(adds), frozenset(deletes))


def _applied(world: World, thing: str, place: str | None) -> World | None:
    """The world after the action; none where it is not possible, or changes nothing."""
    action = _operator(world, thing, place)
    if not action.needs <= world or thing == place or action.adds & action.deletes:
        return None
    return (world - action.deletes) | action.adds


def _tower(world: World, thing: str, column: Sequence[str]) -> bool:
    """Whether exactly `column`, in that order, stands on `thing`."""
    upward = [thing, *column]
    pairs = {("on", upper, lower) for lower, upper in pairwise(upward)}
    return pairs <= world and ("clear", upward[-1]) in world


def _rooted(world: World, thing: str) -> bool:
    """Whether a chain of `on` leads from `thing` down to the table within `world`."""
    if ("table", thing) in world:
        return True
    return any(_rooted(world - {atom}, atom[2]) for atom in world if atom[:2] == ("on", thing))


def _parsed(line: str, things: Sequence[str], floor: str) -> tuple[str, str | None] | None:
    """The move that a line states: numbering and articles aside it must be made of exactly the expected words."""
    words = line.replace(".", " ").replace(")", " ").replace("-", " ").split()
    said = [word for word in words if word != "the"]
    while said and said[0].isdigit():
        said.pop(0)
    for thing in things:
        name = _spelled(thing)
        if said == ["move", *name, "to", floor.lower()]:
            return thing, None
        for place in things:
            if said == ["move", *name, "onto", *_spelled(place)]:
                return thing, place
    return None


def _spelled(name: str) -> list[str]:
    return [word for word in name.lower().replace("-", " ").split() if word != "the"]
