r"""The teacher that asks nobody: it plays the solutions that came with a problem, in their order.

Sample k is reference k, with the turns before it and the labels that came along. Where its text marks its reasoning
with tags (`records/reasoning.py`), these part it. Else the line in which the final answer is stated (`#### 72`, `A:
72`, `\boxed{72}`, `The answer is 72.`), with its heading (`**Final answer**`) where it has one, and what follows become
the reply's content, or, where none is announced, the last line or paragraph; a reply that is a program is all content.
What stands before is the reasoning, and each line of that a step. Where the problem's metadata says `marks: gsm8k`, a
mark `<<48/2=24>>` is taken out of the text (the result stands after it anyway) and becomes the claim, of kind
`equation`, of the step.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from tracemill.asking.teachers.teacher import Call, Reply, count_pieces
from tracemill.records import (
    Claim,
    FinishReason,
    Label,
    LabelledStep,
    Problem,
    Reference,
    Step,
    Turn,
    fingerprint,
)
from tracemill.records.reasoning import split_reasoning
from tracemill.settings.regular_expression import RegularExpression
from tracemill.verifiers.answer.finding.extraction import find_statements

VERSION = "5"

_MARK = re.compile(r"<<([^<>\n]*)>>")
_OPENS_FORMULA = re.compile(r"^[ \t]*(?:\$\$|\\\[)[ \t]*\n\Z", re.MULTILINE)
_HEADS_ANSWER = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]+)?(?:\*\*|__)?(?i:(?:the )?(?:final )?answer):?(?:\*\*|__)?:?[ \t]*\n\s*\Z",
    re.MULTILINE,
)
_LAST_FORMULA = re.compile(r"^[ \t]*(?:\$\$[^$]*\$\$|\\\[(?:[^\\]|\\(?!\[))*\\\])[ \t.]*\Z", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n\s*")
_BETWEEN = (re.compile(r"[.!?]\s+"), re.compile(r"[,;]\s+(?:and\s+|so\s+|then\s+)?"), re.compile(r"\s+(?=and\s)"))
_GROUPING = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_CHARACTER_FRACTION = re.compile(r"(\d*)([¼-¾⅐-⅞])")
_PRINTED = re.compile(r"[^\s,;]*")
_WHOLE = r"\A"
"""A reply that is a program is said as a whole: its last line, which ends a block, is no answer."""


class ReplayConfig(BaseModel):
    """`ending`: a regular expression; in a solution without tags the reply's content begins with the line of its last
    match, whatever else states an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["replay"]
    ending: RegularExpression | None = None


class ReplayTeacher:
    """`Reply.author` is the author of the reference, who may be a person or a model."""

    Config = ReplayConfig
    embedded = True
    gives_conversations = True
    unkeyed: ClassVar[frozenset[str]] = frozenset()
    name = "replay"

    def __init__(self, config: ReplayConfig) -> None:
        self.config = config

    @property
    def fingerprint(self) -> str:
        return fingerprint("replay", VERSION, self.config.ending)

    def samples(self, problem: Problem, wanted: int) -> int:
        return min(wanted, len(problem.references))

    async def answer(self, call: Call) -> Reply:
        reference = call.problem.references[call.sample_index]
        marked = call.problem.metadata.get("marks") == "gsm8k"
        ending = self.config.ending or (_WHOLE if _asks_for_program(call.problem) else None)
        played = play(reference, marked, ending)
        return Reply(
            turn=played.turn,
            author=reference.author,
            finish_reason=_finish(reference, played),
            steps=played.steps,
            prompt_tokens=sum(count_pieces(message["content"]) for message in call.messages),
            reasoning_tokens=sum(count_pieces(turn.reasoning) for turn in played.said),
            completion_tokens=sum(count_pieces(turn.text) for turn in played.said),
            before=reference.before,
            labels=played.labels,
        )

    async def close(self) -> None:
        return None


class PlayedSolution(NamedTuple):
    """`turn`: the last one; `said`: those of the assistant's. `steps` are cut by us, whatever cuts the labels have."""

    turn: Turn
    said: tuple[Turn, ...]
    steps: tuple[Step, ...]
    labels: tuple[Label, ...]


def play(reference: Reference, marked: bool, ending: str | None = None) -> PlayedSolution:
    """A reference as turns and steps. Where labels speak of its steps, the last of theirs is the reply and those before
    it are the reasoning, so that each of theirs is a span of the turn's text."""
    place = len(reference.before)
    spans = next((label.steps for label in reference.labels if label.steps), ())
    if spans:
        turn, steps, cuts = _read_labelled(reference.text, spans, marked)
        labels = tuple(_moved(label, cuts) for label in reference.labels)
    else:
        turn, steps = read_solution(reference.text, marked, ending)
        labels = reference.labels
    before = tuple(one for one in reference.before if one.role == "assistant")
    return PlayedSolution(turn, (*before, turn), tuple(replace(one, turn=place) for one in steps), labels)


def _asks_for_program(problem: Problem) -> bool:
    return problem.check.kind == "code" and problem.check.spec.get("mode") != "output"


def _finish(reference: Reference, played: PlayedSolution) -> FinishReason:
    """As its source says; but a thought that never ends, or ends without a word after it, was cut off, and a solution
    that ends with a call of a tool has not been finished, whatever is said of it."""
    if not played.turn.text and reference.before:
        return "tool_calls"
    said = reference.finish_reason or "stop"
    if said == "tool_calls" and played.turn.content:
        said = "stop"
    return said if played.turn.content or not played.turn.reasoning or said != "stop" else "length"


def _read_labelled(
    text: str, spans: Sequence[LabelledStep], marked: bool
) -> tuple[Turn, tuple[Step, ...], list[tuple[int, int]]]:
    """The turn, our steps, and where each of theirs stands in the turn's text."""
    clean: list[str] = []
    steps: list[Step] = []
    cuts: list[tuple[int, int]] = []
    at = 0
    for span in spans:
        part, found = _read_part(text[span.start : span.end].replace("\r\n", "\n").strip(), marked)
        cuts.append((at, at + len(part)))
        if part:
            steps += [Step(0, at + start, at + end, claim) for start, end, claim in found]
            clean.append(part)
            at += len(part) + 2
    reasoning, content = "\n\n".join(clean[:-1]), clean[-1] if clean else ""
    return Turn("assistant", content=content, reasoning=reasoning), tuple(steps), cuts


def _moved(label: Label, cuts: Sequence[tuple[int, int]]) -> Label:
    if not label.steps:
        return label
    pairs = zip(label.steps, cuts, strict=True)
    return replace(label, steps=tuple(LabelledStep(start, end, step.rating) for step, (start, end) in pairs))


def read_solution(text: str, marked: bool, ending: str | None = None) -> tuple[Turn, tuple[Step, ...]]:
    """A written solution as a turn and its steps. The content is empty where it has a thought that never ends."""
    whole = text.replace("\r\n", "\n").strip()
    thought, answer = split_reasoning(whole)
    if not thought and answer is not None:
        cut = _cut_before_answer(whole, ending)
        thought, answer = whole[:cut].strip(), whole[cut:].strip()
    reasoning, reasoning_steps = _read_part(thought, marked)
    content, content_steps = _read_part(answer or "", marked)
    offset = len(reasoning) + 2 if reasoning and content else 0
    # The closing line is no step, unless it calculates.
    calculating = [(start + offset, end + offset, claim) for start, end, claim in content_steps if claim]
    steps = tuple(Step(0, start, end, claim) for start, end, claim in [*reasoning_steps, *calculating])
    return Turn("assistant", content=content, reasoning=reasoning), steps


def _cut_before_answer(text: str, ending: str | None) -> int:
    """Where the line begins that states the final answer, or the last formula or paragraph (of a text that is one, its
    last line). A displayed formula is not cut in two, nor off its heading."""
    if ending and (matches := list(re.finditer(ending, text))):
        return _whole_formula(text, matches[-1].start())
    stated = find_statements(text, multiline=True, letter=True)
    if found := [one.begin for one in stated if one.strong] or [one.begin for one in stated]:
        start = _whole_formula(text, found[-1])
        heading = _HEADS_ANSWER.search(text, 0, start)
        return heading.start() if heading else start
    if formula := _LAST_FORMULA.search(text):
        return formula.start()
    paragraphs = [match.end() for match in _PARAGRAPH_END.finditer(text)]
    return paragraphs[-1] if paragraphs else text.rfind("\n") + 1


def _whole_formula(text: str, place: int) -> int:
    """Where the line of `place` begins, or the displayed formula that this line is in."""
    start = text.rfind("\n", 0, place) + 1
    opening = _OPENS_FORMULA.search(text, 0, start)
    return opening.start() if opening else start


_Piece = tuple[int, int, Claim | None]
"""A span and what it claims."""


def _read_part(text: str, marked: bool) -> tuple[str, list[_Piece]]:
    lines: list[str] = []
    pieces: list[_Piece] = []
    at = 0
    for line in text.split("\n"):
        clean, marks = _take_marks(line) if marked else (line, [])
        lines.append(clean)
        pieces += [(at + start, at + end, claim) for start, end, claim in _pieces(clean, marks)]
        at += len(clean) + 1
    return "\n".join(lines), pieces


def _take_marks(line: str) -> tuple[str, list[tuple[int, str]]]:
    """The line without its marks, and each mark with its place in that."""
    marks: list[tuple[int, str]] = []
    clean, taken = "", 0
    for match in _MARK.finditer(line):
        clean += line[taken : match.start()]
        marks.append((len(clean), match[1]))
        taken = match.end()
    clean += line[taken:]
    return clean.rstrip(), marks


def _pieces(line: str, marks: Sequence[tuple[int, str]]) -> Iterator[_Piece]:
    """The line cut so that each mark has a piece of its own; a chain `a=b=c` gives a claim for each equals sign."""
    start = 0
    for index, (place, mark) in enumerate(marks):
        end = _cut(line, place, marks[index + 1][0]) if index + 1 < len(marks) else len(line)
        claims: Sequence[Claim | None] = claims_of(mark) or (None,)
        for claim in claims:
            yield from _trimmed(line, start, end, claim)
        start = end
    if not marks:
        yield from _trimmed(line, 0, len(line), None)


def _cut(line: str, place: int, following: int) -> int:
    """Where the part of the first of two marks ends: after its sentence, else its clause, else the printed result."""
    printed = _PRINTED.match(line, place, following)
    begin = printed.end() if printed else place
    for separator in _BETWEEN:
        match = separator.search(line, begin, following)
        if match:
            return match.end()
    return begin


def _trimmed(line: str, start: int, end: int, claim: Claim | None) -> Iterator[_Piece]:
    text = line[start:end].strip()
    if text or claim:
        begin = line.index(text, start)
        yield begin, begin + len(text), claim


def claims_of(mark: str) -> list[Claim]:
    """The equations that a mark states: one for each equals sign."""
    sides = [_written_out(side).strip() for side in mark.split("=")]
    if not all(sides):
        return []
    return [Claim("equation", {"lhs": lhs, "rhs": rhs}) for lhs, rhs in pairwise(sides)]


def _written_out(side: str) -> str:
    """`side` with fractions of one character (`¾`, `1¾`) as sum and quotient, and without blanks in `150 000`."""
    return _GROUPING.sub("", _CHARACTER_FRACTION.sub(_fraction, side))


def _fraction(match: re.Match[str]) -> str:
    quotient = unicodedata.normalize("NFKC", match[2]).replace("\u2044", "/")
    return f"({match[1]}+{quotient})" if match[1] else f"({quotient})"
