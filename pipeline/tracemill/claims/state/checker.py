"""Claims about stacks of things that are moved one by one, decided by simulation; whole plans are judged in `plan.py`.

Things stand in stacks; only the top of a stack can be moved, onto the top of another stack or onto the floor, and a
move must change what the thing rests on. A *place* is the name of a thing, or null for the floor.

Premises of a problem (the order of the stacks means nothing):
    Claim("state", {"stacks": [[bottom, …, top], …]})   every thing, before the first move
    Claim("goal", {"stacks": [[bottom, …], …]})         the first of each list must rest on the floor, every other one
                                                        directly on the one before it; nothing else is asked

Claims of kind `state`; all keys of a payload must hold together:
    stacks    the whole state: with `moves` the one after them, without them the one of what the step uses
    moves     [[thing, place], …]: may be done one after the other, from the state of what the step uses
    on        [[thing, place], …]: each rests directly on its place
    clear     [thing, …]: nothing is on any of them
    above     {thing: [next, …, top]}: exactly these are above it
    wanted    [[thing, place], …]: these are among what the goal asks for
    goal      [[thing, place], …]: the goal asks for exactly these, all of them
    missing   [[thing, place], …]: exactly what the goal asks for and is not so; [] says that the goal is reached
    settled   [thing, …]: each of them, and all that is beneath it, rests as the goal asks

Beside `moves`, the other keys speak of the state after them. A step names in `uses` the one premise or earlier step
that it starts from, one whose claim has `stacks` or `moves`, and for the last four keys the goal's premise. It starts
from the `stacks` which that one claims; where it claims none, from what its `moves` lead to. A false claim is refuted,
unless it rests on an earlier step whose own claim is not verified, itself or through others: that says nothing of the
real state, and is unknown. So are a payload of another form, a step that does not say what it starts from, and what
starts from moves that cannot be made. Limits: `MAX_THINGS` things in a state, `MAX_ITEMS` items in a claim.
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

_KEYS = frozenset({"stacks", "moves", "on", "clear", "above", "wanted", "goal", "missing", "settled"})
_OF_GOAL = frozenset({"wanted", "goal", "missing", "settled"})
_OF_STATE = _KEYS - {"wanted", "goal"}
_LEADS = ("stacks", "moves")
"""A claim with one of these says which state there is after its step."""

_Place: TypeAlias = "str | None"
Rests: TypeAlias = "dict[str, str | None]"
"""Every thing with what it rests on; null is the floor."""
_Known: TypeAlias = "dict[int, Rests | str]"
"""The states and the goal by the numbers that `uses` has for them; a text says why one is not known."""


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
    version: ClassVar[str] = "5"
    entails: ClassVar[bool] = True

    @property
    def judge(self) -> Payload:
        return {"max_things": MAX_THINGS, "max_items": MAX_ITEMS}

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.state.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        known: _Known = {}
        rulings: dict[int, Ruling] = {}
        doubtful: dict[int, int] = {}
        """By step, the first one not verified on whose way it lies: itself, or one that it rests on."""
        for index, step in enumerate(steps):
            doubts = [doubtful[use] for use in step.uses if use in doubtful]
            if index in wanted:
                ruling = _ruling(problem, steps, index, known)
                if ruling.outcome == "refuted" and doubts:
                    ruling = Ruling("unknown", f"rests on step {doubts[0]}, which is {rulings[doubts[0]].outcome}")
                rulings[index] = ruling
                doubts += [index] if ruling.outcome != "verified" else []
            if doubts:
                doubtful[index] = doubts[0]
            if _leads(step.claim):
                known[index] = _reached(problem, steps, index, known)
        return rulings


def _leads(claim: Claim | None) -> bool:
    """Whether a claim says which state there is after it."""
    return (
        claim is not None
        and claim.kind == "state"
        and isinstance(claim.payload, Mapping)
        and any(key in claim.payload for key in _LEADS)
    )


def _reached(problem: Problem, steps: Sequence[Step], index: int, known: _Known) -> Rests | str:
    """The state after a step as its claim has it, or why that is not known."""
    claim = steps[index].claim
    assert claim is not None
    try:
        if "stacks" in claim.payload:
            return _rests(_stacks(claim.payload["stacks"]))
        state = _given(problem, steps, index, known).state
        if state is None:
            return f"step {index} does not say from which state it starts"
        for move in _pairs(claim.payload["moves"]):
            if (obstacle := obstacle_to(state, *move)) is not None:
                return f"after step {index} the state is not known: {obstacle}"
            state = {**state, move[0]: move[1]}
    except UndecidableError as exc:
        return str(exc)
    return state


def _ruling(problem: Problem, steps: Sequence[Step], index: int, known: _Known) -> Ruling:
    claim = steps[index].claim
    if claim is None or claim.kind != "state":
        return Ruling("unknown", "the step makes no claim about a state")
    try:
        payload = _payload(claim.payload)
        falsehood = next(_falsehoods(payload, _given(problem, steps, index, known)), None)
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
    return value


def _given(problem: Problem, steps: Sequence[Step], index: int, known: _Known) -> _Given:
    """Raises `UndecidableError` for a use that is not there, is not earlier, is not known, or is a second state."""
    states: list[Rests] = []
    goals: list[Rests] = []
    uses = steps[index].uses
    if len(uses) > MAX_ITEMS:
        raise UndecidableError(f"the step uses {len(uses)} others; at most {MAX_ITEMS} are looked at")
    for use in sorted(set(uses)):
        claim = _used(problem, steps, index, use)
        # Only a premise sets the goal: a step that claims one would make its own task.
        sets_goal = claim is not None and claim.kind == "goal" and use < 0
        if claim is None or not (sets_goal or _leads(claim)):
            continue
        if use < 0 and use not in known:
            known[use] = read_stacks(claim.payload)
        (goals if sets_goal else states).append(_state_of(use, known))
    if len(states) > 1 or len(goals) > 1:
        raise UndecidableError("the step uses more than one state or goal")
    return _Given(states[0] if states else None, goals[0] if goals else None)


def _state_of(use: int, known: _Known) -> Rests:
    found = known[use]
    if isinstance(found, str):
        raise UndecidableError(found)
    return found


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
    for thing, place in _pairs(payload["moves"]) if "moves" in payload else ():
        if (obstacle := obstacle_to(state, thing, place)) is not None:
            yield obstacle
            return
        state = {**state, thing: place}
    if "stacks" in payload:
        yield from _differences(state, _stacks(payload["stacks"]))
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
    """Why the move cannot be made; None if it can."""
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
