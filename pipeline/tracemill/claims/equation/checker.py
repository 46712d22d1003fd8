"""The claim checker `equation`: both sides of a stated equation are equal. True, not therefore to the point.

Payload: `{"lhs": text, "rhs": text}` in the notation of `arithmetic.py`. Numbers are compared as exact rationals, here;
what has letters or roots goes to a computer algebra system in a process that can be killed. With letters, `verified`
means an identity and `refuted` that no values make it true; an equation that holds for some values is `unknown`.

A result that is its calculation up to the rounding that it shows (`50/3 = 16.67`) or to the error of floating point
(`3*0.8 = 2.4000000000000004`) is verified with the evidence `{"rounded": true}`; one that is neither is refuted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, ClassVar

from tracemill.claims.claim_checker import Canary, ClaimChecker, Ruling
from tracemill.claims.equation.arithmetic import (
    MAX_BITS,
    Irrational,
    Node,
    TooLarge,
    Undefined,
    Unreadable,
    evaluate,
    parse_sides,
)
from tracemill.claims.equation.rounding import is_rounded
from tracemill.records import Claim, Payload, Problem, Step

if TYPE_CHECKING:
    from tracemill.sandbox.limited import LimitedProcess

SECONDS = 2.0
"""CPU time of the algebra for one equation."""
TRACE_SECONDS = 10.0
"""CPU time of the algebra for all equations of a trace."""
MEMORY_BYTES = 2**30
SHOWN_CHARACTERS = 80


@dataclass
class _CpuTime:
    """What the algebra may still take for one trace."""

    seconds: float


class EquationChecker(ClaimChecker):
    """`refuted` carries the exact value of both sides, and so does `verified` where one side is a rounding."""

    kind: ClassVar[str] = "equation"
    version: ClassVar[str] = "6"
    entails: ClassVar[bool] = False

    def __init__(self, trace_seconds: float = TRACE_SECONDS) -> None:
        self.trace_seconds = trace_seconds
        self._lock = threading.Lock()
        self._algebra: LimitedProcess | None = None

    @cached_property
    def judge(self) -> Payload:
        algebra = {"algebra": f"sympy {installed_version('sympy')}", "cpu_seconds": SECONDS}
        return {"bits": MAX_BITS, **algebra, "trace_cpu_seconds": self.trace_seconds}

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.equation.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        """See `ClaimChecker`. Each equation stands for itself: what a step uses plays no part."""
        allowance = _CpuTime(self.trace_seconds)
        return {index: self._one(steps[index].claim, allowance) for index in sorted(wanted)}

    def close(self) -> None:
        with self._lock:
            if self._algebra:
                self._algebra.close()
                self._algebra = None

    def _one(self, claim: Claim | None, allowance: _CpuTime) -> Ruling:
        payload = claim.payload if claim else {}
        lhs, rhs = payload.get("lhs"), payload.get("rhs")
        if not isinstance(lhs, str) or not isinstance(rhs, str):
            return Ruling("unknown", "the payload is not {'lhs': text, 'rhs': text}")
        try:
            left, right = parse_sides(lhs, rhs)
            return _compare((left, right), (lhs, rhs))
        except Irrational:
            return self._by_algebra(lhs, rhs, allowance)
        except Undefined as exc:
            return Ruling("refuted", f"a side has no value: {exc}", strength="exact")
        except TooLarge as exc:
            return Ruling("unknown", f"too large: {exc}")
        except Unreadable as exc:
            return Ruling("unknown", f"cannot be read: {exc}")

    def _by_algebra(self, lhs: str, rhs: str, allowance: _CpuTime) -> Ruling:
        from tracemill.sandbox.limited import ISOLATION, LimitedProcess

        if allowance.seconds <= 0:
            return Ruling("unknown", f"the trace's equations took {self.trace_seconds:g} s of CPU time before")
        with self._lock:
            if self._algebra is None:
                self._algebra = LimitedProcess(
                    "tracemill.claims.equation.algebra:decide", seconds=SECONDS, memory_bytes=MEMORY_BYTES
                )
            algebra = self._algebra
        try:
            reply = algebra.call({"lhs": lhs, "rhs": rhs})
        except LimitedProcess.Timeout:
            allowance.seconds -= SECONDS
            return Ruling("unknown", f"the algebra was not finished in {SECONDS:g} s of CPU time", isolation=ISOLATION)
        except LimitedProcess.Died:
            allowance.seconds -= SECONDS
            return Ruling(
                "unknown", "the algebra ended without an answer, as when memory runs out", isolation=ISOLATION
            )
        except LimitedProcess.Failed as exc:
            return Ruling("error", f"the algebra failed: {exc}"[:300], isolation=ISOLATION)
        allowance.seconds -= reply["cpu_seconds"]
        outcome = reply["outcome"]
        strength = None if outcome == "unknown" else reply["strength"]
        return Ruling(outcome, reply["reason"], reply["evidence"], strength, isolation=ISOLATION)


def _compare(sides: tuple[Node, Node], texts: tuple[str, str]) -> Ruling:
    left, right = evaluate(sides[0]), evaluate(sides[1])
    if left == right:
        return Ruling("verified", "both sides are equal", strength="exact")
    rounded = is_rounded(sides, (left, right), texts)
    evidence = {"lhs": _shown(left), "rhs": _shown(right), "rounded": rounded}
    values = f"{_shown(left)} on one side, {_shown(right)} on the other"
    if rounded:
        return Ruling("verified", f"{values}: equal as rounded", evidence, "exact")
    return Ruling("refuted", f"{values}: not equal", evidence, "exact")


def _shown(value: Fraction) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}… ({len(text)} characters)"
