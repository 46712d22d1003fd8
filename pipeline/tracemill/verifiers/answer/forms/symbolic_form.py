r"""The form of answers that are expressions of any kind: terms, sets, intervals, relations, times, words.

Equal texts and numbers are decided here, the rest by `comparing/`. What cannot be read decides nothing: `unknown`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, Literal

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Payload
from tracemill.verifiers.answer.comparing.equal_terms import Algebra
from tracemill.verifiers.answer.comparing.polynomials import NoFormError, rational
from tracemill.verifiers.answer.comparing.same_answer import Comparison
from tracemill.verifiers.answer.forms.form import only_known, right
from tracemill.verifiers.answer.grammar.chemical_formula import Formula, compare_formulas, read_formula
from tracemill.verifiers.answer.grammar.expression_tree import Expression, has_op, is_numeric
from tracemill.verifiers.answer.grammar.kinds_of_reading import Items, NamedValue, PlainWords, Reading, Scalar
from tracemill.verifiers.answer.grammar.numbers import is_decimal_comma, read_number
from tracemill.verifiers.answer.grammar.reader import Reader, same_value
from tracemill.verifiers.answer.grammar.scalars import plain_value
from tracemill.verifiers.answer.grammar.spelling import spelled, unwrap
from tracemill.verifiers.answer.grammar.tokenizer import UnreadableAnswer
from tracemill.verifiers.answer.question import Question, question_of

LEFT_TO_DO = "arithmetic left to do"
_SUMS = frozenset({"+", "-", "*", "/"})


@dataclass(frozen=True, slots=True)
class Stated:
    """An answer as it is written, and its reading, if it has one. Equal for texts that differ in blanks only."""

    key: str
    text: str = field(compare=False)
    reading: Reading | None = field(compare=False)

    @property
    def formula(self) -> Formula | None:
        """Of chemistry: to be asked for where one of two texts has no other reading."""
        return read_formula(self.text)


class Symbolic:
    """An equal expression.

    An answer that only asks again is refuted: a percent sign that the expected answer lacks, an integral, sum or limit
    left to do, arithmetic left to do where a number is expected, an expression that stands in the prompt.
    """

    multiline: ClassVar[bool] = False
    letter: ClassVar[bool] = True
    unreadable: ClassVar[Literal["refuted", "unknown"]] = "unknown"

    def __init__(self, spec: Payload, answer: str, prompt: str, compare: Algebra) -> None:
        only_known(spec)
        if not answer.strip():
            raise ValueError("the expected answer is empty")
        self._prompt, self._question = prompt, question_of(prompt)
        self._algebra = compare
        self._gold = _stated(answer, self._question)

    @property
    def is_readable(self) -> bool:
        """Whether the expected answer can be read, so that something else can be compared with it."""
        return self._gold is not None and (self._gold.reading is not None or self._gold.formula is not None)

    def read(self, text: str) -> Stated | None:
        stated = _stated(text, self._question)
        if stated is None or stated == self._gold:
            return self._gold if stated else None
        # Prose is no statement, wherever it stands.
        words = stated.reading is None or isinstance(stated.reading, PlainWords)
        wordy = words and len(_PROSE.findall(stated.text)) > 2
        return None if wordy else stated

    def agree(self, one: Stated, other: Stated) -> bool:
        """Whether two statements of one text say the same."""
        if one == other:
            return True
        if one.reading is None or other.reading is None:
            return one.formula is not None and one.formula == other.formula
        return self._compare(self._question, one.reading, other.reading).outcome == "verified"

    def is_telling(self, reading: Stated) -> bool:
        if reading.reading is None:
            return reading.formula is not None
        return not isinstance(reading.reading, PlainWords)

    def rule(self, stated: Stated, asks_percent: bool = False) -> Ruling:
        """Whether it is the expected answer. `asks_percent`: the sentence around it says that it is a percentage."""
        if stated == self._gold:
            return right(True)
        gold = self._gold.reading if self._gold else None
        text = stated.text
        for reason, pattern in _ONLY_IF_EXPECTED:
            if pattern.search(text) and not pattern.search(self._gold.text if self._gold else ""):
                return Ruling("refuted", reason, strength="exact")
        formulas = self._formulas(stated)
        if formulas:
            return formulas
        if gold is None:
            return Ruling("unknown", "the expected answer cannot be read as an expression")
        if stated.reading is None:
            return Ruling("unknown", "the answer cannot be read as an expression")
        question = self._question
        if asks_percent and not question.asks_percent:
            question = replace(question, asks_percent=True)
        return self._objection(gold, stated) or self._compare(question, gold, stated.reading)

    def _formulas(self, stated: Stated) -> Ruling | None:
        """The ruling on two formulas of chemistry of which one at least is nothing else."""
        if self._gold is None or None not in (self._gold.reading, stated.reading):
            return None
        gold, answer = self._gold.formula, stated.formula
        return compare_formulas(gold, answer) if gold and answer else None

    def _compare(self, question: Question, gold: Reading, answer: Reading) -> Ruling:
        return Comparison(self._algebra, question).compare(gold, answer)

    def _objection(self, gold: Reading, stated: Stated) -> Ruling | None:
        reading = stated.reading
        if isinstance(reading, Items) and not reading.brackets and not isinstance(gold, Items):
            if is_decimal_comma(stated.text):
                return Ruling("unknown", "a decimal comma, or two numbers")
            return _several(gold, reading, self)
        if isinstance(gold, Items) and self._gold and is_decimal_comma(self._gold.text) and isinstance(reading, Scalar):
            return Ruling("unknown", "a decimal comma is expected, or two numbers")
        number = number_of(gold)
        if number is not None and isinstance(reading, Scalar):
            return against_number(number, reading)
        restated = isinstance(reading, Scalar) and has_op(reading.term, _SUMS | {"root", "^"})
        if restated and stated.key in _squeezed(spelled_prompt(self._prompt)):
            return Ruling("refuted", "the question restated", strength="exact")
        return None


def _several(gold: Reading, items: Items, form: Symbolic) -> Ruling | None:
    """Of one expected answer: other values beside it are wrong; the same value in other words is right."""
    same = all(same_value(items.items[0], item) for item in items.items[1:])
    rulings = [form._compare(form._question, gold, item) for item in items.items]
    right_one = next((ruling for ruling in rulings if ruling.outcome == "verified"), None)
    if right_one and (same or all(ruling.outcome == "verified" for ruling in rulings)):
        return right_one
    if any(ruling.outcome == "refuted" for ruling in rulings):
        return Ruling("refuted", "not one answer", strength="exact")
    return None


def against_number(number: Fraction, scalar: Scalar) -> Ruling | None:
    """An objection to a value that is not written as one number, where one is expected; none for one that is."""
    if plain_value(scalar.term) is not None or not is_numeric(scalar.term):
        return None
    try:
        value = rational(scalar.term)
    except NoFormError:
        return None
    if value == number and not is_only_powers(scalar.term):
        return Ruling("refuted", LEFT_TO_DO, strength="exact")
    if value == number:
        return Ruling("unknown", "a power or a root, which the question may ask to work out")
    return None


def is_only_powers(term: Expression) -> bool:
    """`10^3`, `\\sqrt{16}`, `6.02 * 10^{23}`: not a sum or product of plain numbers."""
    if term.op in ("^", "root", "!", "binom"):
        return all(arg.op == "number" for arg in term.args)
    return term.op == "*" and term.args[0].op == "number" and term.args[1].op == "^" and is_only_powers(term.args[1])


def number_of(reading: Reading) -> Fraction | None:
    """The number that an expected answer is, its unit and its name aside."""
    if isinstance(reading, NamedValue):
        return number_of(reading.value)
    return plain_value(reading.term) if isinstance(reading, Scalar) and not reading.percent else None


def _stated(text: str, question: Question) -> Stated | None:
    # Only short texts are kept: a thousand long ones would fill the memory.
    return _kept(text, question) if len(text) <= _SHORT else _read(text, question)


@lru_cache(maxsize=4096)
def _kept(text: str, question: Question) -> Stated | None:
    return _read(text, question)


def _read(text: str, question: Question) -> Stated | None:
    text = text.strip()
    if not text:
        return None
    number = None if "=" in text or "circ" in text or "°" in text else read_number(text)
    if number is not None and not number.percent and not number.scientific and number.unit is None:
        return Stated(str(number.value), text, Scalar(Expression("number", value=number.value)))
    plain = spelled(text) if len(text) <= _LONGEST else unwrap(text)[:_LONGEST]
    if not plain:
        return None
    try:
        reading: Reading | None = Reader(question.words).read(text)
    except UnreadableAnswer:
        reading = None
    if isinstance(reading, Scalar) and reading.unit is None and not reading.percent:
        value = plain_value(reading.term)
        if value is not None:
            return Stated(str(value), plain, Scalar(Expression("number", value=value)))
    return Stated(_squeezed(plain), plain, reading)


@lru_cache(maxsize=64)
def spelled_prompt(prompt: str) -> str:
    return spelled(prompt[-_LONGEST:])


def _squeezed(text: str) -> str:
    return _IDLE_BLANK.sub("", text)


_LONGEST = 20_000
_SHORT = 500
# Between two digits a blank means something: `4 2` is not 42.
_IDLE_BLANK = re.compile(r"(?<![A-Za-z\d])\s+|\s+(?![A-Za-z\d\s])")
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}(?![A-Za-z]*[{(_])")
_ONLY_IF_EXPECTED = (
    (
        "not one answer",
        re.compile(r"\b(?:maybe|perhaps|possibly|approximately|about|roughly|either)\b|\\approx|≈|\\sim\b|^ ?~|~=|\?"),
    ),
    ("an integral, sum or limit left to do", re.compile(r"\\(?:i*int|sum|prod|lim)(?![A-Za-z])|[∫∑∏]")),
)
