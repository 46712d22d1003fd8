"""The words of one problem of blocks world: its things and places, and the prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from random import Random
from typing import Any

from tracemill.tasks.blocks_world.board import Pair, Place, Stacks
from tracemill.tasks.kit.words import Voice, words_beside

WORDS = words_beside(__file__)
_NUMBERS = ("three", "four", "five", "six", "seven", "eight", "nine")


def names(rng: Random, theme: str, count: int) -> tuple[str, list[str]]:
    """The article and the names of `count` different things."""
    words = WORDS.themes[theme]
    pool, _, pattern = rng.choice(words["namings"]).partition(": ")
    article = "the " if pattern.startswith("the ") else ""
    fillers = rng.sample(words["pools"][pool].split(), count)
    return article, [pattern.removeprefix(article).format(filler) for filler in fillers]


class Story:
    """Phrases about the things of one problem. `article` stands before their names."""

    def __init__(self, theme: str, floor: str, article: str) -> None:
        self.words: Mapping[str, Any] = WORDS.themes[theme]
        self.theme, self.floor, self.article = theme, floor, article

    def at(self, place: Place) -> str:
        return f"the {self.floor}" if place is None else self.article + place

    def on(self, place: Place) -> str:
        return f"on {self.at(place)}"

    def onto(self, place: Place) -> str:
        return f"onto {self.at(place)}"

    def listed(self, things: Sequence[str]) -> str:
        """`the red crate, the tea crate and the salt crate`."""
        return _joined([self.at(thing) for thing in things])

    def column(self, things: Sequence[str]) -> str:
        """What is above something, from the lowest up: `the red crate and, on that, the tea crate`."""
        first, *rest = map(self.at, things)
        return first if not rest else f"{first} and, on that, {', then '.join(rest)}"

    def pairs(self, pairs: Sequence[Pair]) -> str:
        """`the red crate on the quay and the tea crate on the red crate`."""
        return _joined([f"{self.at(thing)} {self.on(place)}" for thing, place in pairs])

    def stacks(self, stacks: Stacks) -> str:
        """Every stack from the bottom up, without articles."""
        return "; ".join(", ".join(stack) for stack in stacks)

    def moves(self, moves: Sequence[Pair], goes: bool) -> str:
        """`the red crate and then the tea crate onto the quay`; with `goes`, `the red crate goes onto the quay, and the
        tea crate after it`."""
        told = []
        for place, group in groupby(moves, key=lambda move: move[1]):
            things = [self.at(thing) for thing, _ in group]
            if goes:
                after = f", and after it {_joined(things[1:])}" if things[1:] else ""
                told.append(f"{things[0]} goes {self.onto(place)}{after}")
            else:
                told.append(f"{' and then '.join(things)} {self.onto(place)}")
        return ", then ".join(told)

    def move(self, thing: str, place: Place) -> str:
        """A move in the form that the prompt asks for."""
        return f"move {thing} to the {self.floor}" if place is None else f"move {thing} onto {place}"

    def prompt(self, rng: Random, initial: Stacks, goal: Stacks) -> str:
        """The whole task as a person would put it."""
        voice, count = Voice(WORDS.theme(self.theme), rng), sum(map(len, initial))
        slots = {"floor": self.floor, "one": self.words["one"], "many": self.words["many"]}
        initial, goal = rng.sample(initial, len(initial)), rng.sample(goal, len(goal))
        asked = voice("goals") + rng.choice(_GOALS)(self, goal)
        if sum(map(len, goal)) < count:
            asked += ("\n" if "\n" in asked else " ") + voice("elsewhere", **slots)
        return "\n\n".join(
            [
                f"{voice('scenes', count=_NUMBERS[count - 3], **slots)} {voice('rules', **slots)}",
                self._initially(voice, rng.choice(("upward", "downward", "chained", "topped")), initial),
                asked,
                voice("requests", **slots),
            ]
        )

    def _initially(self, voice: Voice, form: str, stacks: Stacks) -> str:
        if form in ("upward", "downward"):
            lines = [stack if form == "upward" else stack[::-1] for stack in stacks]
            return "\n".join([voice(form), *(f"- {', '.join(line)}" for line in lines)])
        one = self._chained if form == "chained" else self._topped
        return " ".join([voice(form), *((line := one(stack))[:1].upper() + line[1:] + "." for stack in stacks)])

    def _chained(self, stack: Sequence[str]) -> str:
        """`the red crate stands on the quay, with the tea crate on it, then the salt crate on that one`."""
        bottom, *rest = map(self.at, stack)
        on_it = f", with {rest[0]} on it" if rest else " with nothing on it"
        return f"{bottom} {self.words['stands']} {self.on(None)}{on_it}" + "".join(
            f", then {thing} on that one" for thing in rest[1:]
        )

    def _topped(self, stack: Sequence[str]) -> str:
        """`under the salt crate there is the tea crate, under that the red crate, and then the quay`."""
        top, *rest = map(self.at, reversed(stack))
        if not rest:
            return f"{top} is directly {self.on(None)} and carries nothing"
        below = "".join(f", under that {thing}" for thing in rest[1:])
        return f"under {top} there is {rest[0]}{below}, and then {self.at(None)}"


def _joined(texts: Sequence[str]) -> str:
    *rest, last = texts
    return f"{', '.join(rest)} and {last}" if rest else last


def _conditions(story: Story, goal: Stacks) -> str:
    told = [
        f"{story.at(thing)} directly {story.on(place)}"
        for stack in goal
        for place, thing in zip([None, *stack], stack, strict=False)
    ]
    return f" {'; '.join(told)}."


def _wanted_stacks(story: Story, goal: Stacks) -> str:
    told = [
        f"from the bottom up {', then '.join(map(story.at, stack))}, the first of them directly {story.on(None)} and "
        "each next one directly on the one before"
        if len(stack) > 1
        else f"{story.at(stack[0])} directly {story.on(None)}"
        for stack in goal
    ]
    return f" {'; '.join(told)}."


def _goal_list(story: Story, goal: Stacks) -> str:
    lines = "\n".join(f"- {', '.join(stack)}" for stack in goal)
    return (
        f"\n{lines}\nEvery line is read from the bottom up: its first {story.words['one']} is directly "
        f"{story.on(None)}, any further one directly on the one before it."
    )


_GOALS: tuple[Callable[[Story, Stacks], str], ...] = (_conditions, _wanted_stacks, _goal_list)
