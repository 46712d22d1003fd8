"""Events as a tree: the rounds of a loop inside the loop."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tracemill.tasks.library.events import Event

CodeNode: TypeAlias = "Event | Loop"


@dataclass(slots=True)
class Round:
    """`head` is the event that began it: the item taken, or the test that held."""

    head: Event
    body: list[CodeNode] = field(default_factory=list)


@dataclass(slots=True)
class Loop:
    """A loop as it ran. `last` is the test that ended it; `count` is None where the function returned from within."""

    line: int
    visit: int
    rounds: list[Round] = field(default_factory=list)
    last: Event | None = None
    count: int | None = None


def tree_of(events: list[Event], owner: Mapping[int, ast.stmt]) -> list[CodeNode]:
    top: list[CodeNode] = []
    open_loops: list[Loop] = []

    def here() -> list[CodeNode]:
        return open_loops[-1].rounds[-1].body if open_loops else top

    for event in events:
        kind, line = event["kind"], event.get("line", 0)
        if kind == "enter":
            loop = Loop(line, event["visit"])
            here().append(loop)
            open_loops.append(loop)
        elif kind == "round":
            open_loops[-1].rounds.append(Round(event))
        elif kind == "test" and isinstance(owner[line], ast.While):
            if event["taken"]:
                open_loops[-1].rounds.append(Round(event))
            else:
                open_loops[-1].last = event
        elif kind == "leave" and not event["cut"]:
            open_loops.pop().count = event["count"]
        elif kind != "leave":
            here().append(event)
    return top
