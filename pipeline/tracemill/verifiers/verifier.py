"""What a verifier and a claim checker are: the contracts, and the one place where their failures are classified.

`verified` and `refuted` are said only by a checker that decided. A timeout or a solver's "unknown" is `unknown`; an
exception of ours is `error`. Nothing in this file turns one into another.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Outcome, Payload, Problem, Scope, Trace, Verdict, verdict_id


@dataclass(frozen=True, slots=True)
class Canary:
    """A case whose outcome is known. `attack` says what it tries; a verifier that misses one cannot select data."""

    attack: str
    problem: Problem
    trace: Trace
    expected: Outcome


class Verifier(Protocol):
    """Judges whole traces. Made once per worker; `close` ends whatever processes it started."""

    name: ClassVar[str]
    version: ClassVar[str]
    scope: ClassVar[Scope]

    @property
    def judge(self) -> Payload:
        """Parameters and solver versions: what else the outcome depends on. Enters the verdict's id."""

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        """May raise: the caller makes that an `error` verdict."""

    def canaries(self) -> Iterable[Canary]: ...

    def close(self) -> None: ...


def judged(verifier: Verifier, problem: Problem, trace: Trace, attempt: int = 0) -> Verdict:
    """The verdict of `verifier` on `trace`; an exception becomes outcome `error` with its text as the reason."""
    began = time.perf_counter()
    try:
        ruling = verifier.rule(problem, trace)
    except Exception as exc:  # noqa: BLE001  the boundary: trouble of ours is data with outcome `error`, not a crash
        ruling = Ruling("error", f"{type(exc).__name__}: {exc}"[:500])
    judge = verifier.judge
    return Verdict(
        id=verdict_id(trace.id, verifier.name, verifier.version, judge, attempt),
        trace_id=trace.id,
        trace_digest=trace.digest,
        verifier=verifier.name,
        version=verifier.version,
        scope=verifier.scope,
        outcome=ruling.outcome,
        strength=ruling.strength if ruling.outcome in ("verified", "refuted") else None,
        reason=ruling.reason,
        judge=judge,
        score=ruling.score,
        evidence=ruling.evidence,
        steps=ruling.steps,
        coverage_claims=ruling.coverage_claims,
        coverage_steps=ruling.coverage_steps,
        isolation=ruling.isolation,
        attempt=attempt,
        seconds=time.perf_counter() - began,
    )
