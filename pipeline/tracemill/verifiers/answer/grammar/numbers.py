r"""Reads one number as people and models write it, quickly: most answers are numbers.

What is no number *as a whole* is none: `20+22`, `3 or 4`, `about 5`, `0,500`, `9**9**9**9`. A unit or the name of a
thing may follow (`units.py`); any other word may change the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction

from tracemill.verifiers.answer.grammar.spelling import unwrap
from tracemill.verifiers.answer.grammar.units import CURRENCIES, Unit, changes_value, read_unit

_NUMBER_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class Number:
    """A rational; `percent` where a percent sign follows it, which `value` leaves out.

    `unit`: the unit that follows it. `scientific`: written as `6.02 \\times 10^{23}`, which is a number's notation, and
    a product left to do.
    """

    value: Fraction
    percent: bool
    scientific: bool = field(default=False, compare=False)
    unit: Unit | None = field(default=None, compare=False)


_COMMA = re.compile(r"[-+]?\d+,\d+")
_PLAIN = re.compile(r"-?\d{1,18}")
_DECIMAL = r"(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:\ \d{3})+|\d+)(?:\.\d*)?|\.\d+"
_NUMBER = re.compile(
    rf"""
    (?:[A-Za-z](?:_\w{{1,8}})?\ *=\ *)?
    (?P<sign>[-+]?)\ *(?P<before>(?:US|CA|AU|NZ|HK)?\$|[€£¥₹₩₽])?\ *(?P<inner>[-+]?)
    (?: (?P<mixed>\d+\ *)?\\frac\ *(?:\{{\ *(?P<n>-?(?:{_DECIMAL}))\ *\}}|(?P<n1>\d))
        \ *(?:\{{\ *(?P<d>-?(?:{_DECIMAL}))\ *\}}|(?P<d1>\d))
      | (?P<whole>\d+)\ +(?P<over>\d+)/(?P<under>\d+)
      | (?P<number>{_DECIMAL})(?:[eE](?P<exponent>[-+]?\d{{1,3}})|\ */\ *(?P<divisor>{_DECIMAL}))?
      | (?P<leading>[1-9](?:\.\d*)?)\ *(?:\\times|\\cdot|[x×·*])\ *10\ *\^
        \ *(?:\{{(?P<power>[-+]?\d{{1,3}})\}}|(?P<power1>-?\d{{1,3}}))
    )
    \ *(?P<percent>%|[Pp]ercent\b)?\ *(?P<behind>[$€£¥₹₩₽¢])?
    (?P<unit>(?:\ [^\W\d_][\w'’/²³-]*(?:\^\{{?[23]\}}?)?){{1,5}})?
    \ *\.?
    """,
    re.VERBOSE,
)
_LETTER_UNITS = frozenset("mgshlLWVJNCF")
# A tie at the very beginning means "about".
_SPACES = re.compile(r"(?<!\\)\\[,;:! ]|\\q?quad\b|(?<!^)~|[\u00a0\u2000-\u200a\u202f]|[ \t]+")
_TEXT = re.compile(r"\\(?:text(?:bf|rm|it)?|math(?:rm|bf|it)|operatorname)\s*\{([^{}]*)\}")
_STRETCH = re.compile(r"\\(?:left|right|displaystyle)(?![A-Za-z])")
_PLAINER = (
    ("\\dfrac", "\\frac"),
    ("\\tfrac", "\\frac"),
    ("{,}", ","),
    ("\\$", "$"),
    ("\\cent", "¢"),
    ("\\textcent", "¢"),
    ("\\%", "%"),
    ("\\_", "_"),
    ("^{\\circ}", ""),
    ("^\\circ", ""),
    ("°", ""),
    ("⁄", "/"),
    ("−", "-"),
    ("–", "-"),
    ("‑", "-"),
    ("－", "-"),
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_VULGAR = re.compile("[¼-¾⅐-⅞]")


def plain(text: str) -> str:
    """`text` unwrapped, with the spacing and text commands of LaTeX resolved; its mathematics stays as it is.

    Characters without a width are dropped, and `½` is ` 1/2`.
    """
    if not text.isascii():
        text = _VULGAR.sub(lambda m: f" {unicodedata.normalize('NFKC', m[0])}", _UNSEEN.sub("", text))
    text = unwrap(text.strip().removesuffix(".") if text.rstrip().endswith(("$.", "\\).", "*.", "`.")) else text)
    if "\\" in text:
        text = _STRETCH.sub("", _TEXT.sub(r" \1 ", text))
    for old, new in _PLAINER:
        if old in text:
            text = text.replace(old, new)
    return _SPACES.sub(" ", text).replace(" ^", "^").strip()


def read_number(text: str, of_question: Collection[str] = ()) -> Number | None:
    """The number that `text` is: `-3`, `$1,234.50`, `1 234`, `3/4`, `\\frac{3}{4}`, `75\\%`, `42 apples.`"""
    if _PLAIN.fullmatch(text):
        return Number(Fraction(int(text)), False)
    if len(text) > _NUMBER_CHARACTERS:
        return None
    text = plain(text)
    # `(1,200)` is a point.
    if text[:1] + text[-1:] == "{}" or (text[:1] + text[-1:] == "()" and "," not in text):
        text = text[1:-1].strip()
    match = _NUMBER.fullmatch(text)
    if not match or (match["sign"] and match["inner"]):
        return None
    unit = _unit(match["unit"], of_question)
    if match["unit"] and unit is None:
        return None
    unit = unit or CURRENCIES.get(match["before"] or match["behind"] or "")
    try:
        value = _value(match)
    except ZeroDivisionError:
        return None
    if value is None:
        return None
    negative = "-" in (match["sign"], match["inner"])
    return Number(-value if negative else value, match["percent"] is not None, match["leading"] is not None, unit)


def is_decimal_comma(text: str) -> bool:
    """Whether a comma may be that of a decimal: `1,22` is 1.22 to half of the world, and two numbers to the rest."""
    return _COMMA.fullmatch(plain(text)) is not None


def _unit(text: str | None, of_question: Collection[str]) -> Unit | None:
    words = (text or "").split()
    if (
        not words
        or any(changes_value(word) for word in words)
        or (len(words[0]) == 1 and words[0] not in _LETTER_UNITS)
    ):
        return None
    return read_unit(" ".join(words), of_question)


def _value(match: re.Match[str]) -> Fraction | None:
    """None for a mixed number without a proper fraction: `2\\frac{5}{2}` may be a product."""
    if match["leading"]:
        return _decimal(match["leading"]) * Fraction(10) ** int(match["power"] or match["power1"])
    if match["number"]:
        value = _decimal(match["number"])
        if match["exponent"]:
            return value * Fraction(10) ** int(match["exponent"])
        return value / _decimal(match["divisor"]) if match["divisor"] else value
    if match["whole"]:
        whole, value = match["whole"], Fraction(int(match["over"]), int(match["under"]))
    else:
        whole, value = match["mixed"], _decimal(match["n"] or match["n1"]) / _decimal(match["d"] or match["d1"])
    if not whole:
        return value
    return int(whole) + value if 0 < value < 1 else None


def _decimal(text: str) -> Fraction:
    return Fraction(text.replace(",", "").replace(" ", "").rstrip("."))
