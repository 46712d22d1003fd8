"""Claims about stacks of things that are moved one by one, decided by simulation; whole plans are judged in `plan.py`.

Things stand in stacks; only the top of a stack can be moved, onto the top of another stack or onto the floor, and a
move must change what the thing rests on. A *place* is the name of a thing, or null for the floor.

Premises of a problem (the order of the stacks means nothing):
    Claim("state", {"stacks": [[bottom, …, top], …]})   every thing, before the first move
    Claim("goal", {"stacks": [[bottom, …], …]})         the first of each list must rest on the floor, every other one
                                                        directly on the one before it; nothing else is asked

Claims of kind `state`; all keys of a payload must hold together:
    stacks    the whole state: with `move` the one after it, without it the one of what the step uses
    move      [thing, place]: may be done in the state of what the step uses, and gives `stacks`
    on        [[thing, place], …]: each rests directly on its place
    clear     [thing, …]: nothing is on any of them
    above     {thing: [next, …, top]}: exactly these are above it
    wanted    [[thing, place], …]: the goal asks for each of these, perhaps for more
    goal      [[thing, place], …]: the goal asks for exactly these
    missing   [[thing, place], …]: exactly what the goal asks for and is not so; [] says that the goal is reached
    settled   [thing, …]: each of them, and all that is beneath it, rests as the goal asks

Beside `move`, the other keys speak of the state after it. A step names in `uses` the one premise or earlier step whose
claim has the `stacks` that it starts from and, for the last three keys, the goal's premise. A false claim is refuted,
unless it starts from an earlier step whose own claim is not verified: that says nothing of the real state, and is
unknown. So are a payload of another form and a step that does not say what it starts from. Limits: `MAX_THINGS` things
in a state, `MAX_ITEMS` items in a claim, `MAX_MOVES` moves in a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from tracemill.claims.claim_checker import Canary, ClaimChecker, Ruling
from tracemill.records import Claim, Payload, Problem, Step

MAX_THINGS = 64
MAX_ITEMS = 256
MAX_NAME = 120

_KEYS = frozenset({"stacks", "move", "on", "clear", "above", "wanted", "goal", "missing", "settled"})
_OF_GOAL = frozenset({"wanted", "goal", "missing", "settled"})
_OF_STATE = _KEYS - {"wanted", "goal"}

_Place: TypeAlias = "str | None"
Rests: TypeAlias = "dict[str, str | None]"
"""Every thing with what it rests on; null is the floor."""


class UndecidableError(Exception):
    """The claim cannot be judged as it stands; the text says why."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What a step may rest on: the one state among what it uses, and the goal where it uses that."""

    state: Rests | None
    goal: Rests | None


class StateChecker(ClaimChecker):
    """Judges `state` claims; a verified one follows from what its step uses."""

    kind: ClassVar[str] = "state"
    version: ClassVar[str] = "3"
    entails: ClassVar[bool] = True

    @property
    def judge(self) -> Payload:
        return {"max_things": MAX_THINGS, "max_items": MAX_ITEMS}

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.state.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        read: dict[int, Rests] = {}
        rulings: dict[int, Ruling] = {}
        for index in sorted(wanted):
            ruling = _ruling(problem, steps, index, read)
            doubtful = [use for use in steps[index].uses if use in rulings and rulings[use].outcome != "verified"]
            if ruling.outcome == "refuted" and doubtful:
                ruling = Ruling("unknown", f"rests on step {doubtful[0]}, which is {rulings[doubtful[0]].outcome}")
            rulings[index] = ruling
        return rulings


def _ruling(problem: Problem, steps: Sequence[Step], index: int, read: dict[int, Rests]) -> Ruling:
    """`read` keeps the states and goals that were read already, by the number that `uses` has for them."""
    claim = steps[index].claim
    if claim is None or claim.kind != "state":
        return Ruling("unknown", "the step makes no claim about a state")
    try:
        payload = _payload(claim.payload)
        falsehood = next(_falsehoods(payload, _given(problem, steps, index, read)), None)
    except UndecidableError as exc:
        return Ruling("unknown", str(exc))
    if falsehood is not None:
        return Ruling("refuted", falsehood, strength="exact")
    return Ruling("verified", f"holds by simulation: {', '.join(sorted(payload))}", strength="exact")


def _payload(value: Any) -> Payload:
    if not isinstance(value, Mapping) or not value:
        raise UndecidableError("the claim is empty or not an object")
    if strange := sorted(str(key)[:MAX_NAME] for key in value if key not in _KEYS):
        raise UndecidableError(f"no claim {strange[0]!r} about a state; there are: {', '.join(sorted(_KEYS))}")
    if "move" in value and "stacks" not in value:
        raise UndecidableError("a claimed move does not say which state it leads to")
    return value


def _given(problem: Problem, steps: Sequence[Step], index: int, read: dict[int, Rests]) -> _Given:
    """Raises `UndecidableError` for a use that is not there, is not earlier, or is a second state."""
    states, goals = [], []
    uses = steps[index].uses
    if len(uses) > MAX_ITEMS:
        raise UndecidableError(f"the step uses {len(uses)} others; at most {MAX_ITEMS} are looked at")
    for use in sorted(set(uses)):
        claim = _used(problem, steps, index, use)
        if claim is None:
            continue
        if claim.kind == "state" and isinstance(claim.payload, Mapping) and "stacks" in claim.payload:
            if use not in read:
                read[use] = _rests(_stacks(claim.payload["stacks"]))
            states.append(read[use])
        # Only a premise sets the goal: a step that claims one would make its own task.
        elif claim.kind == "goal" and use < 0:
            if use not in read:
                read[use] = read_stacks(claim.payload)
            goals.append(read[use])
    if len(states) > 1 or len(goals) > 1:
        raise UndecidableError("the step uses more than one state or goal")
    return _Given(states[0] if states else None, goals[0] if goals else None)


def _used(problem: Problem, steps: Sequence[Step], index: int, use: int) -> Claim | None:
    if use < 0:
        if -1 - use >= len(problem.premises):
            raise UndecidableError(f"the problem has no premise {-1 - use}")
        return problem.premises[-1 - use]
    if use >= index:
        raise UndecidableError(f"step {index} uses step {use}, which is not before it")
    return steps[use].claim


def _falsehoods(payload: Payload, given: _Given) -> Iterator[str]:
    """What is false in the claim; nothing if all of it holds."""
    state, goal = given.state, given.goal
    if state is None and not _OF_STATE.isdisjoint(payload):
        raise UndecidableError("nothing that the step uses carries a state")
    if goal is None and not _OF_GOAL.isdisjoint(payload):
        raise UndecidableError("the step speaks of the goal but does not use it")
    state, goal = state or {}, goal or {}
    if "stacks" in payload:
        claimed = _stacks(payload["stacks"])
        if "move" in payload:
            thing, place = _pair(payload["move"])
            if (obstacle := obstacle_to(state, thing, place)) is not None:
                yield obstacle
                return
            state = {**state, thing: place}
        yield from _differences(state, claimed)
    yield from _facts(payload, state)
    yield from _goal_facts(payload, state, goal)


def _facts(payload: Payload, state: Rests) -> Iterator[str]:
    on = _covers(state)
    if "on" in payload:
        for thing, place in _pairs(payload["on"]):
            if thing not in state or state[thing] != place:
                yield f"{named(thing, state)} does not rest on {named(place, state)}"
    if "clear" in payload:
        for thing in _names(payload["clear"]):
            if thing not in state or thing in on:
                yield f"{named(thing, state)} is not clear" + (f": {on[thing]!r} is on it" if thing in on else "")
    if "above" in payload:
        for thing, claimed in _columns(payload["above"]):
            if thing not in state or claimed != _above(on, thing):
                yield f"above {named(thing, state)} there is {_above(on, thing) or 'nothing'}, not {claimed}"


def _goal_facts(payload: Payload, state: Rests, goal: Rests) -> Iterator[str]:
    if "wanted" in payload:
        for thing, place in _pairs(payload["wanted"]):
            if thing not in goal or goal[thing] != place:
                yield f"the goal does not ask for {thing!r} on {named(place, goal)}"
    if "goal" in payload:
        stated = set(_pairs(payload["goal"]))
        for thing, place in sorted(stated ^ set(goal.items()), key=str):
            asked = "asks" if (thing, place) not in stated else "does not ask"
            yield f"the goal {asked} for {thing!r} on {named(place, goal)}"
    if "missing" in payload:
        claimed = set(_pairs(payload["missing"], least=0))
        missing = {(thing, place) for thing, place in goal.items() if state.get(thing, thing) != place}
        for thing, place in sorted(missing ^ claimed, key=str):
            held = (thing, place) in missing
            yield f"{thing!r} on {named(place, state)} is {'asked for and not so' if held else 'not missing'}"
    if "settled" in payload:
        for thing in _names(payload["settled"]):
            if not _settled(state, goal, thing):
                yield f"{named(thing, state)} or something beneath it does not rest as the goal asks"


def obstacle_to(state: Rests, thing: str, place: _Place) -> str | None:
    """Why the move cannot be made; none if it can."""
    on = _covers(state)
    for name in (thing, place):
        if name is not None and name not in state:
            return f"there is no {name!r}"
    if thing == place:
        return f"{thing!r} cannot be put on itself"
    if thing in on:
        return f"{thing!r} cannot be moved: {on[thing]!r} is on it"
    if state[thing] == place:
        return f"{thing!r} already rests on {named(place, state)}"
    if place in on:
        return f"{thing!r} cannot be put on {place!r}: {on[place]!r} is on it"
    return None


def _differences(state: Rests, claimed: list[list[str]]) -> Iterator[str]:
    """Where the claimed stacks are not the state."""
    seen: set[str] = set()
    for stack in claimed:
        for under, thing in zip([None, *stack], stack, strict=False):
            if thing in seen:
                yield f"{thing!r} stands in two places"
            elif thing not in state:
                yield f"there is no {thing!r}"
            elif state[thing] != under:
                yield f"{thing!r} rests on {named(state[thing], state)}, not on {named(under, state)}"
            seen.add(thing)
    yield from (f"{thing!r} is left out" for thing in state if thing not in seen)


def _settled(state: Rests, goal: Rests, thing: str) -> bool:
    below: _Place = thing
    while below is not None:
        if below not in state or below not in goal or state[below] != goal[below]:
            return False
        below = state[below]
    return True


def _covers(state: Rests) -> dict[str | None, str]:
    """What is directly on a thing; the floor is left out, since it holds many."""
    return {place: thing for thing, place in state.items() if place is not None}


def _above(on: Mapping[str | None, str], thing: str) -> list[str]:
    found: list[str] = []
    while thing in on:
        thing = on[thing]
        found.append(thing)
    return found


def named(place: _Place, state: Rests) -> str:
    if place is None:
        return "the floor"
    return repr(place) if place in state else f"{place!r}, which is not there,"


def read_name(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_NAME:
        raise UndecidableError(f"not the name of a thing: {str(value)[:MAX_NAME]!r}")
    return value


def _items(value: Any, least: int, most: int = MAX_ITEMS) -> Sequence[Any]:
    """A list within its limits. An empty one would claim nothing and be true of everything."""
    if not isinstance(value, list | tuple) or not least <= len(value) <= most:
        raise UndecidableError(f"not a list of {least} to {most} items: {str(value)[:MAX_NAME]!r}")
    return value


def _names(value: Any, least: int = 1) -> list[str]:
    return [read_name(item) for item in _items(value, least)]


def _pair(value: Any) -> tuple[str, _Place]:
    thing, place = _items(value, 2, 2)
    return read_name(thing), None if place is None else read_name(place)


def _pairs(value: Any, least: int = 1) -> list[tuple[str, _Place]]:
    return [_pair(item) for item in _items(value, least)]


def _columns(value: Any) -> list[tuple[str, list[str]]]:
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_THINGS:
        raise UndecidableError(f"not an object of things with lists: {str(value)[:MAX_NAME]!r}")
    return [(read_name(thing), _names(column, least=0)) for thing, column in value.items()]


def _stacks(value: Any) -> list[list[str]]:
    stacks = [_names(stack) for stack in _items(value, 1, MAX_THINGS)]
    if sum(map(len, stacks)) > MAX_THINGS:
        raise UndecidableError(f"a state of more than {MAX_THINGS} things")
    return stacks


def _rests(stacks: list[list[str]]) -> Rests:
    state: Rests = {}
    for stack in stacks:
        for under, thing in zip([None, *stack], stack, strict=False):
            if thing in state:
                raise UndecidableError(f"in the state to start from, {thing!r} stands in two places")
            state[thing] = under
    return state


def read_stacks(payload: Any) -> Rests:
    if not isinstance(payload, Mapping) or payload.keys() != {"stacks"}:
        raise UndecidableError("a goal or first state is not an object with stacks alone")
    return _rests(_stacks(payload["stacks"]))
