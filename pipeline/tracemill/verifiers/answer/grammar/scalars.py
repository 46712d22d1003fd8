r"""Reads one value with what may stand beside it: a currency, a percent sign, a scale, a unit.

`\$1{,}200`, `75\%`, `2.5 \text{ million}`, `3\sqrt{2} \text{ cm}^2`, `90^\circ`. A word beside a value is a unit of the
closed list (`units.yaml`), the name of a thing, or makes the value unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from fractions import Fraction

from tracemill.verifiers.answer.grammar.expression_tree import Expression, number, parse_expression
from tracemill.verifiers.answer.grammar.kinds_of_reading import Scalar
from tracemill.verifiers.answer.grammar.tokenizer import UnreadableAnswer, tokens_of
from tracemill.verifiers.answer.grammar.units import CURRENCIES, SCALES, Unit, read_unit

_BEFORE = re.compile(
    r"^(?P<sign>[-+]?)\s*(?P<symbol>(?:US|CA|AU|NZ|HK)?\\?\$|[€£¥₹₩₽])\s*(?P<rest>[-+]?(?:\d|\.|\\frac).*)$"
)
_BEHIND = re.compile(r"^(?P<rest>.*[\d)}.])\s*(?P<symbol>\\?\$|[€£¥₹₩₽¢])$")
_PERCENT = re.compile(r"\s*(?:\\?%|\\text\{\s*(?:per ?cent|pct|\\?%)\s*\}|\b(?:per ?cent|pct)\.?)$", re.IGNORECASE)
_DEGREES = re.compile(r"\s*\^\s*\{?\s*\\circ\s*\}?\s*(?P<scale>(?:\\text\{\s*)?[CF]\}?)?$")
_EDGE = re.compile(r"\s*\\text\{|(?<=[\d)}\]])\s*(?=[A-Za-z]{2})|\s+(?=[^\W\d_])")
_NUMBER = re.compile(r"-?[\d.,/ ]+")
_LETTER_UNITS = frozenset("mgshlLWVJNKA")
_DEGREE = Unit((("degree", 1),))


def read_scalar(text: str, of_question: Collection[str]) -> Scalar:
    """The value that `text` (in one spelling) is.

    Raises:
        UnreadableAnswer
    """
    money = _BEFORE.match(text) or _BEHIND.match(text)
    if money:
        return _priced(money, of_question)
    percent = _PERCENT.search(text)
    if percent and percent.start():
        return Scalar(_term(text[: percent.start()]), percent=True)
    degrees = _DEGREES.search(text)
    if degrees and _NUMBER.fullmatch(text[: degrees.start()]):
        scale = degrees["scale"]
        return Scalar(_term(text[: degrees.start()]), Unit(((f"{scale.strip('}')[-1]}°", 1),)) if scale else _DEGREE)
    for head, rest in _edges(text):
        scaled = _scaled(head, rest, of_question)
        if scaled:
            return scaled
    return Scalar(_term(text))


def _priced(money: re.Match[str], of_question: Collection[str]) -> Scalar:
    sign = money.groupdict().get("sign") or ""
    if sign and money["rest"][:1] in "+-":
        raise UnreadableAnswer("two signs")
    scalar = read_scalar(sign + money["rest"], of_question)
    if scalar.percent or (scalar.unit and scalar.unit.dimension):
        raise UnreadableAnswer("a price with another unit")
    return Scalar(scalar.term, CURRENCIES.get(money["symbol"].replace("\\", "")))


def _edges(text: str) -> Iterator[tuple[str, str]]:
    """Where a value may end and its unit begin."""
    for edge in _EDGE.finditer(text):
        head, rest = text[: edge.start()].strip(), text[edge.start() :].strip()
        if head and rest and not head.endswith(("\\", "_", "^", "+", "-", "*", "/")):
            yield head, rest


def _scaled(head: str, rest: str, of_question: Collection[str]) -> Scalar | None:
    marked = rest.startswith("\\text")
    words = re.sub(r"[{}]", "", rest.replace("\\text{", " ")).strip()
    first, _, more = words.partition(" ")
    if first.lower() in SCALES and (not more or read_unit(more, of_question)):
        return Scalar(number(_number(head) * SCALES[first.lower()]))
    if len(words) == 1 and not marked and not (words in _LETTER_UNITS and _NUMBER.fullmatch(head)):
        return None
    unit = read_unit(words, of_question)
    return Scalar(_term(head), unit) if unit else None


def _number(text: str) -> Fraction:
    value = plain_value(_term(text))
    if value is None:
        raise UnreadableAnswer("a scale beside what is no number")
    return value


def _term(text: str) -> Expression:
    return parse_expression(tokens_of(text))


def plain_value(term: Expression) -> Fraction | None:
    """The value of a number or of a fraction of two numbers; none of what is arithmetic left to do."""
    if term.op == "number":
        return term.value
    if term.op == "neg":
        value = plain_value(term.args[0])
        return None if value is None else -value
    if term.op == "/" and all(arg.op == "number" for arg in term.args) and term.args[1].value:
        return term.args[0].value / term.args[1].value
    return None


def in_radians(term: Expression) -> Expression:
    """So many degrees."""
    return Expression("*", (term, Expression("/", (Expression("name", name="pi"), number(180)))))


def times(term: Expression, factor: Fraction) -> Expression:
    return term if factor == 1 else Expression("*", (term, number(factor)))
