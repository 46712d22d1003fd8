"""The form of answers that are one rational number."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar, Literal

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Payload
from tracemill.verifiers.answer.comparing.polynomials import NoFormError, rational
from tracemill.verifiers.answer.forms.form import only_known, right
from tracemill.verifiers.answer.forms.symbolic_form import against_number, number_of
from tracemill.verifiers.answer.grammar.kinds_of_reading import (
    Based,
    Clock,
    Items,
    NamedValue,
    PlainWords,
    Reading,
    Scalar,
)
from tracemill.verifiers.answer.grammar.numbers import Number, is_decimal_comma, read_number
from tracemill.verifiers.answer.grammar.reader import Reader, same_value
from tracemill.verifiers.answer.grammar.scalars import plain_value
from tracemill.verifiers.answer.grammar.tokenizer import UnreadableAnswer
from tracemill.verifiers.answer.grammar.units import CENT, UNNAMED_CENTS, quantity
from tracemill.verifiers.answer.question import question_of


@dataclass(frozen=True, slots=True)
class Other:
    """An answer that is read, and is not written as one number."""

    reading: Reading


class Numeric:
    """The same rational number, within `tolerance` (absolute; 0 unless given).

    With `percent`, `75%` is 0.75. Without it `75%` is 75 where the question asks for a percentage, and else undecided
    where the number before it, or its value, is the expected one.
    """

    multiline: ClassVar[bool] = False
    letter: ClassVar[bool] = True
    unreadable: ClassVar[Literal["refuted", "unknown"]] = "unknown"

    def __init__(self, spec: Payload, answer: str, prompt: str) -> None:
        only_known(spec, "tolerance", "percent")
        self._percent = bool(spec.get("percent", False))
        self._tolerance = Fraction(str(spec["tolerance"])) if "tolerance" in spec else 0
        self._question = question_of(prompt)
        number = self.read(answer)
        if not isinstance(number, Number) or self._tolerance < 0 or number.percent:
            raise ValueError("the expected answer is not a number, or its tolerance is negative")
        self._answer, self._unit = number.value, number.unit
        self._scientific = number.scientific or re.search(r"\d[eE][-+]?\d", answer) is not None

    def read(self, text: str) -> Number | Other | None:
        number = read_number(text, self._question.words)
        if number is None:
            if is_decimal_comma(text):
                return None
            try:
                reading = Reader(self._question.words).read(text)
            except UnreadableAnswer:
                return None
            if isinstance(reading, PlainWords):
                return None
            number = _number_in(reading)
            if number is None:
                return Other(reading)
        return replace(number, value=number.value / 100, percent=False) if number.percent and self._percent else number

    def agree(self, one: Number | Other, other: Number | Other) -> bool:
        if one == other or (isinstance(one, Number) and isinstance(other, Number)):
            return one == other
        value = _value(one)
        return value is not None and value == _value(other)

    def is_telling(self, reading: Number | Other) -> bool:
        return isinstance(reading, Number) or isinstance(reading.reading, Scalar)

    def rule(self, reading: Number | Other, asks_percent: bool = False) -> Ruling:
        if isinstance(reading, Other):
            return self._rule_other(reading.reading)
        is_right = self._is_right(reading.value)
        if is_right and reading.scientific and not self._scientific:
            return Ruling("unknown", "in scientific notation, which the question may ask to write out")
        if not reading.percent:
            return right(is_right) if self._unit == reading.unit else self._in_units(reading)
        if is_right and (asks_percent or self._question.asks_percent):
            return right(True)
        if is_right or (self._is_right(reading.value / 100) and self._answer.denominator != 1):
            return Ruling("unknown", "a percentage, and the check does not say whether one is meant")
        return right(False)

    def _in_units(self, reading: Number) -> Ruling:
        """The units differ; what has none is in the unit of the other, but for cents that nobody asks for."""
        one, other = self._unit, reading.unit
        is_right = self._is_right(reading.value)
        if one is None or other is None:
            unnamed = is_right and CENT in (one, other) and not self._question.asks_cents
            return Ruling("unknown", UNNAMED_CENTS) if unnamed else right(is_right)
        if one.dimension == other.dimension:
            return right(self._is_right(reading.value * other.factor / one.factor))
        if is_right or quantity(one) == quantity(other):
            return Ruling("unknown", "in another unit")
        return right(False)

    def _is_right(self, value: Fraction) -> bool:
        return value == self._answer or abs(value - self._answer) <= self._tolerance

    def _rule_other(self, reading: Reading) -> Ruling:
        match reading:
            case NamedValue(value=named):
                return self._rule_other(named)
            case Scalar(percent=False, term=term):
                try:
                    value = rational(term)
                except NoFormError:
                    return Ruling("unknown", "an expression whose value is not worked out")
                return against_number(self._answer, reading) or right(value is not None and self._is_right(value))
            case Items(items=items) if not reading.brackets and all(same_value(items[0], one) for one in items):
                values = [plain_value(one.term) for one in items if isinstance(one, Scalar)]
                return right(any(number is not None and self._is_right(number) for number in values))
            case PlainWords() | Clock() | Based():
                return Ruling("unknown", "no number in digits")
        return Ruling("refuted", "not one number", strength="exact")


def _value(reading: Number | Other) -> Fraction | None:
    """The value of a number, or of arithmetic."""
    if isinstance(reading, Number):
        return None if reading.percent else reading.value
    scalar = reading.reading
    if not isinstance(scalar, Scalar) or scalar.percent:
        return None
    try:
        return rational(scalar.term)
    except NoFormError:
        return None


def _number_in(reading: Reading) -> Number | None:
    """The number that a reading is, whatever stands beside it."""
    value = number_of(reading)
    if value is not None:
        return Number(value, percent=False)
    if isinstance(reading, NamedValue):
        return _number_in(reading.value)
    if isinstance(reading, Scalar) and reading.percent:
        value = plain_value(reading.term)
        return None if value is None else Number(value, percent=True)
    return None
