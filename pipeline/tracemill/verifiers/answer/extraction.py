r"""Finds where a solution states its final answer.

Six rules, and every statement that they find counts, so that an answer cannot be hidden among others:

    boxed   `\boxed{…}` with balanced braces; one that is never closed counts as unreadable
    tag     `<answer>…</answer>`
    line    a line `Answer: …`, `My final answer: …` or `A: …`
    hash    a line `#### …`; where it is not the last line of the text it may be a heading, and is weak
    heading what follows a line `### Answer` or `**Final answer**`; weak
    prose   `The answer is ….`, `The correct option is ….` or `… final answer: ….`, up to the end of the sentence; weak

A line and prose end where the answer gives way to its reason: `42 because …`.

A strong statement (boxed, tag, line, closing hash) that cannot be read spoils the answer; a weak one does so only where
there is no strong one. What contains a box only introduces the box, as does a tag a line; an empty box is none. What
the statements say, and whether they agree, is for the form of the answer to tell (`answer_forms.py`).

Hostile texts cost time that grows with their length alone: no list here grows past `MOST`, no search looks far back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

Rule = Literal["boxed", "tag", "line", "hash", "heading", "prose"]

MOST = 100
"""A text with more statements than this states nothing."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A final answer as it is stated: which rule found it, where that begins and ends, and the span of its text."""

    rule: Rule
    begin: int
    stop: int
    start: int
    end: int
    text: str
    strong: bool = True
    closed: bool = True


_BOX = re.compile(r"\\f?box(?:ed)?\s*\{")
_EMPTY = re.compile(r"(?:\s|\.|…|\\[lc]?dots)*")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
# Two patterns each, because a pattern that begins with a letter is searched ten times as fast as one with a choice.
_COLON = r"[ \t]{0,3}[*_]{0,3}[ \t]{0,3}[:=][ \t]*(?:\*\*|__)?[ \t]*"
_MARKS = (re.compile(rf"A(?P<word>nswer|NSWER)?{_COLON}"), re.compile(rf"answe(?P<word>r){_COLON}"))
_MARK_BEFORE = re.compile(
    r"[ \t>#*_-]{0,10}(?i:(?:(?:so|thus|therefore|hence|then),? )?(?:the |my |our )?(?:final |correct )?)"
)
_HEAD_CHARACTERS = 40
_OTHER_CHOICE = re.compile(r"^[ \t>*_-]{0,10}B[ \t]{0,3}:", re.MULTILINE)
_HASH = re.compile(r"^[ \t]{0,3}####[ \t]+", re.MULTILINE)
_TAG = re.compile(r"<answer>(?=(?P<text>[^<]*(?:<(?!/?answer>)[^<]*)*))")
_HEADING = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]{1,3}(?:\*\*)?|\*\*|__)(?i:(?:the )?(?:final )?answer)(?:\*\*|__)?[ \t]*\n", re.MULTILINE
)
_IS = r"[ \t]+(?:is|IS|equals|=)(?![\w'’])[ \t]*:?\s?[ \t]*"
_PROSE = (
    re.compile(rf"A(?:nswer|NSWER){_IS}"),
    re.compile(rf"answer{_IS}"),
    re.compile(rf"orrect (?:option|choice){_IS}"),
    re.compile(r"inal [Aa]nswer[*_]{0,3}[ \t]{0,3}:[ \t]*(?:\*\*|__)?[ \t]*"),
)
_REASON_CHARACTERS = 2_000
_REASON = re.compile(r",? (?:because|since) |, as (?:required|desired|expected|claimed|shown|asked)\b")
_SENTENCE_END = re.compile(r"[.!](?=[\s\"'*)]|$)|\?|\n")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")

_DOUBT = r"maybe|perhaps|possibly|i guess|i doubt|unsure|not sure|not certain"
_BEFORE = re.compile(
    rf"\b(?:{_DOUBT})\b|\b(?:if|whether|unless|suppose|say) (?:the |that the )?(?:final |correct )?$"
    r"|\beither\b.*\bor\b.{0,12}$|\bor\b[\s$*(\\\[]*$"
    r"|(?:\b(?:not|never|cannot|neither|nor|rather than|instead of|other than)\b|n['’]t\b)"
    r"(?: (?:be|equal|equal to|the|really|actually|simply|just|yet)){0,3}[\s:$*(\\\[{}]*$|(?:\\neq?|\\not ?=|≠)[\s$]*$",
    re.IGNORECASE | re.DOTALL,
)
_REJECTED = (
    r"(?:(?:is|was|seems|looks|must be|would be) (?:\w+ ){0,2}(?:wrong|incorrect|false|mistaken|impossible)"
    r"|(?:is not|isn['’]t|was not|wasn['’]t|can(?:not| not|['’]t) be) (?:\w+ ){0,2}"
    r"(?:right|correct|true|possible|answer))\b"
)
_AFTER = re.compile(
    rf"\b(?:{_DOUBT})\b|^[^\w.\n]*or\b|\bor\s+(?:[-$\\\d]|more\b|less\b|even\b|so\b)|^[\s$*)]*(?:,|;|/|and\b|&|\\pm)\s*"
    r"(?:\$|\\boxed\{|-)*\s*\d"
    rf"|^[\s$*)\]]*(?:[a-z]+[ ,]+){{0,2}}(?:,\s)?(?:which |that |this |it )?{_REJECTED}",
    re.IGNORECASE,
)
_LATER = re.compile(
    rf"\bor (?:{_DOUBT})\b|\bon second thought\b|\b(?:could|might|may) also be\b|\b(?:may|might|could) be wrong\b"
    rf"|\banswer (?:could|might|may) be\b|\b(?:alternatively|{_DOUBT}),? (?:it|the answer|[-$\\\d])"
    r"|(?:^|[.!?\n*])[\s$*(]{0,5}(?:(?:oh|but|well|hmm+),? )?(?:(?:wait|hmm+|hold on|oops|sorry)\b|(?:no|nope)[,:;—–-])"
    r"|\b(?:scratch|strike) that\b|\bcorrection:|\bnever ?mind\b|\bmy mistake\b"
    r"|\bi (?:have )?made an? (?:\w+ )?(?:mistake|error)\b"
    r"|\bactually,? (?:no\b|it is\b|it['’]s\b|the (?:correct |right |final )?answer|[-$\\\d])"
    r"|\blet me (?:correct|fix|try again|start over|re-?(?:do|compute|calculate|consider|think|try|work))\b"
    r"|\b(?:that|this|it|answer)(?: is| was|['’]s) (?:not (?:right|correct)|(?:\w+ )?(?:wrong|incorrect|mistaken))\b"
    r"|\b(?:that|this|it|answer) (?:isn|wasn)['’]t (?:right|correct)\b"
    r"|\b(?:it|the (?:\w+ )?(?:answer|value|result)) (?:should|must|ought to|has to) (?:be|have been) [-$\\\d]"
    r"|^[\s.$*)]*[(\[]?or\b[\s:$*]*[-\\\d]",
    re.IGNORECASE,
)


def find_statements(text: str, *, multiline: bool, letter: bool) -> list[Statement]:
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
    prose = [one for one in _some(_prose(text)) if not any(o.start <= one.start <= o.end for o in others)]
    alone = [one for one in (*others, *prose) if not any(one.start <= box.start < one.end for box in boxes)]
    if max(len(boxes), len(others), len(prose)) > MOST:
        alone = [*others, *prose]
    return sorted([*boxes, *alone], key=lambda one: one.start)


def _some(statements: Iterable[Statement]) -> list[Statement]:
    return list(islice(statements, MOST + 1))


def hedged(text: str, statement: Statement) -> bool:
    """Whether the sentence around a statement, or the text after it, takes the answer back or offers another."""
    before = text[_sentence_start(text, statement.begin) : statement.begin]
    stop = _SENTENCE_END.search(text, statement.stop)
    after = text[statement.stop : stop.start() if stop else len(text)]
    return bool(_BEFORE.search(before) or _AFTER.search(after) or _LATER.search(text[statement.stop :]))


def _sentence_start(text: str, end: int) -> int:
    start = max(0, end - 500)
    for match in _SENTENCE_END.finditer(text, start, end):
        start = match.end()
    return start


def _boxes(text: str) -> Iterator[Statement]:
    """The outermost boxes. One pass over the braces: many nested boxes cost no more than one."""
    at = 0
    while box := _BOX.search(text, at):
        depth = 1
        for brace in _BRACE.finditer(text, box.end()):
            if brace[0] in "{}":
                depth += 1 if brace[0] == "{" else -1
                if not depth:
                    value = text[box.end() : brace.start()]
                    yield Statement("boxed", box.start(), brace.end(), box.end(), brace.start(), value)
                    at = brace.end()
                    break
        else:
            yield Statement("boxed", box.start(), len(text), box.end(), len(text), text[box.end() :], closed=False)
            return


def _lines(text: str, multiline: bool, letter: bool) -> Iterator[Statement]:
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


def _hashes(text: str) -> Iterator[Statement]:
    if "####" not in text:
        return
    length = len(text.rstrip())
    for match in _HASH.finditer(text):
        end = _line_end(text, match.end())
        yield _statement("hash", text, match, end, strong=end >= length)


def _tags(text: str) -> Iterator[Statement]:
    for match in _TAG.finditer(text):
        yield _statement("tag", text, match, match.end("text"))


def _headings(text: str, multiline: bool) -> Iterator[Statement]:
    for match in _HEADING.finditer(text):
        end = len(text) if multiline else _line_end(text, _skip_blank(text, match.end()))
        yield _statement("heading", text, match, end, strong=False)


def _prose(text: str) -> Iterator[Statement]:
    for match in (match for pattern in _PROSE for match in pattern.finditer(text)):
        stop = _SENTENCE_END.search(text, match.end())
        # A question states nothing: its mark stays in the text and makes it unreadable.
        end = len(text) if not stop else stop.end() if stop[0] == "?" else stop.start()
        end = _reason(text, match.end(), end)
        yield _statement("prose", text, match, end, strong=False)


def _reason(text: str, start: int, end: int) -> int:
    """Where the answer gives way to its reason, or its end."""
    found = _REASON.search(text, start, min(end, start + _REASON_CHARACTERS))
    return found.start() if found else end


def _statement(rule: Rule, text: str, mark: re.Match[str], end: int, strong: bool = True) -> Statement:
    value = text[mark.end() : end]
    start = mark.end() + len(value) - len(value.lstrip())
    value = value.strip()
    return Statement(rule, mark.start(), start + len(value), start, start + len(value), value, strong)


def _skip_blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
