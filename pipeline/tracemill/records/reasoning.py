"""Parts what a model wrote into its reasoning and its answer.

Models mark their reasoning in many ways. Understood here:

    <think>…</think>                          DeepSeek-R1, Qwen3, GLM, Phi-4, …; also with `thinking`, `thought(s)`,
                                              `reasoning`, `scratchpad`, `seed:think`, `longcat_think`; in any case
    <analysis>…</analysis>                    Hermes 3, Reflection; also with `reflection`, `inner_monologue`: a
                                              thought only where something follows the last of them, since
                                              a reply may also end with a look back at its answer
    [THINK]…[/THINK]                          Magistral
    ◁think▷…◁/think▷                          Kimi
    <|begin_of_thought|>…<|end_of_thought|>   OpenThoughts, Sky-T1
    <|START_THINKING|>…<|END_THINKING|>       Command A
    <|channel>thought…<channel|>              Gemma 4
    <|im_start|>think…<|im_start|>answer      s1
    Here are my reasoning steps:…[BEGIN FINAL RESPONSE]             Apriel
    Here is my thought process:…Here is my response:                Granite
    <|channel|>analysis<|message|>…<|channel|>final<|message|>…     gpt-oss (harmony)
    analysis…assistantfinal…                  the same where the decoder dropped the special tokens, as TRL and verl do

An answer that stands as a whole within `<output>`, `<solution>`, `<response>` or `<final_answer>` is what stands there
(Reflection, Hermes 3).

Not covered: tool calls within a text, and a thought whose marks the decoder dropped altogether.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple


class SplitText(NamedTuple):
    """`reasoning`: all thoughts and what stands between them, without their tags, parted by blank lines.
    `answer`: what follows the last thought; None where that never ends, so that there is no answer.
    Both without blanks at their ends. A text without a thought is all answer."""

    reasoning: str
    answer: str | None


_ANGLE = ("think", "thinking", "thought", "thoughts", "reasoning", "scratchpad", "seed:think", "longcat_think")
_ASIDE = ("analysis", "reflection", "inner_monologue")
_PAIRS = (
    *((f"<{name}>", f"</{name}>") for name in (*_ANGLE, *_ASIDE)),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|start_thinking|>", "<|end_thinking|>"),
    ("<|channel>thought", "<channel|>"),
    ("<|im_start|>think", "<|im_start|>answer"),
    ("here are my reasoning steps:", "[begin final response]"),
)
_CLOSING_OF = dict(_PAIRS)
_CLOSINGS = frozenset(_CLOSING_OF.values())
_TAG = re.compile(
    r"[<\[◁][ \n]?[/|]{0,2}[a-z_: \n]{2,24}\|?[>\]▷]"
    r"(?:(?<=<\|im_start\|>)(?:think|answer)\b|(?<=<\|channel>)thought\b)?",
    re.IGNORECASE,
)
# `<think >`, `< /think>`; within a tag a blank may part words.
_BLANK_IN_TAG = re.compile(r"(?<=[<\[◁/|])\s+|\s+(?=[>\]▷|])")
_STEPS = re.compile(r"\A\s*Here are my reasoning steps:", re.IGNORECASE)
_AROUND_ANSWER = re.compile(
    r"<\|(?:begin|end)_of_solution\|>|<\|(?:START|END)_RESPONSE\|>|\[(?:BEGIN|END) FINAL RESPONSE\]"
)
_WHOLE_ANSWER = re.compile(
    r"\A\s*<(?P<name>output|solution|response|final_answer)>(?P<inner>.*?)(?:</(?P=name)>\s*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_ASIDE_END = re.compile(rf"<\s?/\s?(?P<name>{'|'.join(_ASIDE)})\s?>", re.IGNORECASE)
_END_CHARACTERS = 60
_ANY = "any closing tag"

_GRANITE = re.compile(r"\A\s*Here(?: i|')s my thought process:")
_GRANITE_ANSWER = re.compile(r"^[ \t]{0,20}Here(?: i|')s my response:", re.MULTILINE)

_HARMONY = re.compile(
    r"<\|channel\|>\s{0,5}(?P<channel>[a-z]{1,20})(?![a-z])[^<]{0,200}(?:<\|constrain\|>[^<]{0,50})?<\|message\|>"
)
_HARMONY_BETWEEN = re.compile(r"<\|(?:end|return|call)\|>|<\|start\|>[^<]{0,200}")
_HARMONY_BARE = re.compile(r"\A\s*analysis(?=[^a-z\s:]|.*assistantfinal)", re.DOTALL)


def split_reasoning(text: str, opened_in_prompt: bool = False) -> SplitText:
    """The reasoning and the answer of `text`, one reply of an assistant.

    `opened_in_prompt`: the prompt ends with an opening tag, so that `text` begins within a thought. A closing tag that
    nothing opened says the same by itself; the flag matters for a thought that is cut off.

    Example:
        >>> split_reasoning("<think>6 * 7</think>It is 42.")
        SplitText(reasoning='6 * 7', answer='It is 42.')
        >>> split_reasoning("6 * 7 is", opened_in_prompt=True)
        SplitText(reasoning='6 * 7 is', answer=None)
    """
    if _HARMONY.search(text):
        return _split_harmony(text)
    if _HARMONY_BARE.match(text):
        return _split_bare_harmony(text)
    if _GRANITE.match(text) or (opened_in_prompt and _GRANITE_ANSWER.search(text)):
        return _split_granite(text)
    return _split_tags(text, opened_in_prompt)


def opens_thought(prompt: str) -> bool:
    """Whether a prompt ends with an opening tag: whether what is generated begins within a thought."""
    end = prompt[-_END_CHARACTERS:].rstrip().lower()
    return end.endswith((*_CLOSING_OF, "<|channel|>analysis<|message|>", "here is my thought process:"))


def _split_tags(text: str, opened_in_prompt: bool) -> SplitText:
    thoughts = []
    asides = _asides(text)
    start = first = len(text) - len(text.lstrip())
    closing = _ANY if opened_in_prompt else ""
    if steps := _STEPS.match(text):
        start, closing = steps.end(), "[begin final response]"
    for found in _TAG.finditer(text, start):
        tag = _BLANK_IN_TAG.sub("", found[0].lower())
        if _quoted(text, found) or (tag.strip("</>") in _ASIDE and not _is_thought(tag, found.start(), first, asides)):
            continue
        opens = tag in _CLOSING_OF and (not closing or (closing == _ANY and found.start() == first))
        if opens or (tag in _CLOSINGS and closing in ("", _ANY, tag)):
            thoughts.append(text[start : found.start()])
            start, closing = found.end(), _CLOSING_OF[tag] if opens else ""
    if closing:
        return SplitText(_joined([*thoughts, text[start:]]), None)
    answer = _AROUND_ANSWER.sub("", text[start:]).strip()
    whole = _WHOLE_ANSWER.match(answer)
    return SplitText(_joined(thoughts), whole["inner"].strip() if whole else answer)


def _asides(text: str) -> dict[str, tuple[int, bool]]:
    """Where the last closing tag of each name begins, and whether anything follows it."""
    return {
        end["name"].lower(): (end.start(), bool(text[end.end() :].strip()))
        for end in islice(_ASIDE_END.finditer(text), 1_000)
    }


def _is_thought(tag: str, at: int, first: int, asides: dict[str, tuple[int, bool]]) -> bool:
    """Whether a tag of `_ASIDE` parts a thought from an answer; one that is never closed does at the beginning."""
    last, follows = asides.get(tag.strip("</>"), (-1, False))
    return follows if at <= last else at == first


def _quoted(text: str, tag: re.Match[str]) -> bool:
    """A tag that is quoted as code is spoken about: "the tag `</think>` ends a thought"."""
    return text[max(0, tag.start() - 1) : tag.start()] == text[tag.end() : tag.end() + 1] == "`"


def _split_granite(text: str) -> SplitText:
    reasoning = _GRANITE.sub("", text)
    answer = _GRANITE_ANSWER.search(reasoning)
    if not answer:
        return SplitText(reasoning.strip(), None)
    return SplitText(reasoning[: answer.start()].strip(), reasoning[answer.end() :].strip())


def _split_harmony(text: str) -> SplitText:
    """Every channel but the last `final` is reasoning, and what precedes the first: the prompt may open a channel."""
    marks = list(_HARMONY.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [("analysis", text[: marks[0].start()])]
    parts += [(mark["channel"], text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
    channels = [(channel, _HARMONY_BETWEEN.sub("", part)) for channel, part in parts]
    if channels[-1][0] != "final":
        return SplitText(_joined([part for _, part in channels]), None)
    return SplitText(_joined([part for _, part in channels[:-1]]), channels[-1][1].strip())


def _split_bare_harmony(text: str) -> SplitText:
    reasoning, mark, answer = text.strip().removeprefix("analysis").rpartition("assistantfinal")
    return SplitText(reasoning.strip(), answer.strip()) if mark else SplitText(answer.strip(), None)


def _joined(parts: list[str]) -> str:
    return "\n\n".join(part for part in map(str.strip, parts) if part)
