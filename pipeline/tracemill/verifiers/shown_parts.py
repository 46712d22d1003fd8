"""What a reader is shown of a wrong solution, and the same of a right one of its problem, as sets of features.

    step     the first wrong step: its words, case, spacing, punctuation, length
    uses     how that step cites: how many steps and premises, how far back, in what order
    around   the steps before and after it
    until    all steps up to it and with it, the first one also by itself: what a process reward model has read
    whole    all steps and the closing
    closing  what is said at the end
    length   how many steps, words and characters it has beside the other solution, up to the wrong step and in all

Of the right solution the step that is shown is the one that matches the wrong one (`leakage.match`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from tracemill.tasks.task import Solution
from tracemill.verifiers.bag_of_words import bucket, features, sizes, wording
from tracemill.verifiers.masking import masked

ShownPart = Literal["step", "uses", "around", "until", "whole", "closing", "length"]
PARTS: tuple[ShownPart, ...] = get_args(ShownPart)
SHOWN: dict[ShownPart, str] = {
    "step": "a step",
    "uses": "what a step cites",
    "around": "the steps around it",
    "until": "all up to a step",
    "whole": "a whole solution",
    "closing": "the last paragraph",
    "length": "lengths",
}
"""What is shown, in words for reports."""
Features: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True)
class ShownSolution:
    """A solution with names and numbers masked, and the index of the step that is looked at."""

    lines: tuple[str, ...]
    closing: str
    uses: tuple[int, ...]
    at: int

    @classmethod
    def of(cls, solution: Solution, at: int, names: tuple[str, ...]) -> ShownSolution:
        lines = tuple(masked(line.text, names) for line in solution.lines)
        return cls(lines, masked(solution.closing, names), solution.lines[at].uses, at)

    def text(self, stop: int | None = None) -> str:
        return "\n\n".join(self.lines[:stop])


def shown(part: ShownPart, one: ShownSolution, other: ShownSolution) -> Features:
    """What a reader is shown of one solution; `other` is what it is compared with."""
    return _length_beside(one, other) if part == "length" else _READERS[part](one)


def _cited(one: ShownSolution) -> Features:
    """`<2 uses or more>`, `<rests on 1 back>`, `<1 premises or more>`, `<not in order>` …"""
    uses, at = one.uses, one.at
    steps, premises = [use for use in uses if use >= 0], [use for use in uses if use < 0]
    found = {bucket(len(uses), "uses"), bucket(len(premises), "premises")}
    found |= {f"<rests on {min(at - use, 4)} back>" for use in steps}
    if list(uses) != sorted(uses, key=lambda use: (use < 0, abs(use))):
        found.add("<not in order>")
    if len({*uses}) < len(uses):
        found.add("<one twice>")
    return frozenset(found)


def _around(one: ShownSolution) -> Features:
    before = features(one.lines[one.at - 1]) if one.at else ("nothing",)
    after = features(one.lines[one.at + 1]) if one.at + 1 < len(one.lines) else ("nothing",)
    return _tagged("before", before) | _tagged("after", after)


def _tagged(where: str, found: Iterable[str]) -> Features:
    return frozenset(f"{where}: {feature}" for feature in found)


def _until(one: ShownSolution) -> Features:
    first = _tagged("first", wording(one.lines[0]))
    steps = {bucket(one.at + 1, "steps")}
    return first.union(*map(wording, one.lines[: one.at + 1]), sizes(one.text(one.at + 1)), steps)


def _whole(one: ShownSolution) -> Features:
    steps, length = {bucket(len(one.lines), "steps")}, sizes(f"{one.text()}\n\n{one.closing}")
    return wording(one.closing).union(*map(wording, one.lines), length, steps)


_READERS: dict[ShownPart, Callable[[ShownSolution], Features]] = {
    "step": lambda one: features(one.lines[one.at]),
    "uses": _cited,
    "around": _around,
    "until": _until,
    "whole": _whole,
    "closing": lambda one: features(one.closing),
}


def _length_beside(one: ShownSolution, other: ShownSolution) -> Features:
    """How long a solution is beside another of its problem: `fewer steps`, `more words until the step` …"""
    compared = {
        "steps": (len(one.lines), len(other.lines)),
        "words": (len(one.text().split()), len(other.text().split())),
        "characters": (len(one.text()), len(other.text())),
        "steps until then": (one.at + 1, other.at + 1),
        "words until then": (len(one.text(one.at + 1).split()), len(other.text(other.at + 1).split())),
        "words at the end": (len(one.closing.split()), len(other.closing.split())),
    }
    said = [f"{_beside(*counts)} {what}" for what, counts in compared.items()]
    return frozenset({*said, " and ".join(said[:2])})


def _beside(count: int, other: int) -> str:
    ratio = (count + 0.5) / (other + 0.5)
    if 1 / 1.05 <= ratio <= 1.05:
        return "as many"
    if ratio > 1:
        return "far more" if ratio > 1.25 else "more"
    return "far fewer" if ratio < 0.8 else "fewer"
