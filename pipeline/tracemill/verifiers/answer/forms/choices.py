"""Reads which of several choices a text names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tracemill.verifiers.answer.grammar.numbers import plain

SEVERAL = ""
"""What a text names that names more than one choice, or one by its key and another by its wording."""

_OPTION = re.compile(
    r"^(?:(?:is )?(?:for sure|definitely|certainly|clearly|surely)[ ,]+)?(?:the )?(?:option|choice|letter) +(?=\S)|"
    r"^(?:(?:is )?(?:for sure|definitely|certainly|clearly|surely)[ ,]+)",
    re.IGNORECASE,
)
_KEYED = re.compile(
    r"[(\[]?(?P<key>[^\s()\[\].:,]{1,20})(?P<mark>[)\].:,–—-]+|\s+[–—-]+(?=\s)|(?= is\b)|(?= \())\s*(?P<rest>.*)",
    re.DOTALL,
)
_EXCLUDED = re.compile(
    r"\b(?:not|rather than|instead of|nor|cannot be|can['’]?t be|isn['’]t)(?: (?:option|choice))? +"
    r"[(\[]?\w{1,3}[)\]]?(?:(?:,| or| and| nor)+ +[(\[]?[A-Z]\b[)\]]?)*"
)

_TAKEN_BACK = re.compile(
    r"\b(?:wrong|incorrect|false|untrue|impossible|eliminated|excluded|ruled out|mistaken)\b"
    r"(?! *(?:answers?|options?|choices?)\b)"
    r"|\b(?:not|n['’]t|never)\b.{0,20}\b(?:right|correct|true|possible|answer)\b",
    re.IGNORECASE,
)


def read_choice(text: str, choices: Mapping[str, str]) -> str | None:
    """The key of the choice that `text` names: by key (`B`, `(B)`, `option B`), by wording, by both if they agree.

    `D, not B` names D. `SEVERAL` where it names more than one; none where it names none.
    """
    text = plain(text)
    taken_back = _TAKEN_BACK.search(text) is not None
    return (
        _chosen(text, choices, taken_back)
        or _chosen(_OPTION.sub("", text), choices, taken_back)
        or _several(text, choices)
    )


def _chosen(text: str, choices: Mapping[str, str], taken_back: bool) -> str | None:
    """`taken_back`: the text says of something that it is wrong, so a key counts alone or with its wording."""
    named = _key(text.rstrip(".").strip("()[] "), choices)
    if named:
        return named
    worded = _worded(text, choices)
    if len(worded) == 1:
        return worded[0]
    match = _KEYED.fullmatch(text)
    key = _key(match["key"], choices) if match else None
    if not match or not key or worded:
        return None
    rest = match["rest"].strip("() ")
    named_by_rest = _worded(rest, choices)
    if named_by_rest:
        return key if key in named_by_rest else None
    # Words of its own are an explanation, unless they name another choice, or take this one back.
    return None if taken_back or _others(_EXCLUDED.sub("", rest), key, choices) else key


def _several(text: str, choices: Mapping[str, str]) -> str | None:
    named = {key for key in choices if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text)}
    return SEVERAL if len(named.union(_worded(text, choices))) > 1 or named else None


def _others(text: str, key: str, choices: Mapping[str, str]) -> bool:
    return any(other != key and re.search(rf"(?<!\w){re.escape(other)}(?!\w)", text) for other in choices)


def _worded(text: str, choices: Mapping[str, str]) -> list[str]:
    return [key for key, wording in choices.items() if _same_words(text, wording)]


def _key(text: str, choices: Mapping[str, str]) -> str | None:
    if text in choices:
        return text
    folded = [key for key in choices if key.casefold() == text.casefold()]
    return folded[0] if len(folded) == 1 else None


def _same_words(text: str, wording: str) -> bool:
    return " ".join(text.rstrip(".").casefold().split()) == " ".join(wording.rstrip(".").casefold().split())
