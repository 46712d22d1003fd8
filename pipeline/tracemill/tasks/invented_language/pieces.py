"""Pieces of words in the text: as they are quoted and listed, and as somebody may get them wrong."""

from __future__ import annotations

from collections.abc import Sequence

_VOWELS = "aeiou"


def moved(pieces: Sequence[str], at: int, by: int) -> list[str]:
    """The pieces of a word with the cut before piece `at` a letter further left or right; as they are where that would
    leave one of them empty."""
    left, right = pieces[at - 1], pieces[at]
    both_letters, place = left + right, len(left) + by
    if not 0 < place < len(both_letters):
        return list(pieces)
    return [*pieces[: at - 1], both_letters[:place], both_letters[place:], *pieces[at + 1 :]]


def misspelt(text: str) -> list[str]:
    """The text with one vowel another one."""
    return [
        text[:at] + vowel + text[at + 1 :]
        for at, letter in enumerate(text)
        if letter in _VOWELS
        for vowel in _VOWELS
        if vowel != letter
    ]


def quoted(text: str) -> str:
    return f"“{text}”"


def dashed(pieces: Sequence[str]) -> str:
    """`“natu-ku-te”`"""
    return quoted("-".join(pieces))


def joined(texts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
