"""What was found out: verdicts on traces, measured pass rates, and decisions about what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tracemill.records.canonical import Payload
from tracemill.records.problem import Claim

Outcome = Literal["verified", "refuted", "unknown", "error"]
Strength = Literal["proof", "exhaustive", "exact", "tested", "judged"]
Scope = Literal["answer", "steps", "trace"]

OUTCOMES: tuple[Outcome, ...] = ("verified", "refuted", "unknown", "error")
STRENGTHS: tuple[Strength, ...] = ("proof", "exhaustive", "exact", "tested", "judged")
"""Strongest first."""


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """What a checker found of one claim. `step` is the index in `Trace.steps`, or None where the verifier found the
    claim in the text itself."""

    step: int | None
    turn: int
    start: int
    end: int
    claim: Claim | None
    outcome: Outcome
    reason: str
    evidence: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier found of one trace.

    `id` hashes trace id, verifier, version, judge and attempt. It counts only for a trace whose digest is
    `trace_digest`; of several attempts the latest counts. `judge` holds parameters and solver versions, and under
    `checkers` the claim checkers that this trace used, by kind (null for a kind that has none).
    `coverage_claims` is decided claims over all claims, `coverage_steps` decided claims over all steps.
    `score` is for verifiers that grade; one that did not run has none, not 0.
    """

    id: str
    trace_id: str
    trace_digest: str
    verifier: str
    version: str
    scope: Scope
    outcome: Outcome
    strength: Strength | None
    reason: str
    judge: Payload = field(default_factory=dict)
    score: float | None = None
    evidence: Payload = field(default_factory=dict)
    steps: tuple[StepVerdict, ...] = ()
    coverage_claims: float | None = None
    coverage_steps: float | None = None
    isolation: str | None = None
    attempt: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured pass rate: `k` of `n` decided samples verified, with its 95% interval (Clopper–Pearson).

    `id` hashes problem id, model and strategy.
    """

    id: str
    problem_id: str
    model: str
    strategy: str
    n: int
    k: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something was kept, and why not.

    `subject`: a source's `line`, a `problem`, a `trace`, or a `pair` of traces. `id` is the line's number in its source
    (`name:number`), the problem's id, the trace's id, or a pair's (`<trace>+<12 hex of the other>`), followed by
    `@view` where the decision is of one view. `stage` is the curriculum stage that took it, `place` where its row
    stands there, from 0; `trace_ids` are the traces that the row is made of.
    """

    id: str
    subject: Literal["line", "problem", "trace", "pair"]
    kept: bool
    reason: str
    detail: str = ""
    view: str = ""
    stage: str | None = None
    place: int | None = None
    problem_id: str | None = None
    trace_ids: tuple[str, ...] = ()
