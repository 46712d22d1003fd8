"""Chance that packages use beneath the shown lines, made the same in every process.

sympy shuffles what it tries first, and so takes now more and now fewer calls to the same result. Whether a call stays
within the harvest's limit must not hang on that; a value that is shown must not hang on chance at all, since the
sandbox has sympy ready, with generators that are not known here. Only for child processes that do nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

SEEDS = (0, 1)
"""Where chance begins, and where else it might."""
_seed = random.Random.seed
_made: list[random.Random] = []


@contextmanager
def watched() -> Iterator[None]:
    """Generators that are made within, by a module on its import, and given no seed, are those that `rewind` knows."""

    def seed(self: random.Random, a: int | float | str | bytes | bytearray | None = None, version: int = 2) -> None:
        if a is None:
            a = SEEDS[0]
            _made.append(self)
        _seed(self, a, version)

    random.Random.seed = seed  # type: ignore[method-assign]
    try:
        yield
    finally:
        random.Random.seed = _seed  # type: ignore[method-assign]


def rewind(seed: int = SEEDS[0]) -> None:
    """Takes `random` itself and every known generator back to where it began, or to another beginning."""
    random.seed(seed)
    for generator in _made:
        _seed(generator, seed)


def is_drawn() -> bool:
    """Whether anything was drawn from `random` or from a known generator since `rewind`."""
    fresh = random.Random(SEEDS[0]).getstate()
    return any(state != fresh for state in (random.getstate(), *(generator.getstate() for generator in _made)))
