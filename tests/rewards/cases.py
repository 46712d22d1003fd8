"""Rows and responses that every way to the reward must score alike."""

from __future__ import annotations

from typing import Any, NamedTuple

from tracemill.records import canonical_json


class Scored(NamedTuple):
    """`reward`: None where nothing can be said."""

    ground_truth: str
    response: Any
    reward: float | None
    prompt: Any = None


def truth(answer: str, kind: str, **more: Any) -> str:
    return canonical_json({"answer": answer, "check": {"kind": kind, "spec": {}}, **more})


NUMBER = truth("42", "numeric")
SUM_OF_SQUARES = truth("385", "numeric", prompt="What is 1^2+2^2+3^2+4^2+5^2+6^2+7^2+8^2+9^2+10^2?")

CASE_50 = [
    Scored(NUMBER, "\\boxed{41} or \\boxed{42}", 0.0),
    Scored(NUMBER, "It is either \\boxed{42} or something else.", 0.0),
    Scored(NUMBER, "It is 41, 42 or 43, I would say.", 0.0),
    Scored(truth("42", "numeric", prompt="What is 6*7?"), "What is 6*7?", 0.0),
    Scored(SUM_OF_SQUARES, "\\boxed{1^2+2^2+3^2+4^2+5^2+6^2+7^2+8^2+9^2+10^2}", 0.0),
    Scored(NUMBER, "\\boxed{4200\\%}", 0.0),
]
"""Case 50 of the attacks: several answers, hedged ones, the question restated, an unevaluated sum, a percentage."""

CASE_51 = [
    Scored(truth("5\\sqrt{3}", "symbolic"), "\\boxed{9^{9^{9^{9}}}}", None),
    Scored(truth("5\\sqrt{3}", "symbolic"), "\\boxed{((((9!)!)!)!)!}", None),
    Scored(truth("x+1", "symbolic"), "\\boxed{(x+y+z)^{100000}}", None),
    Scored(NUMBER, "\\boxed{9**9**9**9}", None),
]
"""Case 51: expressions that no machine evaluates. They are bounded, and nothing is said of them."""

ORDINARY = [
    Scored(NUMBER, "<think>Is it 41? \\boxed{41}</think>\n\\boxed{42}", 1.0),
    Scored(NUMBER, "\\boxed{41}", 0.0),
    Scored(NUMBER, "<think>It must be \\boxed{42}", 0.0),
    Scored(NUMBER, "It must be \\boxed{42}", 0.0, [{"role": "assistant", "content": "<think>\n"}]),
    Scored(NUMBER, [{"role": "assistant", "content": [{"type": "text", "text": "A: 42"}]}], 1.0),
    Scored(truth("5\\sqrt{3}", "symbolic"), "\\boxed{who knows}", None),
    Scored(truth("\\sin(x)^{4}", "symbolic"), "\\boxed{(1-\\cos(x)^2)^2}", 1.0),
    Scored(truth("42", "numeric", pattern="Ergebnis:\\s*(.+)"), "Ergebnis: 42", 1.0),
    Scored("{}", "\\boxed{42}", None),
    Scored(truth("42", "guess"), "\\boxed{42}", None),
    Scored(NUMBER, None, None),
    Scored(NUMBER, 5, None),
    Scored(NUMBER, b"\\boxed{42}", None),
    Scored(NUMBER, "\ud800 \\boxed{42}", 1.0),
]

EVERY = [*ORDINARY, *CASE_50, *CASE_51]
