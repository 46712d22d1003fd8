"""What oracles ask of a system that moves from state to state: is a run possible, what can be reached, and how soon."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

State = TypeVar("State", bound=Hashable)
Action = TypeVar("Action")


def simulate(start: State, actions: Iterable[Action], step: Callable[[State, Action], State | None]) -> State | None:
    """The state after all actions; None where one of them is not possible (`step` gives none)."""
    state: State | None = start
    for action in actions:
        if state is None:
            return None
        state = step(state, action)
    return state


def distances(start: State, following: Callable[[State], Iterable[State]], limit: int) -> Mapping[State, int]:
    """Every state that can be reached with the least number of moves to it, by breadth-first search.

    Raises:
        ValueError: there are more than `limit`.
    """
    found = {start: 0}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        for after in following(state):
            if after not in found:
                if len(found) >= limit:
                    raise ValueError(f"more than {limit} states can be reached")
                found[after] = found[state] + 1
                waiting.append(after)
    return found
