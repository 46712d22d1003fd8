"""The text of a word problem, and the words that its solution takes from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tracemill.tasks.kit.words import Bank, Voice, Words, slots_of
from tracemill.tasks.word_problem.moves import COMPARISONS, LOSSES, OPENINGS, SHARES, SLOTS, Move

_NUMBERS = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TIMES = {2: "twice", 3: "three times"}
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth"}
_GIRL, _BOY = {"she": "she", "her": "her"}, {"she": "he", "her": "his"}
_PERSON = {"who", "she", "her"}
_SPELT = 0.3
"""The share of small numbers that stand as words, in stories that are not easy."""
_ASIDES = (3, 30)
FORMS = ("", "", "box", "label")
"""How the answer is asked for: half of the prompts say nothing of it."""


def cast(theme: Mapping[str, Any], rng: Random) -> dict[str, str]:
    """Who it is about and what: names, pronouns, `boxes` (what holds a number of things), `things`, what a price is
    counted in."""
    girl = rng.random() < 0.5
    who, other = rng.choice(theme["girls"]), rng.choice(theme["boys"])
    if not girl:
        who, other = other, who
    box, boxes, thing, things = rng.choice(theme["things"]).split(", ")
    named = {"who": who, "other": other, "box": box, "boxes": boxes, "thing": thing, "things": things}
    return named | {"priced": theme["priced"]} | (_GIRL if girl else _BOY)


def share_of(parts: int, whole: int) -> str:
    """`25%`, `half`, `a quarter`, `two thirds`."""
    if whole == 100:
        return f"{parts}%"
    if (parts, whole) == (1, 2):
        return "half"
    return f"a {_PARTS[whole]}" if parts == 1 else f"{_NUMBERS[parts]} {_PARTS[whole]}s"


class Story:
    """Writes the prompt of one problem. `asides`: numbers in sentences that have nothing to do with the question."""

    def __init__(self, words: Words, theme: str, named: Mapping[str, str], level: float, rng: Random) -> None:
        self.named, self.level, self.rng = named, level, rng
        self._bank, self._phrases = words.theme(theme), Voice(words.phrases, rng)
        self._theme = Voice(self._bank, rng)

    def prompt(self, moves: Sequence[Move], asides: Sequence[int], form: str) -> str:
        if moves[0].kind in COMPARISONS:
            self._theme = Voice(_naming(self._bank), self.rng)
        said = [self._sentence(move, self._the(moves[:at])) for at, move in enumerate(moves)]
        last = moves[-1].kind
        if last in LOSSES:
            said.append(self._theme("left", **self.named))
        elif last in OPENINGS or last.startswith("gain"):
            lost = any(move.kind in LOSSES for move in moves)
            said.append(self._theme("after" if lost else "total", **self.named))
        for number in asides:
            said.insert(self.rng.randint(1, len(said) - 1), self._theme("asides", d=self._spoken(number), **self.named))
        return " ".join([*said, *([self._phrases(form)] if form else [])])

    def _the(self, before: Sequence[Move]) -> str:
        """After a loss, what is there is what is left of it."""
        return "the remaining" if before and before[-1].kind in LOSSES else "the"

    def _sentence(self, move: Move, the: str) -> str:
        slots: dict[str, str] = {"the": the}
        if move.kind in SHARES:
            share = share_of(*move.numbers)
            slots["share"] = share.replace("%", " percent") if self.rng.random() < 0.4 else share
        else:
            slots |= dict(zip(SLOTS[move.kind], map(self._spoken, move.numbers), strict=True))
        if move.kind == "times":
            slots["times"] = _TIMES.get(move.numbers[1], f"{move.numbers[1]} times")
        return self._theme(move.kind, **self.named, **slots)

    def _spoken(self, number: int) -> str:
        spelt = self.level > 0.2 and number < len(_NUMBERS) and self.rng.random() < _SPELT
        return _NUMBERS[number] if spelt else str(number)


def _naming(bank: Bank) -> Bank:
    """Only phrases that say of whom they speak: where two have something, "how many are left?" is no question."""
    named = {key: [one for one in forms if slots_of(one) & _PERSON] or forms for key, forms in bank.entries.items()}
    return Bank(bank.where, named)


def asides_at(level: float, taken: set[int], rng: Random) -> list[int]:
    """The numbers of the asides: none in an easy story, up to two in a hard one; none that occurs otherwise."""
    count = (rng.random() < level - 0.3) + (rng.random() < level - 0.7)
    free = [number for number in range(*_ASIDES) if number not in taken]
    return rng.sample(free, count)
