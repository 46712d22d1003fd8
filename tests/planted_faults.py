"""Rows in the shape of OpenR1-Math with planted faults, and programs, one of which does not compile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

THOUGHT = (
    "<think>\nI add {a} and {b}, one after the other, which gives {sum}.\n</think>\n\nThe answer is \\boxed{{{said}}}."
)
THINGS = ("herons", "old clocks", "unread letters", "bicycles", "bakers", "ships", "lamps", "sleeping cats")


def row(number: int, *tries: tuple[str, bool, str], answer: str | None = None) -> dict[str, Any]:
    """A row in the shape of OpenR1-Math; of each try the text, the label, and why it ended."""
    a, b = 7 * number + 3, 11 * number + 5
    question = f"In town number {number} there are {a} {THINGS[number % 8]}, and {b} more come. How many are there now?"
    words = {"a": a, "b": b, "sum": a + b}
    return {
        "problem": question,
        "answer": str(a + b) if answer is None else answer,
        "generations": [text.format(**words, said=a + b) for text, _, _ in tries],
        "correctness_math_verify": [right for _, right, _ in tries],
        "finish_reasons": [ended for _, _, ended in tries],
    }


RIGHT = (THOUGHT, True, "stop")
WRONG = ("<think>\n{a} less {b}.\n</think>\n\nThe answer is \\boxed{{1}}.", False, "stop")
RIGHT_SAID_WRONG = ("<think>\nBoth {a} and {b} count, {sum} in all.\n</think>\n\nSo \\boxed{{{said}}}.", False, "stop")
WRONG_SAID_RIGHT = ("<think>\nOnly the first, {a}.\n</think>\n\nSo it is \\boxed{{{a}}}.", True, "stop")
CUT = ("<think>\nI add {a} and {b}, which", True, "stop")
EMPTY = ("", False, "stop")
LOOP = (
    "<think>\n"
    + "I add {a} and {b} and see what comes of it, and then once more I look at what there is to add. " * 40
    + "</think>\n\\boxed{{{said}}}",
    True,
    "stop",
)
LEAKED = (
    "A ferry takes nine carts and sixteen sheep over the river Tamar on every one of its trips; how many legs of sheep "
    "are aboard?"
)

PLANTED: list[dict[str, Any]] = [
    row(0, RIGHT, WRONG),
    row(1, RIGHT, WRONG_SAID_RIGHT),
    row(2, RIGHT_SAID_WRONG, WRONG),
    row(3, CUT, EMPTY),
    row(4, RIGHT, answer="proof"),
    row(5, RIGHT, answer="(a) 3, (b) 5"),
    row(6, LOOP),
    {**row(7, RIGHT), "problem": LEAKED},
    row(8, RIGHT, RIGHT),
    {"problem": "What?", "answer": "1", "generations": ["x"], "correctness_math_verify": [True, True]},
]
PROGRAMS: list[dict[str, Any]] = [
    {
        "task": "Write a function twice(n) that gives two times n.",
        "tests": ["assert twice(3) == 6\nassert twice(0) == 0"],
        "programs": [
            "```python\ndef twice(n):\n    return 2 * n\n```",
            "```python\ndef twice(n:\n    return 2 * n\n```",
        ],
        "passed": [True, True],
    }
]


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return path
