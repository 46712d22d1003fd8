"""What oracles ask of a system that moves from state to state: is a run possible, and where does it lead."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

State = TypeVar("State", bound=Hashable)
Action = TypeVar("Action")


def simulate(start: State, actions: Iterable[Action], step: Callable[[State, Action], State | None]) -> State | None:
    """The state after all actions; None where one of them is not possible (`step` gives None)."""
    state: State | None = start
    for action in actions:
        if state is None:
            return None
        state = step(state, action)
    return state
