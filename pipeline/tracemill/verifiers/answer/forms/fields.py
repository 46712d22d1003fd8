"""Reads a value for each of several names, and Python literals."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from tracemill.verifiers.answer.grammar.numbers import plain

_FIELDS_CHARACTERS = 20_000
_LITERAL_CHARACTERS = 50_000
_LITERAL_DEPTH = 60


def read_fields(text: str, names: tuple[str, ...]) -> dict[str, str] | None:
    """The text after each name in `apple = 3, pear = 5/2`, one pair per line, or separated by `;`, or as JSON.

    None unless every name is there exactly once and nothing stands before the first.
    """
    if len(text) > _FIELDS_CHARACTERS:
        return None
    text = _FIELD_MARKS.sub("", plain(text))
    if text[:1] + text[-1:] in ("()", "{}"):
        text = text[1:-1].replace('"', "")
    starts = list(_field_pattern(names).finditer(text))
    if sorted(match["name"] for match in starts) != sorted(names) or text[: starts[0].start()].strip(" {("):
        return None
    fields = {}
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        value = text[match.end() : following.start() if following else len(text)]
        value = value.strip().rstrip(",;").rstrip().removesuffix(" and")
        fields[match["name"]] = value.rstrip(" ,;").removesuffix(".").rstrip()
    return fields


# Around a field or its name; `$3` is a price.
_FIELD_MARKS = re.compile(r"\\[()]|\$(?!\d)|\*\*")


@lru_cache(maxsize=64)
def _field_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    any_name = "|".join(r"\s+".join(map(re.escape, name.split())) for name in longest_first)
    return re.compile(
        rf"(?:^|(?<=[,;\n{{(])|(?<=\band)(?=\s))[\s*-]{{0,9}}(?P<name>{any_name})\s{{0,9}}(?:=|:|\bis\b)\s{{0,9}}"
    )


def read_literal(text: str) -> object | None:
    """The Python literal that `text` is, in a form that compares by value and type (`1` is not `True`, nor `1.0`).

    Long and deeply nested texts are not read: Python's own parser is not safe against them.
    """
    if len(text) > _LITERAL_CHARACTERS or _depth(text) > _LITERAL_DEPTH or re.search(r"(?:[-+~]\s*){10}", text):
        return None
    try:
        return typed(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[({})\]]", text):
        depth += 1 if bracket in "[({" else -1
        deepest = max(deepest, depth)
    return deepest


def typed(value: object) -> object:
    """`value` with the type of every part beside it."""
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(typed(item) for item in value)
    if isinstance(value, dict):
        return "dict", frozenset((typed(key), typed(item)) for key, item in value.items())
    if isinstance(value, set):
        return "set", frozenset(typed(item) for item in value)
    # `-0.0` prints otherwise than `0.0`, and equals it.
    return type(value).__name__, repr(value) if isinstance(value, float | complex) else value
