"""Whole plans over stacks of things: whether each move may be made, and whether the last one reaches the goal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracemill.claims.claim_checker import Ruling
from tracemill.claims.state.checker import (
    MAX_NAME,
    Rests,
    UndecidableError,
    named,
    obstacle_to,
    read_name,
    read_stacks,
)
from tracemill.records import Payload

MAX_MOVES = 500
MAX_ANSWER = 200_000


@dataclass(frozen=True, slots=True)
class _PlanCheck:
    """A plan's check, read. `names`: how the things are written in a plan, in small letters, to their names."""

    state: Rests
    goal: Rests
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
    except UndecidableError as exc:
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


def _failure(task: _PlanCheck, lines: Sequence[str]) -> str | None:
    """Why the plan fails; None if it reaches the goal."""
    state = dict(task.state)
    for number, line in enumerate(lines, 1):
        move = _read_move(task, line)
        if move is None:
            return f"line {number} is not a move of known things: {line.strip()[:MAX_NAME]!r}"
        if (obstacle := obstacle_to(state, *move)) is not None:
            return f"move {number}: {obstacle}"
        state[move[0]] = move[1]
    for thing, place in task.goal.items():
        if state[thing] != place:
            return f"at the end {thing!r} rests on {named(state[thing], state)}, not on {named(place, state)}"
    return None


def _task(spec: Payload) -> _PlanCheck:
    if not isinstance(spec, Mapping) or spec.keys() != {"simulator", "initial", "goal", "floor"}:
        raise UndecidableError("it needs exactly: simulator, initial, goal, floor")
    if spec["simulator"] != "blocks":
        raise UndecidableError(f"no simulator {str(spec['simulator'])[:MAX_NAME]!r}; there is: blocks")
    state, goal = read_stacks(spec["initial"]), read_stacks(spec["goal"])
    floor = _bare(read_name(spec["floor"]))
    names = {_bare(thing): thing for thing in state}
    if len(names) < len(state) or floor in names or not goal.keys() <= state.keys():
        raise UndecidableError("two things are written alike, or the goal speaks of things that are not there")
    return _PlanCheck(state, goal, floor, names)


def _bare(name: str) -> str:
    return " ".join(name.casefold().split()).removeprefix("the ")


def _read_move(task: _PlanCheck, line: str) -> tuple[str, str | None] | None:
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
