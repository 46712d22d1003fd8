"""Formulas as people write them: `( ph -> A. x ps )` is `(φ → ∀x ψ)`, and can be read back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

_OPENING = frozenset(["(", "{", "[", "⟨", "[.", "[_"])
_CLOSING = frozenset([")", "}", "]", "⟩", "].", "]_", ","])


def written(tokens: Sequence[str], symbols: Mapping[str, str], glued: frozenset[str]) -> str:
    """`symbols` by token; a token without one is written as it is. After one that is `glued` comes no blank."""
    text, blank = "", False
    for token in tokens:
        symbol = symbols.get(token, token)
        text += (" " if blank and symbol not in _CLOSING else "") + symbol
        blank = symbol not in _OPENING and symbol not in glued
    return text


def read_back(text: str, symbols: Mapping[str, str]) -> list[str] | None:
    """The tokens of a written text, however it is spaced; also of one in Metamath's own symbols. None where a part of
    it is no symbol. `symbols` has every token that may occur."""
    shown = {symbol: token for token, symbol in symbols.items()}
    found = _cut(text, shown, symbols)
    return found if found is not None else _cut(text, {**{token: token for token in symbols}, **shown}, symbols)


def _cut(text: str, names: Mapping[str, str], whole: Mapping[str, str]) -> list[str] | None:
    """The tokens of a text by their names, the longest first; of a word alone also where it is one of the `whole`."""
    pattern = _pattern(tuple(sorted(names)))
    found: list[str] = []
    for word in text.split():
        if word in names or word in whole:
            found.append(names.get(word, word))
            continue
        at = 0
        while at < len(word):
            piece = pattern.match(word, at)
            if piece is None:
                return None
            found.append(names[piece.group()])
            at = piece.end()
    return found


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """The longest name first."""
    return re.compile("|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name)))))
