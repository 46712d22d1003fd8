r"""Reads numbers, choices, fields and literals as people and models write them.

A reader returns none for what it cannot read *as a whole*: `20+22`, `3 or 4`, `about 5`, `9**9**9**9` are no numbers.
Unit words after a number are tolerated and not compared; words that change its value (`thousand`, `percent`) are not.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

_NUMBER_CHARACTERS = 1500
_FIELDS_CHARACTERS = 20_000
_LITERAL_CHARACTERS = 50_000
_LITERAL_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Number:
    """A rational; `percent` where a percent sign follows it, which `value` leaves out.

    `scientific`: written as `6.02 \\times 10^{23}`, which is a number's notation, and a product left to do.
    """

    value: Fraction
    percent: bool
    scientific: bool = field(default=False, compare=False)


_PLAIN = re.compile(r"-?\d{1,18}")
_DECIMAL = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:\ \d{3})+|\d+)(?:\.\d*)?|\.\d+"
_NUMBER = re.compile(
    rf"""
    (?:[A-Za-z](?:_\w{{1,8}})?\ *=\ *)?
    (?P<sign>[-+]?)\ *(?:(?:US|CA|AU|NZ|HK)?\$|[€£¥₹₩₽])?\ *(?P<inner>[-+]?)
    (?: (?P<mixed>\d+\ *)?\\frac\ *(?:\{{\ *(?P<n>-?(?:{_DECIMAL}))\ *\}}|(?P<n1>\d))
        \ *(?:\{{\ *(?P<d>-?(?:{_DECIMAL}))\ *\}}|(?P<d1>\d))
      | (?P<whole>\d+)\ +(?P<over>\d+)/(?P<under>\d+)
      | (?P<number>{_DECIMAL})(?:[eE](?P<exponent>[-+]?\d{{1,3}})|\ */\ *(?P<divisor>{_DECIMAL}))?
      | (?P<leading>[1-9](?:\.\d*)?)\ *(?:\\times|\\cdot|[x×·*])\ *10\ *\^
        \ *(?:\{{(?P<power>[-+]?\d{{1,3}})\}}|(?P<power1>-?\d{{1,3}}))
    )
    \ *(?P<percent>%|[Pp]ercent\b)?\ *[$€£¥₹₩₽¢]?
    (?P<unit>(?:\ [^\W\d_][\w'’/²³-]*(?:\^\{{?[23]\}}?)?){{1,5}})?
    \ *\.?
    """,
    re.VERBOSE,
)
_NO_UNIT = re.compile(
    r"(?:tens?|dozens?|score|gross|hundreds?|thousands?|lakhs?|crores?|myriads?|[mbtrquadinsex]{1,7}ill(?:ion|iard)s?|zillions?"
    r"|bn|mn|mio|mrd|per ?cents?|percentage|pct|mille|basis|e[-+]?\d+"
    r"|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hal(?:f|ves)|thirds?|quarters?|(?:four|fif|six|seven|eigh|nin|ten|eleven"
    r"|twelf|(?:twen|thir|for|fif|six|seven|eigh|nine)tie|hundred|thousand|[mbtr]{1,2}illion)ths?"
    r"|or|and|to|times|plus|minus|squared|cubed|factorial|mod|modulo|over"
    r"|choose|is|isn['’]t|not|no|nope|nor|wrong|incorrect|false|except|otherwise|instead|rather|below|but|if|unless"
    r"|maybe|perhaps|possibly|probably|about|approximately|approx|roughly|around|almost|nearly|either|than|more|less|fewer|pi)",
    re.IGNORECASE,
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
_WRAPPERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("__", "__"), ("`", "`"))


_FENCE = re.compile(r"```[ \t]*\w{0,20}[ \t]*\n(.*)\n[ \t]*```", re.DOTALL)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_VULGAR = re.compile("[¼-¾⅐-⅞]")


def unwrap(text: str) -> str:
    """`text` without surrounding blanks, mathematics delimiters, emphasis and marks of code."""
    text = text.strip()
    fenced = _FENCE.fullmatch(text)
    if fenced and "```" not in fenced[1]:
        text = fenced[1].strip()
    changed = True
    while changed:
        changed = False
        for left, right in _WRAPPERS:
            inner = text[len(left) : -len(right)]
            if text.startswith(left) and text.endswith(right) and inner and left not in inner and right not in inner:
                text, changed = inner.strip(), True
    # `**Answer: 42**`: the opening mark stands before the answer.
    if text.endswith("**") and text.count("**") == 1:
        text = text[:-2].rstrip()
    return text


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


def read_number(text: str) -> Number | None:
    """The number that `text` is: `-3`, `$1,234.50`, `1 234`, `3/4`, `\\frac{3}{4}`, `75\\%`, `42 apples.`"""
    if _PLAIN.fullmatch(text):
        return Number(Fraction(int(text)), False)
    if len(text) > _NUMBER_CHARACTERS:
        return None
    text = plain(text)
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    match = _NUMBER.fullmatch(text)
    if not match or (match["sign"] and match["inner"]) or not is_unit(match["unit"]):
        return None
    try:
        value = _value(match)
    except ZeroDivisionError:
        return None
    if value is None:
        return None
    negative = "-" in (match["sign"], match["inner"])
    return Number(-value if negative else value, match["percent"] is not None, match["leading"] is not None)


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


def is_unit(unit: str | None) -> bool:
    """Whether the words after a number leave its value alone; `k` and `x` are no units, `m` is."""
    if not unit:
        return True
    words = unit.split()
    return not any(_NO_UNIT.fullmatch(word) or (len(word) == 1 and word not in _LETTER_UNITS) for word in words)


def read_choice(text: str, choices: Mapping[str, str]) -> str | None:
    """The key of the choice that `text` names: by key (`B`, `(B)`, `option B`), by wording, by both if they agree."""
    text = plain(text)
    return _chosen(text, choices) or _chosen(_OPTION.sub("", text), choices)


_OPTION = re.compile(r"^(?:option|choice) +(?=\S)", re.IGNORECASE)


def _chosen(text: str, choices: Mapping[str, str]) -> str | None:
    named = _key(text.rstrip(".").strip("() "), choices)
    if named:
        return named
    worded = [key for key, wording in choices.items() if _same_words(text, wording)]
    if len(worded) == 1:
        return worded[0]
    match = re.fullmatch(r"\(?([^\s().:]{1,20})(?:\)|[.:])+\s*(.+)", text, re.DOTALL)
    key = _key(match[1], choices) if match else None
    return key if match and key and _same_words(match[2], choices[key]) else None


def _key(text: str, choices: Mapping[str, str]) -> str | None:
    if text in choices:
        return text
    folded = [key for key in choices if key.casefold() == text.casefold()]
    return folded[0] if len(folded) == 1 else None


def _same_words(text: str, wording: str) -> bool:
    return " ".join(text.rstrip(".").casefold().split()) == " ".join(wording.rstrip(".").casefold().split())


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
    return type(value).__name__, value
