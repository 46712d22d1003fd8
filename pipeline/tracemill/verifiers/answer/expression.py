"""The form of answers that are expressions: equal texts and numbers are decided here, the rest in another process."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Payload
from tracemill.verifiers.answer.forms import only_known, right
from tracemill.verifiers.answer.text import is_unit, plain, read_number

Compare = Callable[[str, str], Ruling]
"""Compares an expected expression with a stated one, in another process."""

_EXPRESSION_CHARACTERS = 1000


class Symbolic:
    """An equal expression. Equal texts and numbers are decided here; the rest goes to `compare`.

    An answer that only asks again is refuted: a percent sign that the expected answer lacks, an integral, sum or limit
    left to do, arithmetic left to do where a number is expected, an expression that stands in the prompt.
    """

    multiline: ClassVar[bool] = False
    letter: ClassVar[bool] = True

    def __init__(self, spec: Payload, answer: str, prompt: str, compare: Compare) -> None:
        only_known(spec)
        if not answer.strip():
            raise ValueError("the expected answer is empty")
        self._prompt, self._compare = prompt, compare
        self._has_words = "\\text" in answer
        self._text = self._plain(answer)
        self._name = _NAMED.match(self._text)
        self._answer = _read_expression(self._text)

    def _plain(self, text: str) -> str:
        unit = None if self._has_words else _UNIT.search(text.strip().rstrip("$. "))
        if unit and unit.start() and is_unit(f" {unit['words']}"):
            text = text[: unit.start()]
        return plain(text).removesuffix(".").strip()

    def read(self, text: str) -> Fraction | Expression | None:
        text = self._plain(text)
        name = _NAMED.match(text)
        if self._name and name and name[1] != self._name[1]:
            return Expression(_squeezed(text), text)
        reading = _read_expression(text)
        wordy = isinstance(reading, Expression) and len(_words(reading.text)) > 1
        return None if wordy and reading != self._answer else reading

    def is_telling(self, reading: object) -> bool:
        return isinstance(reading, Fraction)

    def rule(self, reading: Fraction | Expression) -> Ruling:
        if reading == self._answer or (isinstance(reading, Fraction) and isinstance(self._answer, Fraction)):
            return right(reading == self._answer)
        text = reading.text if isinstance(reading, Expression) else str(reading)
        objection = self._objection(text)
        if objection:
            return Ruling("refuted", objection, strength="exact")
        if _is_obscure(text):
            return Ruling("unknown", "too long, or too wordy, to be read as an expression")
        if text.isalpha() and self._text.isalpha() and sorted(text) == sorted(self._text):
            return Ruling("unknown", "the expected letters in another order: a product, or another word")
        return self._compare(self._text, text)

    def _objection(self, text: str) -> str | None:
        if _OR.search(text) and not _SEVERAL.search(self._text):
            return "not one answer"
        for reason, pattern in _ONLY_IF_EXPECTED:
            if pattern.search(text) and not pattern.search(self._text):
                return reason
        if isinstance(self._answer, Fraction):
            if _OPERATION.search(text):
                return "arithmetic left to do"
            return "not a number" if _is_obscure(text) else None
        if _OPERATION.search(text) and _squeezed(text) in _squeezed(plain(self._prompt)):
            return "the question restated"
        return None


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as it is written; `key` is the text without the blanks that mean nothing."""

    key: str
    text: str = field(compare=False)


def _read_expression(text: str) -> Fraction | Expression | None:
    number = read_number(text)
    if number is not None and not number.percent and not number.scientific:
        return number.value
    return Expression(_squeezed(text), text) if text else None


def _squeezed(text: str) -> str:
    return _IDLE_BLANK.sub("", text)


def _is_obscure(text: str) -> bool:
    return len(text) > _EXPRESSION_CHARACTERS or bool(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(_ENVIRONMENT.sub(" ", text))


_NAMED = re.compile(r"([A-Za-z](?:_\w{1,8}|_\{\w{1,8}\})?) *=(?!=)")
_ENVIRONMENT = re.compile(r"\\(?:begin|end) ?\{[a-z]{1,12}\}")
_IDLE_BLANK = re.compile(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z\s])")
_UNIT = re.compile(r"\\(?:text|mathrm|mbox)\s*\{\s*(?P<words>[A-Za-z][A-Za-z ./]*)\}\s*(?:\^\{?[23]\}?)?$")
_ONLY_IF_EXPECTED = (
    (
        "not one answer",
        re.compile(r"\b(?:maybe|perhaps|possibly|approximately|about|roughly)\b|\\approx|≈|\\sim\b|^ ?~|~=|\?"),
    ),
    ("a percentage, where none is expected", re.compile(r"%|\bper ?cent|\bpct\b")),
    ("an integral, sum or limit left to do", re.compile(r"\\(?:i*int|sum|prod|lim)(?![A-Za-z])|[∫∑∏]")),
)
_OR = re.compile(r"\b(?:or|either)\b")
_SEVERAL = re.compile(r"\b(?:or|and)\b|[,<>≤≥≠]|\\(?:[lg]eq?(?:slant)?|[lg]t|neq?|pm|cup|in)(?![A-Za-z])")
"""What an expected answer has that an `or` may stand for: roots of an equation, an inequality with two sides."""
_OPERATION = re.compile(
    r"[*/^+×·÷√!]|(?<=[\w)}\]])\s*-|\\(?:cdot|times|div|sqrt|frac|binom|log|ln|sin|cos|tan|exp|pm)(?![A-Za-z])|sqrt|\)\s*\("
)
_WORD = re.compile(
    r"(?<![\\A-Za-z])(?!(?:a?(?:sin|cos|tan)h?|arc(?:sin|cos|tan)|cot|sec|csc|sqrt|Abs|abs|exp|log|alpha|beta|gamma|delta"
    r"|epsilon|theta|lambda|sigma|omega|infty|[a-z]{1,3})(?![A-Za-z]))[A-Za-z]{4,}"
)
