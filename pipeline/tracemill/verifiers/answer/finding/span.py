r"""The whole of the mathematics around a box: neither `-\boxed{42}` nor `\frac{\boxed{42}}{2}` is 42.

What leads to the box ends at an equals sign, an arrow or a comma; what follows it, there too or where prose goes on.
"""

from __future__ import annotations

import re

from tracemill.verifiers.answer.finding.extraction import StatedAnswer

_NEAR = 300
_PAIRS = (("\\(", "\\)"), ("\\[", "\\]"), ("\\begin{", "\\end{"))
_SEPARATOR = re.compile(
    r"(?<![<>!\\])=|≈|⇒|→|\\(?:implies|Rightarrow|rightarrow|Longrightarrow|to|therefore|iff|approx|simeq|q?quad|in|because)"
    r"(?![A-Za-z])|</?[A-Za-z][\w-]*/?>|\\\\|&|\n|:|,(?!\d{3})|;|\\text\w*\s*\{[^{}]*\}|\\(?:begin|end)\s*\{[^{}]*\}|\\tag\s*\{[^{}]*\}|\.(?=\s|$)|\|\|"
)
_UNIT_TEXT = re.compile(r"\s*\\text\w*\s*\{\s*(?P<words>[^{}]*)\}")
_RUN_BEFORE = re.compile(r"(?:\\[A-Za-z]+|[-+*/^_{}()<>=≤≥\d.−]|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|\s)*$")
_TOUCHES = re.compile(
    r"[-+*/^_{(<>≤≥}\w−]$|[\w)}]\s*[-+*/<>≤≥^]\s+$|\\(?:times|cdot|div|leq?|geq?|pm|neq?|sqrt|frac|log|ln)\s*$"
)
_RUN_AFTER = re.compile(
    r"(?:\s*(?:\\(?:times|cdot|div|%|frac|sqrt|pi|circ)|[%^_]|!(?=\s*[\\^*/])|[-+*/<>](?=\s*(?:\d|\\[a-z(]|\())|\{[^{}]*\}|[)}\]])"
    r"(?:\s*(?:\d+(?:\.\d+)?|\\[a-z]+))*)*"
)
_SCALE = re.compile(
    r"[\s$*)\]\\]*\b"
    r"(?P<word>hundred|thousand|million|billion|trillion|per ?cent|percent|pct|dozen|pairs?|lakh|crore)s?\b",
    re.IGNORECASE,
)
# `<answer>\\boxed{42}</answer>`
_MARKUP = re.compile(r"</?[A-Za-z][\w-]*/?>")
_SIMPLE = re.compile(r"[\w.,\\$% ]+|-?\d+(?:\.\d+)?")


def in_span(text: str, box: StatedAnswer) -> str:
    """The expression that the box is part of, without its braces; its text alone where nothing stands beside it."""
    before, after, delimited = _around(text, box)
    if not delimited:
        before, after = _MARKUP.split(before)[-1], _MARKUP.split(after)[0]
        run = _RUN_BEFORE.search(before)
        before = run[0] if run and _TOUCHES.search(run[0]) else ""
        following = _RUN_AFTER.match(after)
        after = following[0] if following else ""
    head, tail = _head(before), _tail(after)
    scale = _SCALE.match(text, box.stop + len(after) if delimited else box.stop)
    scaled = f" \\text{{ {scale['word']} }}" if scale else ""
    if not (head.strip() or tail.strip() or scaled):
        return box.text
    inner = box.text if _SIMPLE.fullmatch(box.text) else f"({box.text})"
    whole = f"{head}{inner}{tail}{scaled}".strip()
    return whole if _balanced(whole) else box.text


def _around(text: str, box: StatedAnswer) -> tuple[str, str, bool]:
    """What stands before and after the box in the same mathematics, and whether delimiters say where that begins."""
    begin, stop = max(0, box.begin - _NEAR), box.stop + _NEAR
    before, after = text[begin : box.begin], text[box.stop : stop]
    blank = before.rfind("\n\n")
    before = before[blank + 2 :] if blank >= 0 else before
    after = after.partition("\n\n")[0]
    dollars = [match.end() for match in re.finditer(r"(?<!\\)\$+", before)]
    if len(dollars) % 2:
        end = re.search(r"(?<!\\)\$", after)
        if end:
            return before[dollars[-1] :], after[: end.start()], True
    for left, right in _PAIRS:
        opened, closed = before.rfind(left), after.find(right)
        if opened > before.rfind(right) and closed >= 0:
            return before[opened + len(left) :], after[:closed], True
    line = before.rfind("\n")
    last = dollars[-1] if dollars else 0
    return before[max(line + 1, last) :].removesuffix("**"), after.partition("\n")[0].removeprefix("**"), False


def _head(before: str) -> str:
    """What follows the last separator that stands in no brackets around the box."""
    start = 0
    for match in _SEPARATOR.finditer(before):
        if _depth(before[: match.start()]) == 0 or _depth(before[match.end() :]) == 0:
            start = match.end()
    return before[start:].lstrip()


def _tail(after: str) -> str:
    unit = _UNIT_TEXT.match(after)
    kept = unit[0] if unit else ""
    rest = after[len(kept) :]
    for match in _SEPARATOR.finditer(rest):
        if _depth(rest[: match.start()]) <= 0:
            rest = rest[: match.start()]
            break
    return kept + rest.rstrip()


def _depth(text: str) -> int:
    return sum(text.count(mark) for mark in "{([") - sum(text.count(mark) for mark in "})]")


def _balanced(text: str) -> bool:
    return (
        all(text.count(left) == text.count(right) for left, right in ("{}", "()", "[]")) or "[" in text or "]" in text
    )
