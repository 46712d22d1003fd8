"""What a verifier is, how one is made, and how its ruling on a trace becomes a verdict.

`verified` and `refuted` are said only by a checker that decided. A timeout or a solver's "unknown" is `unknown`; an
exception of ours is `error` (`boundary.py`). Nothing in this file turns one into another.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from tracemill.claims.claim_checker import Canary, Ruling
from tracemill.records import Check, Payload, Problem, Scope, Trace, Verdict, verdict_id
from tracemill.settings.failures import classified
from tracemill.settings.plugins import load
from tracemill.verifiers.boundary import ruled
from tracemill.verifiers.line_fields import object_field, problem_of, text_field, trace_of_response
from tracemill.verifiers.ruling_form import well_formed


class NoParameters(BaseModel):
    """The config of a verifier that has nothing to be set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = ""


class Verifier(ABC):
    """Judges whole traces. The base of all verifiers; made once per worker from its config (a pydantic model,
    `Config`, whose `kind` is the verifier's name; the defaults where no config is given)."""

    Config: ClassVar[Any] = NoParameters
    name: ClassVar[str]
    version: ClassVar[str]
    scope: ClassVar[Scope]

    def __init__(self, config: Any = None) -> None:
        self.config = config or self.Config()

    @property
    @abstractmethod
    def judge(self) -> Payload:
        """Parameters and versions of solvers, the same for all traces. Enters the verdict's id."""

    def checkers(self, kinds: Collection[str]) -> Mapping[str, Payload | None] | None:
        """The present claim checkers of these kinds, each by its version and what else its rulings depend on; null
        where none is installed. None for a verifier that asks no claim checkers."""
        return None

    def case(self, line: Payload) -> tuple[Problem, Trace]:
        """The problem and the trace that a line of `tracemill judge` stands for: here from its fields `kind`, `spec`,
        `gold`, `prompt` and `response`. To be overridden by a verifier that needs others (`line_fields.py`).

        Raises:
            ValueError: a field is missing or makes no sense, which becomes the line's `error`.
        """
        check = Check(text_field(line, "kind"), object_field(line, "spec"))
        problem = problem_of(line, check, text_field(line, "gold"))
        return problem, trace_of_response(line, problem)

    def concerns(self, problem: Problem, trace: Trace) -> bool:
        """Whether it says anything of such a trace of this problem. To be overridden by a verifier that leaves some to
        another one: of these `rule` says `unknown`, and the audit counts them apart."""
        return True

    @abstractmethod
    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        """May raise: that becomes an `error` verdict; what shows a bug, as a TypeError does, ends the run."""

    def rule_many(self, cases: Sequence[tuple[Problem, Trace]]) -> Sequence[Ruling]:
        """What `rule` says of each case. To be overridden where many at once cost less; if it raises, `rule` is asked
        of each case alone."""
        return [self.rule(problem, trace) for problem, trace in cases]

    @abstractmethod
    def canaries(self, kinds: Collection[str] | None = None) -> Iterable[Canary]:
        """Cases of known outcome. A verifier that asks claim checkers gives those of claims of these `kinds`; of all
        that are installed where `kinds` is not given."""

    def close(self) -> None:  # noqa: B027  most have nothing to end
        """Ends whatever processes it started."""


class JudgeCase(NamedTuple):
    """A trace to be judged, for the `attempt`-th time, counted from 0."""

    problem: Problem
    trace: Trace
    attempt: int = 0


def make_verifier(name: str, parameters: Payload) -> Verifier:
    """An installed verifier, with the parameters of its config.

    Raises:
        UsageError: no such verifier.
        pydantic.ValidationError: its config has no such parameters.
        PluginError: its class has a bug, such as a method that is missing.
    """
    plugin = load("verifier", name)
    config = plugin.Config(kind=name, **parameters)
    try:
        verifier: Verifier = plugin(config)
    except Exception as exc:
        classified("verifier", name, exc)
        raise
    return verifier


def claim_kinds(trace: Trace) -> tuple[str, ...]:
    """The kinds of the claims that a trace's steps state, sorted."""
    return tuple(sorted({step.claim.kind for step in trace.steps if step.claim}))


def judged(verifier: Verifier, problem: Problem, trace: Trace, attempt: int = 0) -> Verdict:
    """The verdict of `verifier` on `trace`; an exception becomes outcome `error` with its text as the reason."""
    return judged_many(verifier, [JudgeCase(problem, trace, attempt)])[0]


def judged_many(verifier: Verifier, cases: Sequence[JudgeCase]) -> list[Verdict]:
    """Like `judged` for each case. The time of a batch is shared out evenly."""
    began = time.perf_counter()
    pairs = [(case.problem, case.trace) for case in cases]
    rulings = ruled("verifier", verifier.name, pairs, lambda pair: verifier.rule(*pair), verifier.rule_many)
    seconds = (time.perf_counter() - began) / max(1, len(cases))
    sound = [well_formed("verifier", verifier.name, ruling) for ruling in rulings]
    return [_verdict(verifier, case, ruling, seconds) for case, ruling in zip(cases, sound, strict=True)]


def _verdict(verifier: Verifier, case: JudgeCase, ruling: Ruling, seconds: float) -> Verdict:
    trace = case.trace
    checkers = verifier.checkers(claim_kinds(trace))
    judge = verifier.judge if checkers is None else {**verifier.judge, "checkers": checkers}
    return Verdict(
        id=verdict_id(trace.id, verifier.name, verifier.version, judge, case.attempt),
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
        attempt=case.attempt,
        seconds=seconds,
    )
