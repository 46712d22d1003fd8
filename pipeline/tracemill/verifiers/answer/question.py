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
_CENTS = re.compile(r"¢|\\(?:text)?cent(?![A-Za-z])|\bcents?\b|\bpenn(?:y|ies)\b", re.IGNORECASE)
_IN_CENTS = re.compile(r"\b(?:how many|in|number of) (?:cents|pennies)\b", re.IGNORECASE)
_DOLLARS = re.compile(r"\bdollars?\b|\\\$\s?\d|\$\d+(?:\.\d\d)?(?=[\s,.?;]|$)", re.IGNORECASE)
_CHEMISTRY = re.compile(
    r"\b(?:chemi|formula|molecul|compound|substance|element|oxid|nitr|gas(?:es)?\b|ions?\b|reaction|symbol|product\b)",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"\b(?:yes|whether)\b|(?:^|[.?!:,]\s+|\n\s*)(?:is|are|was|were|do|does|did|can|could|will|would|has|have|should|must)\b",
    re.IGNORECASE,
)
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """`words`: its words in lower case. `asks_cents`: it names cents, and no dollars, or asks for cents in so many
    words. `of_chemistry`: it asks for a substance, and not for yes or no."""

    words: frozenset[str] = frozenset()
    asks_percent: bool = False
    asks_ratio: bool = False
    asks_base: bool = False
    asks_interval: bool = False
    asks_cents: bool = False
    of_chemistry: bool = False


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
        _CENTS.search(prompt) is not None and (not _DOLLARS.search(prompt) or _IN_CENTS.search(prompt) is not None),
        _CHEMISTRY.search(prompt) is not None and not _YES_OR_NO.search(prompt),
    )
