"""The forms that an answer can have: how its text is read, and when what was read is right.

A form is made from a problem's check and expected answer, and raises where those make no sense, so that a wrong
dataset is an `error` and not a refuted solution. Expected answers do not appear in reasons or evidence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar, Protocol

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Payload
from tracemill.verifiers.answer.text import (
    Number,
    plain,
    read_choice,
    read_fields,
    read_literal,
    read_number,
    unwrap,
)


class Form(Protocol):
    """`multiline`: an answer may run over several lines. `letter`: a line `A: …` states one, rather than a choice."""

    multiline: ClassVar[bool]
    letter: ClassVar[bool]

    def read(self, text: str) -> Hashable | None:
        """What `text` states, equal for equal answers; none where it states nothing of this form."""

    def is_telling(self, reading: Any) -> bool:
        """Whether text with that reading is an answer for sure, and not a word of prose or a heading."""

    def rule(self, reading: Any) -> Ruling:
        """Whether a reading is the expected answer."""


def right(is_right: bool) -> Ruling:
    if is_right:
        return Ruling("verified", "the expected answer", strength="exact")
    return Ruling("refuted", "not the expected answer", strength="exact")


class Exact:
    """The same text, blanks around it aside; with `literal`, the same Python literal by value and type."""

    multiline: ClassVar[bool] = True
    letter: ClassVar[bool] = False

    def __init__(self, spec: Payload, answer: str) -> None:
        self._literal = _flag(spec, "literal")
        self._answer = answer.strip()
        self._value = read_literal(self._answer) if self._literal else None
        if self._literal and self._value is None:
            raise ValueError("the expected answer is not a Python literal")

    def read(self, text: str) -> str | None:
        """Emphasis, mathematics delimiters and a full stop are dropped only where the answer has none of its own."""
        text = text.strip()
        for candidate in (text, unwrap(text), text.removesuffix("."), plain(text), plain(text).removesuffix(".")):
            if candidate == self._answer or (self._literal and read_literal(candidate) == self._value):
                return self._answer
        return text or None

    def is_telling(self, reading: object) -> bool:
        return False

    def rule(self, reading: str) -> Ruling:
        return right(reading == self._answer)


class Numeric:
    """The same rational number, within `tolerance` (absolute; 0 unless given).

    With `percent`, `75%` is 0.75. Without it a percent sign is never right: it is wrong where that changes the value,
    and undecided where the number before it is the expected one.
    """

    multiline: ClassVar[bool] = False
    letter: ClassVar[bool] = True

    def __init__(self, spec: Payload, answer: str) -> None:
        only_known(spec, "tolerance", "percent")
        self._percent = bool(spec.get("percent", False))
        self._tolerance = Fraction(str(spec["tolerance"])) if "tolerance" in spec else 0
        number = read_number(answer)
        if number is None or self._tolerance < 0 or (number.percent and not self._percent):
            raise ValueError("the expected answer is not a number, or its tolerance is negative")
        self._answer = self._value(number).value
        self._scientific = number.scientific or re.search(r"\d[eE][-+]?\d", answer) is not None

    def read(self, text: str) -> Number | None:
        number = read_number(text)
        return None if number is None else self._value(number)

    def _value(self, number: Number) -> Number:
        return replace(number, value=number.value / 100, percent=False) if number.percent and self._percent else number

    def is_telling(self, reading: object) -> bool:
        return True

    def rule(self, reading: Number) -> Ruling:
        is_right = reading.value == self._answer or abs(reading.value - self._answer) <= self._tolerance
        if is_right and reading.scientific and not self._scientific:
            return Ruling("unknown", "in scientific notation, which the question may ask to write out")
        if not reading.percent:
            return right(is_right)
        if is_right:
            return Ruling("unknown", "a percentage, and the check does not say whether one is meant")
        return right(False)


class Choice:
    """One of `choices` (key to wording), named by key, by wording, or by both where they agree."""

    multiline: ClassVar[bool] = False
    letter: ClassVar[bool] = False

    def __init__(self, spec: Payload, answer: str) -> None:
        only_known(spec, "choices")
        choices = spec.get("choices")
        if not isinstance(choices, Mapping) or not all(isinstance(text, str) for text in choices.values()):
            raise ValueError("a choice needs spec.choices, an object of key and wording")
        if answer not in choices:
            raise ValueError("the expected answer is not the key of a choice")
        self._choices: Mapping[str, str] = choices
        self._answer = answer

    def read(self, text: str) -> str | None:
        return read_choice(text, self._choices)

    def is_telling(self, reading: object) -> bool:
        return True

    def rule(self, reading: str) -> Ruling:
        return right(reading == self._answer)


class Structured:
    """A value for every field: `apple = 3, pear = 5/2`; each is `numeric` or `exact` (an article aside)."""

    multiline: ClassVar[bool] = True
    letter: ClassVar[bool] = False

    def __init__(self, spec: Payload, answer: str) -> None:
        only_known(spec, "fields")
        fields = spec.get("fields")
        if not isinstance(fields, Mapping) or not fields or not set(fields.values()) <= {"numeric", "exact"}:
            raise ValueError("a structured answer needs spec.fields, an object of name and 'numeric' or 'exact'")
        self._kinds: Mapping[str, str] = fields
        expected = json.loads(answer)
        if not isinstance(expected, dict) or expected.keys() != fields.keys():
            raise ValueError("the expected answer is not an object with the fields of the check")
        self._answer = self._values({name: str(value) for name, value in expected.items()})
        if self._answer is None:
            raise ValueError("a field of the expected answer is not a number")

    def read(self, text: str) -> Hashable | None:
        values = read_fields(text, tuple(sorted(self._kinds)))
        return None if values is None else self._values(values)

    def _values(self, texts: Mapping[str, str]) -> tuple[tuple[str, object], ...] | None:
        values: list[tuple[str, object]] = []
        for name in sorted(texts):
            if self._kinds[name] == "exact":
                values.append((name, unwrap(_ARTICLE.sub("", unwrap(texts[name])))))
                continue
            number = read_number(texts[name])
            if number is None or number.percent:
                return None
            values.append((name, number.value))
        return tuple(values)

    def is_telling(self, reading: object) -> bool:
        return True

    def rule(self, reading: Hashable) -> Ruling:
        return right(reading == self._answer)


_ARTICLE = re.compile(r"^(?:an?|the) +(?=.)", re.IGNORECASE)


_MOVE = re.compile(r"\bmove\b", re.IGNORECASE)


class Plan:
    """A sequence of moves that a simulator carries out; `spec` is the simulator's."""

    multiline: ClassVar[bool] = True
    letter: ClassVar[bool] = False

    def __init__(self, spec: Payload, answer: str) -> None:
        # Any plan that reaches the goal is right: the expected one is an example.
        self._spec, self._example = spec, answer

    def read(self, text: str) -> str | None:
        return unwrap(text) if _MOVE.search(text) else None

    def is_telling(self, reading: object) -> bool:
        return False

    def rule(self, reading: str) -> Ruling:
        from tracemill.claims.state.plan import judge_plan

        return judge_plan(self._spec, reading)


def _flag(spec: Payload, name: str) -> bool:
    only_known(spec, name)
    value = spec.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"spec.{name} is true or false, not {value!r}")
    return value


def only_known(spec: Payload, *names: str) -> None:
    for name in spec:
        if name not in names:
            raise ValueError(f"the check has no parameter {name!r}; it has: {', '.join(names) or 'none'}")
