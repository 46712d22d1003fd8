"""Steps with what belongs to one problem masked: numbers, names and quoted code. The words around them stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tracemill.records import Problem

_NUMBER_WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_CODE = re.compile(r"`[^`]*`|“[^”]*”|\"[^\"]*\"|\\boxed\{[^{}]*\}")
_NUMBER = re.compile(rf"(?:(?<![\w)])[-−])?\d+(?:[.,/]\d+)*|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_CAPITAL = re.compile(r"(?<=[\w,;:)] )(?!I\b)[A-Z]\w*")
_LETTER = re.compile(r"(?<!['’\w])(?![aAI]\b)[a-zA-Z]\b(?!['’])")
_LIST = re.compile(r"(‹\w+›)(?:[,;\s]+\1)+")


def names_of(problem: Problem) -> tuple[str, ...]:
    """The names that a problem gives its things, longest first: its symbols, the capitalised words within its
    sentences, and those texts of its instance and premises that are more than one plain word (`crate J4`)."""
    found = set(_CAPITAL.findall(problem.prompt))
    for premise in problem.premises:
        if premise.kind == "symbols":
            found.update(premise.payload)
    claimed = [premise.payload for premise in problem.premises if premise.kind != "symbols"]
    for text in _texts([problem.metadata.get("instance"), claimed]):
        if not text.startswith("(") and re.search(r"[a-z]", text, re.I) and re.search(r"\S\s\S|[A-Z0-9_]", text):
            found.add(text.strip())
    return tuple(sorted(found - {"I", "A"}, key=lambda name: (-len(name), name)))


def masked(text: str, names: tuple[str, ...]) -> str:
    """The text with each number as `‹number›`, each name as `‹name›`, each quotation as `‹code›`; a list of equal masks
    is one.

    >>> masked("Since Sven lies, crate J4 weighs 3/4, so `f(x)` is -2.", ("crate J4", "Sven"))
    'Since ‹name› lies, ‹name› weighs ‹number›, so ‹code› is ‹number›.'
    """
    text = _CODE.sub("‹code›", text)
    if names:
        text = _any_of(names).sub("‹name›", text)
    text = _NUMBER.sub("‹number›", _CAPITAL.sub("‹name›", text))
    return _LIST.sub(r"\1", _LETTER.sub("‹name›", text))


@lru_cache(maxsize=16)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
