"""What became of each test of a program, and the ruling that this makes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tracemill.claims.claim_checker import Ruling
from tracemill.sandbox.jobs import Ended

Reason = Literal[
    "compile_error", "crash", "wrong_output", "timeout", "memory", "output_flood", "not_found", "no_code", "disk",
    "processes",
]  # fmt: skip

SHOWN = 300
"""Characters of an input, an output or an expected output that evidence shows."""
_MOST_FAILURES = 3
_BY_LIMIT: dict[str, Reason] = {
    "cpu": "timeout", "wall": "timeout", "memory": "memory", "output": "output_flood", "disk": "disk",
    "processes": "processes", "signal": "crash",
}  # fmt: skip
_ADDRESS = re.compile(r"\b0x[0-9a-f]{7,16}\b")
_NOT_COMPILED = re.compile(r"^(?:SyntaxError|IndentationError|TabError|UnicodeDecodeError: .*source)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TestResult:
    """`reason` is empty where the test passed; `given`, `got` and `expected` are shown in the evidence."""

    index: int
    reason: Reason | Literal[""] = ""
    given: str = ""
    got: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """All that was found of a program: `total` tests there are, of which `results` were run. `isolation`: what it ran
    in. `evidence`: further entries. `undecided`: why tests that passed do not count, or nothing."""

    total: int
    results: Sequence[TestResult]
    isolation: str
    evidence: dict[str, Any] = field(default_factory=dict)
    undecided: str = ""

    @property
    def passed(self) -> bool:
        return len(self.results) == self.total and not self.failures

    @property
    def failures(self) -> list[TestResult]:
        return [result for result in self.results if result.reason]


def shown(text: str) -> str:
    """At most `SHOWN` characters of a text, its middle left out; what cannot be printed is escaped."""
    half = SHOWN // 2
    cut = text if len(text) <= SHOWN else f"{text[:half]} … ({len(text)} characters) … {text[-half:]}"
    # An address differs from run to run, and a verdict may not.
    cut = _ADDRESS.sub("0x…", cut)
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in cut)


def text_of(data: bytes) -> str:
    """What a program printed. A byte that is no UTF-8 becomes half a character, which is in no expected output."""
    return data.decode("utf-8", "surrogateescape")


def broken(ended: Ended) -> Reason | Literal[""]:
    """Why a run did not end well, or nothing."""
    if ended.how != "exit":
        return _BY_LIMIT[ended.how]
    if ended.fine:
        return ""
    # A program that could not be compiled ran nothing, and so could print nothing of its own.
    return "compile_error" if _NOT_COMPILED.match(_last_said(ended)) and not ended.stdout else "crash"


def _last_said(ended: Ended) -> str:
    """The exception, or the last line of standard error."""
    return ended.raised or text_of(ended.stderr[-2000:]).strip().rpartition("\n")[2]


def trouble_said(ended: Ended) -> str:
    """What a run that broke said last: the exception, or the last line of its standard error."""
    said = _last_said(ended)
    if ended.how == "exit":
        return said or f"exit status {ended.status}"
    return f"signal {ended.status}" if ended.how == "signal" else said


def ruling_of(judged: Judged, evidence: dict[str, Any]) -> Ruling:
    """Verified where every test passed; refuted with the first failure's reason."""
    evidence = {"tests": judged.total, "run": len(judged.results), **judged.evidence, **evidence}
    if failures := judged.failures:
        first = failures[0]
        evidence |= {
            "category": first.reason,
            "failed": len(failures),
            "failures": [
                {"test": one.index, "reason": one.reason, "input": one.given, "got": one.got, "expected": one.expected}
                for one in failures[:_MOST_FAILURES]
            ],
        }
        where = f" in test {first.index + 1} of {judged.total}" if judged.total > 1 else ""
        return Ruling("refuted", f"{first.reason}{where}", evidence, strength="tested", isolation=judged.isolation)
    if judged.undecided:
        return Ruling("unknown", judged.undecided, evidence, isolation=judged.isolation)
    if not judged.passed:
        return Ruling("unknown", "not every test was run", evidence, isolation=judged.isolation)
    many = f"all {judged.total} tests pass" if judged.total > 1 else "the test passes"
    return Ruling("verified", many, evidence, strength="tested", isolation=judged.isolation)


def no_code(reason: str, evidence: dict[str, Any] | None = None) -> Ruling:
    return Ruling("refuted", f"no_code: {reason}", {"category": "no_code", **(evidence or {})}, strength="tested")
