"""What a question asks for, as far as that decides between two senses of an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]{2,}")
_PERCENT = re.compile(r"\bper ?cent(?:age)?s?\b|\bwhat (?:\\)?%|\b(?:as a|in) %", re.IGNORECASE)
_RATIO = re.compile(r"\bratios?\b|\bodds\b|\bproportions?\b", re.IGNORECASE)
_BASE = re.compile(
    r"\bbase[- ]?(?:\$?\d|two|three|four|five|six|seven|eight|nine|b\b)|_\{?\d|\bbinary\b|\bhexadecimal\b",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"\bintervals?\b|\bdomain\b|\brange\b|\binequalit", re.IGNORECASE)
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """`words`: its words in lower case."""

    words: frozenset[str] = frozenset()
    asks_percent: bool = False
    asks_ratio: bool = False
    asks_base: bool = False
    asks_interval: bool = False


@lru_cache(maxsize=256)
def question_of(prompt: str) -> Question:
    """What `prompt` asks for. "What percentage of them …?" makes 20 and 20% the same."""
    prompt = prompt[-_LONGEST:]
    return Question(
        frozenset(_WORD.findall(prompt.lower())),
        _PERCENT.search(prompt) is not None,
        _RATIO.search(prompt) is not None,
        _BASE.search(prompt) is not None,
        _INTERVAL.search(prompt) is not None,
    )
