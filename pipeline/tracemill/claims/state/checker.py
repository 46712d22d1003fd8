"""Claims about stacks of things, and plans that rearrange them, decided by simulation.

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
    missing   [[thing, place], …]: exactly what the goal asks for and is not so; [] says that the goal is reached
    settled   [thing, …]: each of them, and all that is beneath it, rests as the goal asks

Beside `move`, the other keys speak of the state after it. A step names in `uses` the one premise or earlier step whose
claim has the `stacks` that it starts from and, for the last three keys, the goal's premise. A false claim is refuted,
unless it starts from an earlier step whose own claim is not verified: that says nothing of the real state, and is
unknown. So are a payload of another form and a step that does not say what it starts from. Limits: `MAX_THINGS` things
in a state, `MAX_ITEMS` items in a claim, `MAX_MOVES` moves in a plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from tracemill.claims.claim_checker import Canary, ClaimChecker, Ruling
from tracemill.records import Claim, Payload, Problem, Step

MAX_THINGS = 64
MAX_ITEMS = 256
MAX_MOVES = 500
MAX_NAME = 120
MAX_ANSWER = 200_000

_KEYS = frozenset({"stacks", "move", "on", "clear", "above", "wanted", "missing", "settled"})
_OF_GOAL = frozenset({"wanted", "missing", "settled"})
_OF_STATE = _KEYS - {"wanted"}

_Place: TypeAlias = "str | None"
_Rests: TypeAlias = "dict[str, str | None]"
"""Every thing with what it rests on; null is the floor."""


class _UndecidableError(Exception):
    """The claim cannot be judged as it stands; the text says why."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What a step may rest on: the one state among what it uses, and the goal where it uses that."""

    state: _Rests | None
    goal: _Rests | None


class StateChecker(ClaimChecker):
    """Judges `state` claims; a verified one follows from what its step uses."""

    kind: ClassVar[str] = "state"
    version: ClassVar[str] = "2"
    entails: ClassVar[bool] = True

    @property
    def judge(self) -> Payload:
        return {"max_things": MAX_THINGS, "max_items": MAX_ITEMS}

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.state.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        read: dict[int, _Rests] = {}
        rulings: dict[int, Ruling] = {}
        for index in sorted(wanted):
            ruling = _ruling(problem, steps, index, read)
            doubtful = [use for use in steps[index].uses if use in rulings and rulings[use].outcome != "verified"]
            if ruling.outcome == "refuted" and doubtful:
                ruling = Ruling("unknown", f"rests on step {doubtful[0]}, which is {rulings[doubtful[0]].outcome}")
            rulings[index] = ruling
        return rulings


def _ruling(problem: Problem, steps: Sequence[Step], index: int, read: dict[int, _Rests]) -> Ruling:
    """`read` keeps the states and goals that were read already, by the number that `uses` has for them."""
    claim = steps[index].claim
    if claim is None or claim.kind != "state":
        return Ruling("unknown", "the step makes no claim about a state")
    try:
        payload = _payload(claim.payload)
        falsehood = next(_falsehoods(payload, _given(problem, steps, index, read)), None)
    except _UndecidableError as exc:
        return Ruling("unknown", str(exc))
    if falsehood is not None:
        return Ruling("refuted", falsehood, strength="exact")
    return Ruling("verified", f"holds by simulation: {', '.join(sorted(payload))}", strength="exact")


def _payload(value: Any) -> Payload:
    if not isinstance(value, Mapping) or not value:
        raise _UndecidableError("the claim is empty or not an object")
    if strange := sorted(str(key)[:MAX_NAME] for key in value if key not in _KEYS):
        raise _UndecidableError(f"no claim {strange[0]!r} about a state; there are: {', '.join(sorted(_KEYS))}")
    if "move" in value and "stacks" not in value:
        raise _UndecidableError("a claimed move does not say which state it leads to")
    return value


def _given(problem: Problem, steps: Sequence[Step], index: int, read: dict[int, _Rests]) -> _Given:
    """Raises `_UndecidableError` for a use that is not there, is not earlier, or is a second state."""
    states, goals = [], []
    uses = steps[index].uses
    if len(uses) > MAX_ITEMS:
        raise _UndecidableError(f"the step uses {len(uses)} others; at most {MAX_ITEMS} are looked at")
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
                read[use] = _stacked(claim.payload)
            goals.append(read[use])
    if len(states) > 1 or len(goals) > 1:
        raise _UndecidableError("the step uses more than one state or goal")
    return _Given(states[0] if states else None, goals[0] if goals else None)


def _used(problem: Problem, steps: Sequence[Step], index: int, use: int) -> Claim | None:
    if use < 0:
        if -1 - use >= len(problem.premises):
            raise _UndecidableError(f"the problem has no premise {-1 - use}")
        return problem.premises[-1 - use]
    if use >= index:
        raise _UndecidableError(f"step {index} uses step {use}, which is not before it")
    return steps[use].claim


def _falsehoods(payload: Payload, given: _Given) -> Iterator[str]:
    """What is false in the claim; nothing if all of it holds."""
    state, goal = given.state, given.goal
    if state is None and not _OF_STATE.isdisjoint(payload):
        raise _UndecidableError("nothing that the step uses carries a state")
    if goal is None and not _OF_GOAL.isdisjoint(payload):
        raise _UndecidableError("the step speaks of the goal but does not use it")
    state, goal = state or {}, goal or {}
    if "stacks" in payload:
        claimed = _stacks(payload["stacks"])
        if "move" in payload:
            thing, place = _pair(payload["move"])
            if (obstacle := _illegal(state, thing, place)) is not None:
                yield obstacle
                return
            state = {**state, thing: place}
        yield from _differences(state, claimed)
    yield from _facts(payload, state)
    yield from _goal_facts(payload, state, goal)


def _facts(payload: Payload, state: _Rests) -> Iterator[str]:
    on = _covers(state)
    if "on" in payload:
        for thing, place in _pairs(payload["on"]):
            if thing not in state or state[thing] != place:
                yield f"{_named(thing, state)} does not rest on {_named(place, state)}"
    if "clear" in payload:
        for thing in _names(payload["clear"]):
            if thing not in state or thing in on:
                yield f"{_named(thing, state)} is not clear" + (f": {on[thing]!r} is on it" if thing in on else "")
    if "above" in payload:
        for thing, claimed in _columns(payload["above"]):
            if thing not in state or claimed != _above(on, thing):
                yield f"above {_named(thing, state)} there is {_above(on, thing) or 'nothing'}, not {claimed}"


def _goal_facts(payload: Payload, state: _Rests, goal: _Rests) -> Iterator[str]:
    if "wanted" in payload:
        for thing, place in _pairs(payload["wanted"]):
            if thing not in goal or goal[thing] != place:
                yield f"the goal does not ask for {thing!r} on {_named(place, goal)}"
    if "missing" in payload:
        claimed = set(_pairs(payload["missing"], least=0))
        missing = {(thing, place) for thing, place in goal.items() if state.get(thing, thing) != place}
        for thing, place in sorted(missing ^ claimed, key=str):
            held = (thing, place) in missing
            yield f"{thing!r} on {_named(place, state)} is {'asked for and not so' if held else 'not missing'}"
    if "settled" in payload:
        for thing in _names(payload["settled"]):
            if not _settled(state, goal, thing):
                yield f"{_named(thing, state)} or something beneath it does not rest as the goal asks"


def _illegal(state: _Rests, thing: str, place: _Place) -> str | None:
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
        return f"{thing!r} already rests on {_named(place, state)}"
    if place in on:
        return f"{thing!r} cannot be put on {place!r}: {on[place]!r} is on it"
    return None


def _differences(state: _Rests, claimed: list[list[str]]) -> Iterator[str]:
    """Where the claimed stacks are not the state."""
    seen: set[str] = set()
    for stack in claimed:
        for under, thing in zip([None, *stack], stack, strict=False):
            if thing in seen:
                yield f"{thing!r} stands in two places"
            elif thing not in state:
                yield f"there is no {thing!r}"
            elif state[thing] != under:
                yield f"{thing!r} rests on {_named(state[thing], state)}, not on {_named(under, state)}"
            seen.add(thing)
    yield from (f"{thing!r} is left out" for thing in state if thing not in seen)


def _settled(state: _Rests, goal: _Rests, thing: str) -> bool:
    below: _Place = thing
    while below is not None:
        if below not in state or below not in goal or state[below] != goal[below]:
            return False
        below = state[below]
    return True


def _covers(state: _Rests) -> dict[str | None, str]:
    """What is directly on a thing; the floor is left out, since it holds many."""
    return {place: thing for thing, place in state.items() if place is not None}


def _above(on: Mapping[str | None, str], thing: str) -> list[str]:
    found: list[str] = []
    while thing in on:
        thing = on[thing]
        found.append(thing)
    return found


def _named(place: _Place, state: _Rests) -> str:
    if place is None:
        return "the floor"
    return repr(place) if place in state else f"{place!r}, which is not there,"


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_NAME:
        raise _UndecidableError(f"not the name of a thing: {str(value)[:MAX_NAME]!r}")
    return value


def _items(value: Any, least: int, most: int = MAX_ITEMS) -> Sequence[Any]:
    """A list within its limits. An empty one would claim nothing and be true of everything."""
    if not isinstance(value, list | tuple) or not least <= len(value) <= most:
        raise _UndecidableError(f"not a list of {least} to {most} items: {str(value)[:MAX_NAME]!r}")
    return value


def _names(value: Any, least: int = 1) -> list[str]:
    return [_name(item) for item in _items(value, least)]


def _pair(value: Any) -> tuple[str, _Place]:
    thing, place = _items(value, 2, 2)
    return _name(thing), None if place is None else _name(place)


def _pairs(value: Any, least: int = 1) -> list[tuple[str, _Place]]:
    return [_pair(item) for item in _items(value, least)]


def _columns(value: Any) -> list[tuple[str, list[str]]]:
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_THINGS:
        raise _UndecidableError(f"not an object of things with lists: {str(value)[:MAX_NAME]!r}")
    return [(_name(thing), _names(column, least=0)) for thing, column in value.items()]


def _stacks(value: Any) -> list[list[str]]:
    stacks = [_names(stack) for stack in _items(value, 1, MAX_THINGS)]
    if sum(map(len, stacks)) > MAX_THINGS:
        raise _UndecidableError(f"a state of more than {MAX_THINGS} things")
    return stacks


def _rests(stacks: list[list[str]]) -> _Rests:
    state: _Rests = {}
    for stack in stacks:
        for under, thing in zip([None, *stack], stack, strict=False):
            if thing in state:
                raise _UndecidableError(f"in the state to start from, {thing!r} stands in two places")
            state[thing] = under
    return state


def _stacked(payload: Any) -> _Rests:
    if not isinstance(payload, Mapping) or payload.keys() != {"stacks"}:
        raise _UndecidableError("a goal or first state is not an object with stacks alone")
    return _rests(_stacks(payload["stacks"]))


@dataclass(frozen=True, slots=True)
class _Task:
    """A plan's check, read. `names`: how the things are written in a plan, in small letters, to their names."""

    state: _Rests
    goal: _Rests
    floor: str
    names: Mapping[str, str]


_MARKS = re.compile(r"^(?:[-*•–]\s+)?(?:\(?\d{1,4}[.):]\s*|(?:step|move)\s+\d{1,4}\s*[.):]\s*)?")
_BETWEEN = re.compile(r" (?:onto|on top of|on|to) ")


def judge_plan(spec: Payload, answer: str) -> Ruling:
    """Whether `answer`, one move per line, may be done from the first state and ends where the goal holds.

    `spec`: {"simulator": "blocks", "initial": {"stacks": …}, "goal": {"stacks": …}, "floor": the floor's noun}.
    A line is `move X onto Y` or `move X to the FLOOR`; numbering, bullets, capitals, articles, code marks and a closing
    full stop are passed over. A line that is anything else, or a plan of over `MAX_MOVES` moves, is refuted. A spec of
    another form is unknown.
    """
    try:
        task = _task(spec)
    except _UndecidableError as exc:
        return Ruling("unknown", f"the check cannot be used: {exc}")
    lines = [line for line in answer[: MAX_ANSWER + 1].splitlines() if line.strip()]
    if not lines:
        return Ruling("refuted", "the answer states no move", strength="exact")
    if len(lines) > MAX_MOVES or len(answer) > MAX_ANSWER:
        too_long = f"the plan has more than {MAX_MOVES} moves or {MAX_ANSWER} characters"
        return Ruling("refuted", too_long, strength="exact")
    if (failure := _failure(task, lines)) is not None:
        return Ruling("refuted", failure, strength="exact")
    return Ruling("verified", f"{len(lines)} moves, each of them possible, reach the goal", strength="exact")


def _failure(task: _Task, lines: Sequence[str]) -> str | None:
    """Why the plan fails; none if it reaches the goal."""
    state = dict(task.state)
    for number, line in enumerate(lines, 1):
        move = _read_move(task, line)
        if move is None:
            return f"line {number} is not a move of known things: {line.strip()[:MAX_NAME]!r}"
        if (obstacle := _illegal(state, *move)) is not None:
            return f"move {number}: {obstacle}"
        state[move[0]] = move[1]
    for thing, place in task.goal.items():
        if state[thing] != place:
            return f"at the end {thing!r} rests on {_named(state[thing], state)}, not on {_named(place, state)}"
    return None


def _task(spec: Payload) -> _Task:
    if not isinstance(spec, Mapping) or spec.keys() != {"simulator", "initial", "goal", "floor"}:
        raise _UndecidableError("it needs exactly: simulator, initial, goal, floor")
    if spec["simulator"] != "blocks":
        raise _UndecidableError(f"no simulator {str(spec['simulator'])[:MAX_NAME]!r}; there is: blocks")
    state, goal = _stacked(spec["initial"]), _stacked(spec["goal"])
    floor = _bare(_name(spec["floor"]))
    names = {_bare(thing): thing for thing in state}
    if len(names) < len(state) or floor in names or not goal.keys() <= state.keys():
        raise _UndecidableError("two things are written alike, or the goal speaks of things that are not there")
    return _Task(state, goal, floor, names)


def _bare(name: str) -> str:
    return " ".join(name.casefold().split()).removeprefix("the ")


def _read_move(task: _Task, line: str) -> tuple[str, _Place] | None:
    text = line.replace("`", "").replace("**", "").strip().casefold()
    text = " ".join(_MARKS.sub("", text, count=1).split()).rstrip(".;,")
    if not text.startswith("move "):
        return None
    text = text.removeprefix("move ")
    for between in _BETWEEN.finditer(text):
        thing, place = task.names.get(_bare(text[: between.start()])), _bare(text[between.end() :])
        if thing is not None and place == task.floor:
            return thing, None
        if thing is not None and place in task.names:
            return thing, task.names[place]
    return None
