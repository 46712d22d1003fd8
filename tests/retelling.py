"""Tellers of solutions: a sincere one, and ways to tell a solution wrongly."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice, pairwise
from random import Random

from tracemill.asking.strategies.plain_words import NEUTRAL
from tracemill.records import Problem
from tracemill.running.preview import first_of_each_part
from tracemill.settings.plugins import load
from tracemill.sources.domains import DomainsConfig, DomainsSource
from tracemill.sources.source import Context
from tracemill.tasks.task import Solution

_STEP = re.compile(r"^(?:\d+\.|Closing:) (.*)\n   keep: ", re.MULTILINE)
_CLOSING = re.compile(r"^Closing: (.*?)\n   keep: ", re.MULTILINE | re.DOTALL)
BEGINNINGS = ("Next, we see that ", "Now it follows: ", "Alright: ", "So we know that ", "Clearly, ")


@cache
def solved_problems(each: int = 3) -> tuple[tuple[Problem, Solution], ...]:
    """Problems of every task with a right solution."""
    config = DomainsConfig(kind="domains", select=("*",), per_task=each, difficulty=(0.1, 0.7))
    source = DomainsSource(config, Context(5, 0.0))
    found = islice(
        (one for one in first_of_each_part([source]) if isinstance(one, Problem)), each * len(source.parts())
    )
    problems = sorted(found, key=lambda one: one.id)
    return tuple((one, load("task", one.domain.rpartition(".")[0])().solve(one, Random(3))) for one in problems)


def told(text: str, place: int = 0) -> str:
    """A step in other words, as a sincere teller may put it."""
    changed = re.sub(r"^(?:So|Hence|Therefore|Thus|Then|Next) ", "", text)
    changed = re.sub(r"^(?:It follows that|This means that) ", "", changed)
    changed = changed.replace(", so ", ", and hence ").replace(" must be ", " is ").replace("says that", "claims that")
    return BEGINNINGS[place % len(BEGINNINGS)] + changed


def solution_in(request: str) -> tuple[list[str], str]:
    """The steps and the closing that a teller is asked to tell."""
    [closing] = _CLOSING.findall(request)
    return list(_STEP.findall(request.split("\nClosing: ", maxsplit=1)[0])), closing


def written(steps: Sequence[str], closing: str) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(steps, 1)) + f"\nClosing:\n{closing}"


def sincere(request: str) -> str:
    steps, closing = solution_in(request)
    # Where the answer has a line of its own, it keeps it.
    closing = closing if closing.startswith("Answer") else f"And now, {closing}"
    return written([told(text, place) for place, text in enumerate(steps)], closing)


def _changed(change: Callable[[list[str]], None]) -> Callable[[str], str]:
    """A teller that is sincere but for one thing."""

    def tell(request: str) -> str:
        steps, closing = solution_in(request)
        texts = [told(text, place) for place, text in enumerate(steps)]
        change(texts)
        return written(texts, closing)

    return tell


def _other_number(texts: list[str]) -> None:
    place = next((at for at, text in enumerate(texts) if re.search(r"\d", text)), None)
    if place is None:
        texts[-1] += " That makes 7."
    else:
        texts[place] = re.sub(r"\d+", lambda found: str(int(found[0]) + 1), texts[place], count=1)


def _joined(texts: list[str]) -> None:
    """The only step of a solution is gone in its closing."""
    texts[:2] = [" ".join(texts[:2])] if len(texts) > 1 else []


def _swapped(texts: list[str]) -> None:
    """The only step of a solution gives its place to another."""
    texts[:2] = texts[1::-1] if len(texts) > 1 else ["So we know this now."]


def _denied(texts: list[str]) -> None:
    texts[0] = f"It is not the case that {texts[0]}"


def _turned_round(texts: list[str]) -> None:
    """The first two different names, numbers or quotations of a step change places."""
    pattern = re.compile(r"“[^”]*”|`[^`]*`|\b[A-Z]\w+\b(?!')|\b\w+ (?:crate|notebook|box|block|book)\b|\d+")
    for place, text in enumerate(texts):
        head, body = BEGINNINGS[place % len(BEGINNINGS)], text.removeprefix(BEGINNINGS[place % len(BEGINNINGS)])
        found = [one for one in pattern.finditer(body) if one[0].lower() not in NEUTRAL]
        pairs = [(one, two) for one, two in pairwise(found) if one[0].lower() != two[0].lower()]
        if pairs:
            one, two = pairs[0]
            turned = body[: one.start()] + two[0] + body[one.end() : two.start()] + one[0] + body[two.end() :]
            texts[place] = head + turned
            return
    raise AssertionError("no step has two names")


WRONG: dict[str, tuple[Callable[[str], str], str]] = {
    "drops a step": (_changed(lambda texts: texts.pop(len(texts) // 2)), "numbering"),
    "joins two steps": (_changed(_joined), "numbering"),
    "adds a step": (_changed(lambda texts: texts.append("So we are done.")), "numbering"),
    "changes a number": (_changed(_other_number), "other content"),
    "denies a step": (_changed(_denied), "other content"),
    "turns a relation round": (_changed(_turned_round), "other content"),
    "adds a false sentence": (
        _changed(lambda texts: texts.append(texts.pop() + " The moon is a cheese.")),
        "other content",
    ),
    "doubts": (_changed(lambda texts: texts.append("Perhaps " + texts.pop())), "other content"),
    "empties a step": (_changed(lambda texts: texts.__setitem__(0, "So we know this now.")), "other content"),
    "swaps two steps": (_changed(_swapped), "other content"),
    "copies": (lambda request: written(*solution_in(request)), "copied"),
    "says nothing": (lambda request: "I am sorry, I cannot do that.", "numbering"),
    "changes the answer": (
        lambda request: written([told(one) for one in solution_in(request)[0]], "The answer is \\boxed{4711}."),
        "other content",
    ),
}
"""Tellers, with what their telling is rejected for."""
