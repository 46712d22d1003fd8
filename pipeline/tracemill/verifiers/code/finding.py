"""Finds the program that a reply gives, or says why there is none.

    1. the last fenced block that is marked as the language; of a function that the problem names, the last definition
    2. else the only fenced block (several that are the same count as one)
    3. else the whole reply, if it is a program

A block that is never closed was cut off. A program is not given where the prose takes it back (`this does not work`,
`Wait, that is wrong`), or offers two to choose from. Nothing is executed or parsed here but a whole reply in Python,
of bounded length.

Every text costs time that grows with its length alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracemill.software.python_source import parsed
from tracemill.verifiers.code.languages import ProgrammingLanguage

MOST_CHARACTERS = 2_000_000
MOST_BLOCKS = 200


@dataclass(frozen=True, slots=True)
class FoundProgram:
    """A program, and where it stands: which rule found it, and the first and last line of the text, from 1."""

    text: str
    rule: str
    first_line: int
    last_line: int


class NoProgram(Exception):
    """Why a reply gives no program."""


@dataclass(frozen=True, slots=True)
class FencedBlock:
    """`start` and `end` are the line numbers of its fences, from 0; `tag` the first word behind the first of them."""

    tag: str
    text: str
    start: int
    end: int


_FENCE = re.compile(r"(?P<indent>[ \t]{0,12})(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_WORD = re.compile(r"[\w+#.-]+")
_TAKEN_BACK_AFTER = re.compile(
    r"\b(?:this|that|it|the (?:above|code|program|solution|function|implementation)(?: above)?)"
    r"(?: code| program| solution| function| implementation)? "
    r"(?:(?:does not|doesn['’]t|will not|won['’]t|cannot|can['’]t|would not|wouldn['’]t) "
    r"(?:actually |really )?(?:work|compile|run|pass)"
    r"(?= ?(?:[.!;\n]|$|because\b|since\b|as it\b|properly\b|correctly\b|at all\b))"
    r"|(?:is|was) (?:\w+ )?(?:wrong|incorrect|broken|buggy|not right|not correct|not a (?:real |working )?solution)\b"
    r"(?! (?:if|when|for|to|only)\b)"
    r"|(?:isn['’]t|wasn['’]t) (?:right|correct)\b)"
    r"|(?:^|[.!?\n*])[\s$*(]{0,5}(?:(?:oh|but|well|hmm+),? )?(?:(?:wait|hold on|oops)\b(?=[,.!:;—– -])|scratch that\b)"
    r"|\b(?:ignore|disregard|discard|forget) (?:the|this|that)(?: above)? (?:code|program|solution|block|answer)\b"
    r"|\bmy mistake\b"
    r"|\bi (?:have )?made an? (?:\w+ )?(?:mistake|error)\b(?! (?:in my (?:earlier|first|previous)|earlier)\b)"
    r"|\bi (?:give up|could not solve|cannot solve|did not solve)\b",
    re.IGNORECASE,
)
_TAKEN_BACK_BEFORE = re.compile(
    r"(?:\b(?:wrong|incorrect|broken|buggy|non-working) (?:attempt|version|solution|code|program|answer)\b"
    r"[^.!?\n]{0,60}"
    r"|\b(?:does not|doesn['’]t|will not|won['’]t) work\b[^.!?\n]{0,20}"
    r"|\bnot (?:the|my|a) (?:final |correct |right )?(?:answer|solution)\b[^.!?\n]{0,20}):?\s*$",
    re.IGNORECASE,
)
_OR = re.compile(
    r"^[\s*_#>-]*(?:or(?: else| maybe| perhaps| alternatively)?|either|alternatively)\b[^\n]{0,40}$", re.I | re.M
)
_EITHER = re.compile(
    r"\b(?:either|one|any) of (?:these|them|the (?:two|above|programs|solutions))\b|\bone of the (?:above|two)\b", re.I
)
_BEFORE_CHARACTERS = 200
_HALF = re.compile(r"[\ud800-\udfff]")


def find_program(text: str, language: ProgrammingLanguage, function: str | None = None) -> FoundProgram:
    """The program in a reply's answer. `function`: what it has to define, if that is known.

    Raises:
        NoProgram: there is none, with the reason.
    """
    if len(text) > MOST_CHARACTERS:
        raise NoProgram(f"{len(text)} characters; no program is looked for beyond {MOST_CHARACTERS}")
    if _HALF.search(text):
        raise NoProgram("half a character, which no file can hold")
    lines = text.split("\n")
    blocks, open_tag = fenced_blocks(lines)
    if len(blocks) > MOST_BLOCKS:
        raise NoProgram(f"more than {MOST_BLOCKS} blocks")
    if open_tag is not None and (not open_tag or open_tag in language.tags):
        raise NoProgram("a block that is never closed")
    marked = [block for block in blocks if block.tag in language.tags and block.text.strip()]
    if marked:
        chosen = _defining(marked, language, function)[-1]
        _refuse_choice(lines, marked, chosen, language, function)
        _refuse_taken_back(lines, chosen)
        return FoundProgram(chosen.text, "block", chosen.start + 2, chosen.end)
    if blocks:
        chosen = _only(blocks, language, function)
        _refuse_taken_back(lines, chosen)
        return FoundProgram(chosen.text, "only block", chosen.start + 2, chosen.end)
    if _is_program(text, language):
        return FoundProgram(text, "whole reply", 1, len(lines))
    raise NoProgram("no block of code, and the reply is no program")


def fenced_blocks(lines: Sequence[str]) -> tuple[list[FencedBlock], str | None]:
    """The closed blocks, and the tag of one that is never closed. A fence closes with as many of its own marks."""
    blocks: list[FencedBlock] = []
    opened: tuple[int, str, str, str] | None = None
    for number, line in enumerate(lines):
        fence = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if fence is None:
            continue
        if opened is None:
            word = _WORD.search(fence["info"])
            opened = number, fence["mark"], word[0].lower() if word else "", fence["indent"]
        elif _closes(fence, opened[1], opened[3]):
            start, _, tag, indent = opened
            blocks.append(FencedBlock(tag, _dedented(lines[start + 1 : number], indent), start, number))
            opened = None
    return blocks, opened[2] if opened else None


def _closes(fence: re.Match[str], mark: str, indent: str) -> bool:
    """As in CommonMark: what is indented by more than three belongs to the program, such as a fence in a docstring."""
    return fence["mark"].startswith(mark) and not fence["info"].strip() and len(fence["indent"]) <= len(indent) + 3


def _dedented(lines: Sequence[str], indent: str) -> str:
    """Without the indentation of the fence, as in an item of a list."""
    return "".join(f"{line.removeprefix(indent)}\n" for line in lines)


def _defining(
    blocks: Sequence[FencedBlock], language: ProgrammingLanguage, function: str | None
) -> Sequence[FencedBlock]:
    """Those that define the function; all where none does, or where no function is known. A block that only calls it
    shows its use."""
    if function is None:
        return blocks
    name = re.escape(function.partition(".")[0])
    pattern = re.compile(language.defines.replace("{name}", name), re.MULTILINE)
    return [block for block in blocks if pattern.search(block.text)] or blocks


def _only(blocks: Sequence[FencedBlock], language: ProgrammingLanguage, function: str | None) -> FencedBlock:
    blocks = [block for block in blocks if block.text.strip()]
    if len({block.text.strip() for block in blocks}) > 1 and function is not None:
        blocks = _defining(blocks, language, function)
    if not blocks:
        raise NoProgram("an empty block")
    if len({block.text.strip() for block in blocks}) > 1:
        raise NoProgram(f"{len(blocks)} different blocks, none of them marked as {language.name}")
    return blocks[-1]


def _refuse_choice(
    lines: Sequence[str],
    marked: Sequence[FencedBlock],
    chosen: FencedBlock,
    language: ProgrammingLanguage,
    function: str | None,
) -> None:
    """Several different final programs are none: `or:` between two, `either of these works` behind them."""
    others = [block for block in _defining(marked, language, function) if block.text.strip() != chosen.text.strip()]
    if not others:
        return
    before = max((block for block in others if block.end < chosen.start), key=lambda block: block.end, default=None)
    between = "\n".join(lines[before.end + 1 : chosen.start]).strip() if before else ""
    after = "\n".join(lines[chosen.end + 1 :])
    if _OR.search(between) or _EITHER.search(after):
        raise NoProgram("several different final programs")


def _refuse_taken_back(lines: Sequence[str], chosen: FencedBlock) -> None:
    before = "\n".join(lines[max(0, chosen.start - 3) : chosen.start])[-_BEFORE_CHARACTERS:]
    if _TAKEN_BACK_BEFORE.search(before) or _TAKEN_BACK_AFTER.search(_prose(lines[chosen.end + 1 :])):
        raise NoProgram("the program is taken back")


def _prose(lines: Sequence[str]) -> str:
    """The lines outside of blocks."""
    blocks, _ = fenced_blocks(lines)
    inside = {number for block in blocks for number in range(block.start, block.end + 1)}
    return "\n".join(line for number, line in enumerate(lines) if number not in inside)


def _is_program(text: str, language: ProgrammingLanguage) -> bool:
    if not language.looks.search(text):
        return False
    return language.name != "python" or parsed(text) is not None
