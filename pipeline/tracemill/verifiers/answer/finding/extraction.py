r"""Finds where a solution states its final answer.

Seven rules, and every statement that they find counts, so that an answer cannot be hidden among others:

    boxed   `\boxed{…}` with balanced braces, or `\boxed 12`; one that is never closed counts as unreadable
    tag     `<answer>…</answer>`
    line    a line `Answer: …`, `My final answer: …`, `Answer - …` or `A: …`
    hash    a line `#### …`; where it is not the last line of the text it may be a heading, and is weak
    heading what follows a line `### Answer`, `**Final answer**` or `Answer`; weak
    prose   `The answer is ….`, `The correct option is ….` or `… final answer: ….`, up to the end of the sentence; weak

    bare    all of a short reply, the one bold or the one formula of the last line, a number alone in it, what the last
            sentence says that something is; weak, and looked for only where no other rule found anything

A config may add a rule of its own:

    pattern what a regular expression matches (`Ergebnis: (.+)`), its first group if it has one

A line and prose end where the answer gives way to its reason: `42 because …`.

A strong statement (boxed, tag, line, closing hash) that cannot be read spoils the answer; a weak one does so only where
there is no strong one. What contains a box only introduces the box, as does a tag a line; an empty box is none. What
the statements say, and whether they agree, is for the form of the answer to tell (`forms/`); what stands
beside a box in the same mathematics, `span.py`.

Hostile texts cost time that grows with their length alone: no list here grows past `MOST`, no search looks far back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

Rule = Literal["boxed", "tag", "line", "hash", "heading", "prose", "bare", "pattern"]

MOST = 100
"""A text with more statements than this states nothing."""


@dataclass(frozen=True, slots=True)
class StatedAnswer:
    """A final answer as it is stated: which rule found it, where that begins and ends, and the span of its text."""

    rule: Rule
    begin: int
    stop: int
    start: int
    end: int
    text: str
    strong: bool = True
    closed: bool = True


_BOX = re.compile(
    r"\\(?:f?box(?:ed)?|framebox)\s*(?P<brace>\{)|\\(?:boxed|fbox)\s+(?P<token>-?\d+(?:[.,/]\d+)*|[A-Za-z](?![A-Za-z]))"
)
_EMPTY = re.compile(
    r"(?:\s|\.|…|\?|_|~|\\[lc]?dots|\\q?quad|\\[,;:! ]|\\(?:text|mbox|mathrm)\s*\{[\s?.]*\}"
    r"|\\[hv]?(?:phantom|space)\*?\s*\{[^{}]*\}|\\(?:square|Box)(?![A-Za-z])|\\underline\s*\{\s*\})*"
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
# Two patterns each, because a pattern that begins with a letter is searched ten times as fast as one with a choice.
_COLON = r"[ \t]{0,3}[*_]{0,3}[ \t]{0,3}(?:[:=]|[ ][-–—](?=[ ]))[ \t]*(?:\*\*|__)?[ \t]*"
_MARKS = (
    re.compile(rf"A(?:(?P<word>nswer|NSWER){_COLON}|{_COLON.replace('[:=]', ':')})"),
    re.compile(rf"answe(?P<word>r){_COLON}"),
)
_MARK_BEFORE = re.compile(
    r"[ \t>#*_-]{0,10}(?i:(?:(?:so|thus|therefore|hence|then),? )?(?:the |my |our )?(?:final |correct )?)"
)
_HEAD_CHARACTERS = 40
_OTHER_CHOICE = re.compile(r"^[ \t>*_-]{0,10}B[ \t]{0,3}:", re.MULTILINE)
_HASH = re.compile(r"^[ \t]{0,3}####[ \t]+", re.MULTILINE)
_TAG = re.compile(r"<answer>(?=(?P<text>[^<]*(?:<(?!/?answer>)[^<]*)*))")
_HEADING = re.compile(
    # Without marks only as a heading is written: a line of wrapped prose may be `the answer`.
    r"^[ \t]{0,3}(?:(?:#{1,6}[ \t]{1,3}(?:\*\*)?|\*\*|__)(?i:(?:the )?(?:final )?answer)(?:\*\*|__)?"
    r"|(?:Final [Aa]nswer|FINAL ANSWER|Answer|ANSWER))[ \t]*\n",
    re.MULTILINE,
)
_IS = r"[ \t]+(?:is|IS|equals|=)(?![\w'’])[ \t]*:?\s?[ \t]*"
_PROSE = (
    re.compile(rf"A(?:nswer|NSWER){_IS}"),
    re.compile(rf"answer{_IS}"),
    re.compile(rf"orrect (?:option|choice){_IS}"),
    re.compile(rf"inal (?:option|choice){_IS}"),
    re.compile(r"inal [Aa]nswer[*_]{0,3}[ \t]{0,3}:[ \t]*(?:\*\*|__)?[ \t]*"),
)
_IS_CORRECT = re.compile(
    r"(?:[Oo]ption|[Cc]hoice|[Aa]nswer) (?P<key>[(\[]?[A-Za-z0-9]{1,3}[)\]]?) is (?:the )?(?:correct|right)\b"
)
_REASON_CHARACTERS = 2_000
_REASON = re.compile(
    r",? (?:because|since) | \(?(?:I )?[Hh]ope (?:this|that|it) helps\b"
    r"|, as (?:required|desired|expected|claimed|shown|asked)\b"
)
SENTENCE_END = re.compile(r"[.!](?=[\s\"'*)]|$|</)|\?|\n|</answer>")
_OPENING_CHARACTERS = 16
_END_TOKENS = re.compile(
    r"(?:\s*(?:<\|[^|<>\s]{1,40}\|>|</?s>|<eos>|<end_of_turn>|\[/?INST\]|<\uff5c[^<>]{1,40}\uff5c>))+\s*$"
)
_NEAR_END = 1_000
_SHORT = 200
_BOLD = re.compile(r"(?<!\*)\*\*(?P<text>[^*\n]+)\*\*(?!\*)")
_ALONE = re.compile(r"\s*(?P<text>\$[^$\n]+\$|\$\$[^$\n]+\$\$|\\\[[^\n]+\\\]|\\\([^\n]+\\\))[.\s]*")
_NUMBER_ALONE = re.compile(r"\s*(?P<text>[-+−]?\$?\d[\d,]*(?:\.\d+)?(?:/\d+)?\s?%?)\.?\s*")
_LAST_IS = re.compile(
    r"(?:^|[\s$])(?:is|are|equals|=|have|has|costs?|be|comes to|amounts to)\s+"
    r"(?P<text>[^.!?\s](?:[^.!?]|\.(?=\d))*?)[.!]?\s*$"
)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")


def find_statements(text: str, *, multiline: bool, letter: bool) -> list[StatedAnswer]:
    """Every statement of a final answer in `text`, in order.

    `multiline`: the answer after the last `Answer:` runs to the end of the text, after an earlier one to the end of
    its paragraph; otherwise to the end of the line. `letter`: whether a line `A: …` is an answer; a text that has a
    line `B: …` too lists choices.
    """
    boxes = _some(one for one in _boxes(text) if not _EMPTY.fullmatch(one.text))
    marked = (*_lines(text, multiline, letter), *_some(_hashes(text)), *_some(_headings(text, multiline)))
    others = _some(one for one in marked if one.text)
    tags = _some(one for one in _tags(text) if one.text)
    others += [tag for tag in tags if not any(tag.start <= one.begin < tag.end for one in others)]
    found = _some(_prose(text))
    # "Answer: The final answer is 12. I hope it is correct." states 12.
    others = [one for one in others if not (one.rule in ("line", "tag") and any(_opens(one, inner) for inner in found))]
    prose = [one for one in found if not any(o.start <= one.start <= o.end for o in others)]
    alone = [one for one in (*others, *prose) if not any(one.start <= box.start < one.end for box in boxes)]
    if max(len(boxes), len(others), len(prose)) > MOST:
        alone = [*others, *prose]
    return sorted([*boxes, *alone], key=lambda one: one.start)


def _opens(line: StatedAnswer, inner: StatedAnswer) -> bool:
    return inner.begin - line.start <= _OPENING_CHARACTERS and line.start <= inner.begin < line.end


def with_pattern(found: Sequence[StatedAnswer], text: str, pattern: str) -> list[StatedAnswer]:
    """The statements `found` and those that the pattern of a config finds, in order. What contains a box only
    introduces it."""
    boxes = [one for one in found if one.rule == "boxed"]
    more = (one for one in _matches(text, pattern) if one.text)
    alone = (one for one in more if not any(one.start <= box.start < one.end for box in boxes))
    return sorted([*found, *_some(alone)], key=lambda one: one.start)


def _matches(text: str, pattern: str) -> Iterator[StatedAnswer]:
    for match in re.finditer(pattern, text):
        group = 1 if match.re.groups and match[1] is not None else 0
        value = match[group].strip()
        start = match.start(group) + len(match[group]) - len(match[group].lstrip())
        yield StatedAnswer("pattern", match.start(), match.end(), start, start + len(value), value)


def without_end_tokens(text: str) -> str:
    """`text` without the special tokens of a chat template at its end: `12<|im_end|>`."""
    match = _END_TOKENS.search(text, max(0, len(text) - _NEAR_END))
    return text[: match.start()] if match else text


def find_bare(text: str) -> list[StatedAnswer]:
    """The answer of a text that announces none: all of a short reply, what its last line has in bold or as a formula,
    or what its last sentence says that something is ("The area is 12."). Weak, and to be believed only if it reads."""
    end = len(text.rstrip())
    start = max(text.rfind("\n", 0, end) + 1, end - _NEAR_END)
    line = text[start:end]
    found = []
    if not text[:start].strip() and len(line) <= _SHORT:
        found.append(StatedAnswer("bare", 0, end, end - len(line.lstrip()), end, line.strip(), strong=False))
    bold = list(_BOLD.finditer(line))
    match = bold[0] if len(bold) == 1 else _ALONE.fullmatch(line) or _last_number(text, start, line)
    match = match or _LAST_IS.search(line)
    if match is not None:
        at, stop = start + match.start("text"), start + match.end("text")
        found.append(StatedAnswer("bare", start + match.start(), stop, at, stop, match["text"].strip(), strong=False))
    return found


def _last_number(text: str, start: int, line: str) -> re.Match[str] | None:
    """The number alone in the last line, unless the line before is one too: the last of a list is no answer."""
    match = _NUMBER_ALONE.fullmatch(line)
    before = text[max(0, start - _SHORT) : start].rstrip().rpartition("\n")[2] if match else ""
    return None if match and _NUMBER_ALONE.fullmatch(before) else match


def last_box(text: str) -> str | None:
    r"""What stands in the last `\boxed{…}` that is closed and not empty: the answer of a solution as data sets have
    it."""
    found = [one for one in _boxes(text) if one.closed and not _EMPTY.fullmatch(one.text)]
    return found[-1].text.strip() if found else None


def _some(statements: Iterable[StatedAnswer]) -> list[StatedAnswer]:
    return list(islice(statements, MOST + 1))


def _boxes(text: str) -> Iterator[StatedAnswer]:
    """The outermost boxes. One pass over the braces: many nested boxes cost no more than one."""
    at = 0
    while box := _BOX.search(text, at):
        if not box["brace"]:
            yield StatedAnswer("boxed", box.start(), box.end(), box.start("token"), box.end(), box["token"])
            at = box.end()
            continue
        depth = 1
        for brace in _BRACE.finditer(text, box.end()):
            if brace[0] in "{}":
                depth += 1 if brace[0] == "{" else -1
                if not depth:
                    value = text[box.end() : brace.start()]
                    yield StatedAnswer("boxed", box.start(), brace.end(), box.end(), brace.start(), value)
                    at = brace.end()
                    break
        else:
            yield StatedAnswer("boxed", box.start(), len(text), box.end(), len(text), text[box.end() :], closed=False)
            return


def _lines(text: str, multiline: bool, letter: bool) -> Iterator[StatedAnswer]:
    marks = (match for mark in _MARKS for match in mark.finditer(text))
    found = list(islice((match for match in marks if (letter or match["word"]) and _heads(text, match)), 2 * MOST))
    if any(not match["word"] for match in found) and _OTHER_CHOICE.search(text):
        found = [match for match in found if match["word"]]
    found.sort(key=lambda match: match.start())
    for match in found:
        if multiline and match is found[-1]:
            end = len(text)
        elif multiline:
            blank = _PARAGRAPH_END.search(text, match.end())
            end = blank.start() if blank else len(text)
        else:
            start = _skip_blank(text, match.end())
            end = _reason(text, start, _line_end(text, start))
        yield _statement("line", text, match, end)


def _heads(text: str, match: re.Match[str]) -> bool:
    """Whether the mark begins its line."""
    near = max(0, match.start() - _HEAD_CHARACTERS)
    begin = text.rfind("\n", near, match.start()) + 1
    return (begin > 0 or near == 0) and _MARK_BEFORE.fullmatch(text, begin, match.start()) is not None


def _hashes(text: str) -> Iterator[StatedAnswer]:
    if "####" not in text:
        return
    length = len(text.rstrip())
    for match in _HASH.finditer(text):
        end = _line_end(text, match.end())
        yield _statement("hash", text, match, end, strong=end >= length)


def _tags(text: str) -> Iterator[StatedAnswer]:
    for match in _TAG.finditer(text):
        yield _statement("tag", text, match, match.end("text"))


def _headings(text: str, multiline: bool) -> Iterator[StatedAnswer]:
    for match in _HEADING.finditer(text):
        end = len(text) if multiline else _line_end(text, _skip_blank(text, match.end()))
        yield _statement("heading", text, match, end, strong=False)


def _prose(text: str) -> Iterator[StatedAnswer]:
    for match in _IS_CORRECT.finditer(text):
        key = match["key"]
        yield StatedAnswer("prose", match.start(), match.end(), match.start("key"), match.end("key"), key, strong=False)
    for match in (match for pattern in _PROSE for match in pattern.finditer(text)):
        stop = SENTENCE_END.search(text, match.end())
        # A question states nothing: its mark stays in the text and makes it unreadable.
        end = len(text) if not stop else stop.end() if stop[0] == "?" else stop.start()
        end = _reason(text, match.end(), end)
        yield _statement("prose", text, match, end, strong=False)


def _reason(text: str, start: int, end: int) -> int:
    """Where the answer gives way to its reason, or its end."""
    found = _REASON.search(text, start, min(end, start + _REASON_CHARACTERS))
    return found.start() if found else end


def _statement(rule: Rule, text: str, mark: re.Match[str], end: int, strong: bool = True) -> StatedAnswer:
    value = text[mark.end() : end]
    start = mark.end() + len(value) - len(value.lstrip())
    value = value.strip()
    return StatedAnswer(rule, mark.start(), start + len(value), start, start + len(value), value, strong)


def _skip_blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
