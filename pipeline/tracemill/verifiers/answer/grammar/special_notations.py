r"""Readers of notations that are neither sums nor products: times, ratios, numbers in a base, words, known sets."""

from __future__ import annotations

import re

from tracemill.verifiers.answer.grammar.expression_tree import Expression, parse_expression
from tracemill.verifiers.answer.grammar.kinds_of_reading import (
    Based,
    Clock,
    Infinity,
    Items,
    PlainWords,
    Ratio,
    Reading,
    RealInterval,
)
from tracemill.verifiers.answer.grammar.tokenizer import UnreadableAnswer, tokens_of

MOST_WORDS = 6
_HALF = r"(?:\\text\{)?\s*(?P<half>[ap])\.?\s?m\.?\s*\}?"
_CLOCK = re.compile(rf"(?P<h>\d{{1,2}}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?\s*(?:{_HALF})?", re.IGNORECASE)
_HOUR = re.compile(rf"(?P<h>\d{{1,2}})\s*(?:{_HALF})", re.IGNORECASE)
_BASED = re.compile(
    r"\(?(?P<digits>[0-9][0-9A-Z]*|[A-F][0-9A-F]+)\)?\s?(?:_\s?\{?(?:\\text\{)?(?P<base>\d{1,2}|[a-z]{3,7})\}?\}?"
    r"|\s?\(?(?:\\text\{)?\(?base\s?\}?(?P<named>\d{1,2})\)?\}?\)?)"
)
_ISO_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
# `01/02/2024`, `1st`, `C_5^2`.
_UNCLEAR = re.compile(
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}(?!\d)"
    r"|(?<![\w\\])\d+(?:st|nd|rd|th)(?!\w)"
    r"|(?<![\w\\])[CAP]_\{?\d+\}?\s*\^\s*\{?\d"
)
_BASES = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "sixteen": 16,
}
_WORDS = re.compile(r"[^\W\d_]+(?:['’ -][^\W\d_]+)*")
_REALS = frozenset(
    {"all real numbers", "all reals", "the real numbers", "real numbers", "the reals", "any real number"}
)
_NOTHING = frozenset(
    {"no solution", "no solutions", "no real solution", "no real solutions", "empty set", "the empty set", "none"}
)
REALS = RealInterval(Infinity(negative=True), Infinity(), False, False)
EMPTY = Items("{}", ())


def read_notation(text: str) -> Reading | None:
    """What `text` (in one spelling) is as a whole; none where it is in none of these notations.

    Raises:
        UnreadableAnswer: it is in one of them, and makes no sense there.
    """
    if _ISO_DATE.fullmatch(text):
        return PlainWords(text)
    if _UNCLEAR.search(text):
        raise UnreadableAnswer("a date whose order is not known, an ordinal, or combinations by a letter")
    clock = _CLOCK.fullmatch(text) or _HOUR.fullmatch(text)
    if clock and _is_time(clock):
        return _clock(clock)
    based = _BASED.fullmatch(text)
    if based:
        return _based(based)
    if ":" in text and not re.search(r"[|{,=<>]", text):
        return Ratio(tuple(parse_expression(tokens_of(part)) for part in text.split(":")))
    return _named_set(text)


def _named_set(text: str) -> Reading | None:
    bare = re.sub(r"^(?:[A-Za-z]\s*\\in\s*)?", "", text)
    if re.fullmatch(r"\\mathbb\s*\{?R\}?", bare) or bare.lower() in _REALS:
        return REALS
    if text == "\\emptyset" or text.lower() in _NOTHING or re.fullmatch(r"\\\{\s*\\\}", text):
        return EMPTY
    return None


def read_words(text: str) -> PlainWords | None:
    """Plain words, of which a single short one may be a product of letters too."""
    if not _WORDS.fullmatch(text) or len(text) < 2 or len(text.split()) > MOST_WORDS:
        return None
    product: Expression | None = None
    try:
        product = parse_expression(tokens_of(text))
    except UnreadableAnswer:
        product = None
    written = " ".join(text.replace("’", "'").split())
    return PlainWords(written.lower(), product, written)


def _is_time(match: re.Match[str]) -> bool:
    return int(match["h"]) <= (12 if match["half"] else 24)


def _clock(match: re.Match[str]) -> Clock:
    parts = tuple(int(part) for part in (match["h"], match.groupdict().get("m"), match.groupdict().get("s")) if part)
    hours, minutes, seconds = (*parts, 0, 0)[:3]
    half = f"{match['half'].lower()}m" if match["half"] else ""
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    return Clock(hours * 3600 + minutes * 60 + seconds, half, parts)  # type: ignore[arg-type]


def _based(match: re.Match[str]) -> Based:
    word = match["base"] or match["named"]
    base = int(word) if word.isdigit() else _BASES.get(word, 0)
    try:
        int(match["digits"], base if 2 <= base <= 36 else 2)
    except ValueError as exc:
        raise UnreadableAnswer("digits that are not of the base") from exc
    if not 2 <= base <= 36:
        raise UnreadableAnswer("no base of a number")
    return Based(match["digits"].lstrip("0") or "0", base)
