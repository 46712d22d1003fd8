"""What is in a field: a text, a number, a talk …, as the YAML files of shapes name it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tracemill.sources.mapping.solutions import is_talk


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        # So are numbers with a point read from JSON, to keep every digit.
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, int | float)


def _all(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(one is None or test(one) for one in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


KINDS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str | int | float) and not isinstance(value, bool),
    "number": _is_number,
    "flag": lambda value: isinstance(value, bool),
    "texts": _all(_is_text),
    "numbers": _all(_is_number),
    "flags": _all(lambda value: isinstance(value, bool)),
    "talk": is_talk,
    "objects": _all(lambda value: isinstance(value, Mapping)),
    "any": lambda value: value is not None,
}
"""By name, whether a value is of the kind. A number passes for a text: answers are often both."""


def kind_of(value: Any) -> str:
    """What a value is called before a user."""
    order = ("flag", "talk", "flags", "texts", "numbers", "objects", "text")
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "object"
    return next((kind for kind in order if KINDS[kind](value)), type(value).__name__)
