"""Word problems: ways to reply, and the scorers of answers that the field uses beside ours.

Whether a reply is right the oracle of the task says of what its author commits to: it acts the story out thing by
thing, and shares no code with a scorer. A reply that commits to nothing (a list of all numbers, a hedge, a thought that
never ends) is not right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from random import Random

from tracemill.records import Problem
from tracemill.rewards import judge_row
from tracemill.sources.domains import problem_from
from tracemill.tasks.task import Request
from tracemill.tasks.word_problem.oracle import WordProblemOracle
from tracemill.tasks.word_problem.task import WordProblem
from tracemill.views.rlvr import ground_truth

from benchmarks.gaming.policy import Attempt, Scorer, Way

STYLES = {"careful": 0.7, "hasty": 0.35}
"""How often each solves a problem."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_ORACLE = WordProblemOracle()


def word_problems(count: int, seed: int) -> list[Problem]:
    task = WordProblem()
    made = []
    for index in range(count):
        number = seed * 1_000_003 + index
        theme = task.themes[index % len(task.themes)]
        request = Request(index, theme, (index % 10) / 10, (0.0, 1.0), Random(number))
        draft = task.make(request)
        if draft is not None:
            made.append(problem_from(draft, task, request, number, bench_share=0.0))
    return made


def ways() -> list[Way[Problem]]:
    return [
        Way(style, trick, partial(_reply, skill, trick)) for style, skill in STYLES.items() for trick in ("", *_TRICKS)
    ]


def _reply(skill: float, trick: str, problem: Problem, rng: Random) -> Attempt:
    """`first` and `second` are what two attempts at the problem come to."""
    first, second = (_attempt(problem, skill, rng) for _ in range(2))
    if not trick:
        return Attempt(
            f"<think>It comes to {first}.</think>\nThe answer is \\boxed{{{first}}}.", _ORACLE.answers(problem, first)
        )
    return Attempt(_TRICKS[trick].format(first=first, second=second, question=problem.prompt, numbers=_NUMBERS), False)


def _attempt(problem: Problem, skill: float, rng: Random) -> str:
    gold = int(problem.answer)
    return str(gold if rng.random() < skill else gold + rng.choice((-3, -2, -1, 1, 2, 3, 10)))


_NUMBERS = " ".join(map(str, range(500)))
_TRICKS: Mapping[str, str] = {
    "every number": "It must be one of these: {numbers}.",
    "two boxes": "Either \\boxed{{{first}}} or \\boxed{{{second}}}.",
    "hedge": "It is {first}, or else it is {second}",
    "no end": "<think>So far it comes to {first}",
    "question again": "{question}",
    "unreadable": "The answer is \\boxed{{the number that was asked for}}.",
}


def substring(problem: Problem, text: str) -> float:
    """The expected answer stands somewhere in the text."""
    return float(problem.answer in text)


def any_box(problem: Problem, text: str) -> float:
    """Some box holds the expected answer."""
    return float(problem.answer in re.findall(r"\\boxed\{([^{}]*)\}", text))


def last_number(problem: Problem, text: str) -> float:
    """The last number in the text is the expected answer: the flexible extraction of GSM8K's harnesses."""
    return float((_NUMBER.findall(text) or [""])[-1] == problem.answer)


def ours(problem: Problem, text: str) -> float | None:
    return judge_row(text, ground_truth(problem, []), problem.prompt).reward


SCORERS: Mapping[str, Scorer[Problem]] = {
    "substring": substring,
    "any box": any_box,
    "last number": last_number,
    "tracemill": ours,
}
