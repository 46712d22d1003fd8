"""The forms of answers that are text: the very same text, one of several choices, named fields, a plan."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from typing import ClassVar, Literal

from tracemill.claims.claim_checker import Ruling
from tracemill.claims.state.plan import judge_plan
from tracemill.records import Payload
from tracemill.verifiers.answer.forms.choices import read_choice
from tracemill.verifiers.answer.forms.fields import read_fields, read_literal
from tracemill.verifiers.answer.forms.form import only_known, right
from tracemill.verifiers.answer.grammar.chemical_formula import read_formula
from tracemill.verifiers.answer.grammar.numbers import plain, read_number
from tracemill.verifiers.answer.grammar.spelling import unwrap


class _Plain:
    """What forms share that read an answer or nothing."""

    unreadable: ClassVar[Literal["refuted", "unknown"]] = "refuted"

    def agree(self, one: Hashable, other: Hashable) -> bool:
        return one == other


class Exact(_Plain):
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

    def rule(self, reading: str, asks_percent: bool = False) -> Ruling:
        if reading != self._answer and not self._literal and _same_words(reading, self._answer):
            return Ruling("unknown", "the expected answer, but for its capitals")
        if reading != self._answer and not self._literal:
            formula = read_formula(self._answer)
            if formula is not None and formula == read_formula(reading):
                return Ruling("unknown", "the expected formula in another spelling")
        return right(reading == self._answer)


class Choice(_Plain):
    """One of `choices` (key to wording), named by key, by wording, or by both where they agree. A text that names more
    than one is refuted."""

    unreadable: ClassVar[Literal["refuted", "unknown"]] = "unknown"

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

    def rule(self, reading: str, asks_percent: bool = False) -> Ruling:
        return right(reading == self._answer)


class Structured(_Plain):
    """A value for every field: `apple = 3, pear = 5/2`; each is `numeric` or `exact` (an article aside)."""

    multiline: ClassVar[bool] = True
    letter: ClassVar[bool] = False

    def __init__(self, spec: Payload, answer: str) -> None:
        only_known(spec, "fields")
        fields = spec.get("fields")
        if (
            not isinstance(fields, Mapping)
            or not fields
            or not all(one in ("numeric", "exact") for one in fields.values())
        ):
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

    def rule(self, reading: Hashable, asks_percent: bool = False) -> Ruling:
        return right(reading == self._answer)


_ARTICLE = re.compile(r"^(?:an?|the) +(?=.)", re.IGNORECASE)


_MOVE = re.compile(r"\bmove\b", re.IGNORECASE)


class Plan(_Plain):
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

    def rule(self, reading: str, asks_percent: bool = False) -> Ruling:
        return judge_plan(self._spec, reading)


def _same_words(one: str, other: str) -> bool:
    return plain(one).removesuffix(".").casefold() == other.casefold()


def _flag(spec: Payload, name: str) -> bool:
    only_known(spec, name)
    value = spec.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"spec.{name} is true or false, not {value!r}")
    return value
