"""Neighbouring rounds of a loop that do the same: which they are, and their facts told one kind at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from tracemill.tasks.library.shown_values import Fact, spoken
from tracemill.tasks.library.tree import Loop, Round

MAX_TOGETHER = 6
"""Rounds of a loop that are told as one series."""
_MAX_FACTS = 6
_MAX_VALUE = 40


def series_of(rounds: list[Round]) -> Iterator[list[Round]]:
    """Neighbouring rounds of the same shape, at most MAX_TOGETHER at once; rounds with loops in them alone."""
    group: list[Round] = []
    for one in rounds:
        if group and (len(group) == MAX_TOGETHER or _shape(one) is None or _shape(one) != _shape(group[-1])):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _shape(one: Round) -> list[tuple[Any, ...]] | None:
    if any(isinstance(node, Loop) or node["kind"] == "return" for node in one.body):
        return None
    return [
        (event["kind"], event.get("line"), event.get("taken"), tuple(event.get("changes", {})))
        for event in [one.head, *one.body]
        if not isinstance(event, Loop)
    ]


def one_series(rounds: list[list[Fact]]) -> bool:
    """Whether rounds, as their facts, can be told together: like ones, with short values, and no name has two."""
    return len({tuple(map(_moment, facts)) for facts in rounds}) == 1 and all(map(_fits, rounds))


def _moment(fact: Fact) -> tuple[Any, ...]:
    return fact["event"], fact.get("line"), fact.get("name"), fact.get("taken")


def _fits(facts: list[Fact]) -> bool:
    names = [fact["name"] for fact in facts if "name" in fact]
    few = 0 < len(facts) <= _MAX_FACTS and len(set(names)) == len(names)
    return few and all("type" not in fact and len(fact.get("value", "")) <= _MAX_VALUE for fact in facts)


def is_item(fact: Fact, owner: Mapping[int, ast.stmt]) -> bool:
    return fact["event"] == "assign" and isinstance(owner[fact["line"]], ast.For)


def told_together(facts: list[Fact], codes: Mapping[int, str]) -> str:
    """One fact of each round, in order. `codes`: the test or statement of a line, in backticks, where it is short."""
    first, code = facts[0], codes.get(facts[0].get("line", 0), "")
    if first["event"] == "branch":
        often = "both times" if len(facts) == 2 else f"all {len(facts)} times"
        return f"{f'the test {code}' if code else 'the test'} {'holds' if first['taken'] else 'fails'} {often}"
    if first["event"] == "run":
        return f"{code or 'the statement'} runs {'both times' if len(facts) == 2 else 'each time'}"
    values = [spoken(fact) for fact in facts]
    if first["event"] == "inner":
        return f"the function calls itself each time, which gives {', then '.join(values)}"
    what = "the value handed out" if first["event"] == "yield" else f"`{first['name']}`"
    if len(set(values)) == 1:
        return f"{what} is {values[0]} each time"
    return f"{what} becomes {', then '.join(values)}"
