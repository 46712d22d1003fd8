"""Chance that packages use beneath the shown lines, made the same in every process.

sympy shuffles what it tries first, and so takes now more and now fewer calls to the same result. Whether a call stays
within the harvest's limit must not hang on that. Only for child processes that do nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

_SEED = 0
_seed = random.Random.seed
_made: list[random.Random] = []


@contextmanager
def watched() -> Iterator[None]:
    """Generators that are made within, by a module on its import, and given no seed, are those that `rewind` knows."""

    def seed(self: random.Random, a: int | float | str | bytes | bytearray | None = None, version: int = 2) -> None:
        if a is None:
            a = _SEED
            _made.append(self)
        _seed(self, a, version)

    random.Random.seed = seed  # type: ignore[method-assign]
    try:
        yield
    finally:
        random.Random.seed = _seed  # type: ignore[method-assign]


def rewind() -> None:
    """Takes `random` itself and every known generator back to where it began."""
    random.seed(_SEED)
    for generator in _made:
        _seed(generator, _SEED)
