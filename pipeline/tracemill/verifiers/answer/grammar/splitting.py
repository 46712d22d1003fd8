"""Where a text divides outside of its brackets. French intervals `]a, b[` turn theirs outwards."""

from __future__ import annotations

import re

from tracemill.verifiers.answer.grammar.tokenizer import UnreadableAnswer

_BRACKET = re.compile(r"\\[{}]|[()\[\]{}]")
_FRENCH = re.compile(r"(?:^|(?<=\\cup)|(?<=\\in)|(?<=,))\s*[\](\[][^()\[\]{}]*[,;][^()\[\]]*[\[\])]")
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d]|,\d)")


def split_top(text: str, separator: re.Pattern[str], thousands: bool = True) -> list[str]:
    """`text` at the separators that stand in no brackets; with `thousands`, a comma within `1,234` is none.

    Raises:
        UnreadableAnswer: brackets that do not match.
    """
    depths = depths_of(text)
    grouped = _grouped(text, depths) if thousands else set()
    parts, last = [], 0
    for match in separator.finditer(text):
        if depths[match.start()] == 0 and match.start() not in grouped:
            parts.append(text[last : match.start()])
            last = match.end()
    parts.append(text[last:])
    return parts


def depths_of(text: str) -> list[int]:
    """For each character, in how many brackets it stands; a bracket itself stands outside of its own.

    Raises:
        UnreadableAnswer
    """
    french = [False] * (len(text) + 1)
    for interval in _FRENCH.finditer(text):
        for at in range(interval.start(), interval.end()):
            french[at] = True
    depths, depth, opened = [0] * (len(text) + 1), 0, False
    at = 0
    while at < len(text):
        match = _BRACKET.match(text, at)
        width = len(match[0]) if match else 2 if text[at] == "\\" and at + 1 < len(text) else 1
        if match:
            closes = match[0] in ")}" or match[0] in ("\\}",) or match[0] == "]"
            if match[0] in "[]" and french[at]:
                closes = opened
            if not closes:
                depths[at : at + width] = [depth] * width
                depth, opened = depth + 1, True
            else:
                depth, opened = depth - 1, depth - 1 > 0
                if depth < 0:
                    raise UnreadableAnswer("brackets that do not match")
                depths[at : at + width] = [depth] * width
        else:
            depths[at : at + width] = [depth] * width
        at += width
    if depth:
        raise UnreadableAnswer("brackets that do not match")
    return depths


def is_enclosed(text: str) -> bool:
    """Whether one pair of brackets stands around all of `text`."""
    opening = "\\{" if text.startswith("\\{") else text[:1]
    if opening not in ("(", "[", "]", "{", "\\{") or len(text) < 2 * len(opening):
        return False
    ending = "\\}" if text.endswith("\\}") else text[-1:]
    if ending not in (")", "]", "[", "}", "\\}"):
        return False
    inner = depths_of(text)[len(opening) : len(text) - len(ending)]
    return all(depth > 0 for depth in inner)


def halves(text: str) -> tuple[str, str, str]:
    """Opening bracket, inside, closing bracket of a text that is enclosed."""
    left = "\\{" if text.startswith("\\{") else text[0]
    right = "\\}" if text.endswith("\\}") else text[-1]
    return left, text[len(left) : len(text) - len(right)], right


def _grouped(text: str, depths: list[int]) -> set[int]:
    return {
        at
        for match in _THOUSANDS.finditer(text)
        if depths[match.start()] == 0
        for at in range(match.start(), match.end())
    }
