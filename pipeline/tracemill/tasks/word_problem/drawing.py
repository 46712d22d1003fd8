"""Drawing the moves of a story: how many there are and how large their numbers, by the level."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tracemill.tasks.word_problem.moves import (
    COMPARISONS,
    ENDINGS,
    LOSSES,
    MIDDLES,
    OPENINGS,
    SHARES,
    STEPS,
    Move,
    values_of,
)

FRACTIONS = ((1, 2), (1, 3), (1, 4), (1, 5), (2, 3), (3, 4), (2, 5), (3, 5))
PERCENT = (10, 15, 20, 25, 30, 40, 50, 60, 75, 80)
_ATTEMPTS = 400
_NUMBERS = 60
_MOST = 3000
_OPENING_WEIGHTS = (2, 4, 2, 1, 1, 1)
_ENDING_WEIGHTS = (2, 2, 1.5, 1.5, 3)
_MIDDLE_WEIGHTS = {"gain": 1, "lose": 1, "gain_groups": 1.5, "lose_groups": 1.5, "gain_share": 3, "lose_share": 4}
_ENDS = 0.55
"""The share of draws with an ending; others ask for what there is, or what is left."""
_SHARES_FROM = 0.25
"""The level from which on there are fractions and percentages."""
_EASIEST = ("groups", "two", "more", "times", "price", "gain")
"""The moves of the easiest stories: one product or sum."""
_WHOLE_STORIES = ("kind", "missing")
"""Endings that speak of all there is: after a loss it would not be clear whether they mean what is left."""


def moves_at(level: float, prices: tuple[int, int], rng: Random) -> list[Move]:
    """A story of one to four steps in which every amount is a whole number from 2 on. `prices`: between which numbers
    the price of a thing lies.

    Raises:
        RuntimeError: none was found, which has never been seen.
    """
    count = 1 + int(3 * level + rng.random())
    for _ in range(_ATTEMPTS):
        kinds = _kinds(min(count, 4), level, rng)
        # The same kinds with other numbers first: else stories whose numbers seldom come out whole would be rare.
        for _ in range(_NUMBERS if kinds else 0):
            if moves := _with_numbers(kinds, level, prices, rng):
                return moves
    raise RuntimeError(f"no story of {count} steps after {_ATTEMPTS} attempts")


def _kinds(count: int, level: float, rng: Random) -> list[str]:
    """Kinds of moves that come to so many steps; none where this draw does not."""
    chosen = rng.choices(OPENINGS, _OPENING_WEIGHTS)
    ending = rng.choices(ENDINGS, _ENDING_WEIGHTS) if rng.random() < _ENDS else []
    left = count - sum(STEPS[kind] for kind in [*chosen, *ending])
    # Heavier ones tend to come first (P. Efraimidis and P. Spirakis, Weighted Random Sampling, 2006).
    middles = sorted(MIDDLES, key=lambda kind: -(rng.random() ** (1 / _MIDDLE_WEIGHTS[kind])))
    middles = [kind for kind in middles if level >= _SHARES_FROM or kind not in SHARES]
    for middle in middles:
        if STEPS[middle] <= left:
            chosen.append(middle)
            left -= STEPS[middle]
    chosen += ending
    return chosen if left == 0 and _sensible(chosen, level) else []


def _sensible(kinds: Sequence[str], level: float) -> bool:
    if level < 0.1 and not {*kinds} <= {"start", *_EASIEST}:
        return False
    if level < _SHARES_FROM and {*kinds} & {*SHARES}:
        return False
    if kinds[-1] == "together" and kinds[0] not in COMPARISONS:
        return False
    lost = bool({*kinds} & {*LOSSES})
    return len(kinds) + STEPS[kinds[0]] > 1 and not (lost and kinds[-1] in _WHOLE_STORIES)


def _with_numbers(kinds: Sequence[str], level: float, prices: tuple[int, int], rng: Random) -> list[Move] | None:
    """The moves with numbers; None where an amount is no whole number from 2 on, or too large."""
    moves: list[Move] = []
    for kind in kinds:
        amount = int(values_of(moves)[-1]) if moves else 0
        if not moves:
            numbers = _opening(kind, level, rng)
        elif kind == "price":
            numbers = (rng.randint(prices[0], prices[0] + round((prices[1] - prices[0]) * (0.4 + 0.6 * level))),)
        else:
            numbers = _further(kind, amount, moves[0], level, rng)
        moves.append(Move(kind, numbers))
        values = values_of(moves)
        if not all(value.denominator == 1 and 2 <= value <= _MOST for value in values):
            return None
    return moves


def _opening(kind: str, level: float, rng: Random) -> tuple[int, ...]:
    if kind == "start":
        return (rng.randint(5, 12 + round(110 * level)),)
    if kind == "groups":
        return rng.randint(2, 5 + round(7 * level)), rng.randint(2, 9 + round(16 * level))
    if kind == "two":
        return rng.randint(2, 10 + round(80 * level)), rng.randint(2, 10 + round(80 * level))
    other = rng.randint(3, 10 + round(50 * level))
    return other, rng.randint(2, 3 + round(2 * level) if kind == "times" else 8 + round(24 * level))


def _further(kind: str, amount: int, first: Move, level: float, rng: Random) -> tuple[int, ...]:
    if kind in SHARES:
        return _share(kind, amount, level, rng)
    if kind.endswith("groups"):
        return rng.randint(2, 4 + round(4 * level)), rng.randint(2, 6 + round(14 * level))
    if kind == "together":
        return (first.numbers[0],)
    if kind == "split":
        return (rng.choice([k for k in range(2, 13) if amount % k == 0] or [2]),)
    least, most = {
        "missing": (amount + 2, amount + 10 + round(60 * level)),
        "lose": (2, amount - 2),
        "gain": (2, max(8, min(amount, 8 + round(50 * level)))),
    }[kind]
    return (rng.randint(least, max(least, most)),)


def _share(kind: str, amount: int, level: float, rng: Random) -> tuple[int, ...]:
    """A share that is a whole number of things, if there is one; in a harder story as a percentage."""
    shares = [(percent, 100) for percent in PERCENT] if rng.random() < level - 0.2 else list(FRACTIONS)
    if kind == "gain_share":
        shares = [(parts, whole) for parts, whole in shares if whole == 100 or 2 * parts < whole]
    return rng.choice([(parts, whole) for parts, whole in shares if amount * parts % whole == 0] or shares)
