"""What a claim checker is: it decides the claims of one kind, and says what it found as a `Ruling`.

A kind of claim is a folder here (`checker.py`, `canaries.py` and what they need) and a line in `settings/plugins.py`;
from another distribution it is an entry point in the group `tracemill.claims`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from tracemill.records import Outcome, Payload, Problem, Step, StepVerdict, Strength, Trace


@dataclass(frozen=True, slots=True)
class Ruling:
    """A checker's word on one claim, or a verifier's on one trace, before it becomes a record."""

    outcome: Outcome
    reason: str
    evidence: Payload = field(default_factory=dict)
    strength: Strength | None = None
    score: float | None = None
    steps: tuple[StepVerdict, ...] = ()
    coverage_claims: float | None = None
    coverage_steps: float | None = None
    isolation: str | None = None


@dataclass(frozen=True, slots=True)
class Canary:
    """A case whose outcome is known. `attack` says what it tries; a verifier that misses one cannot select data."""

    attack: str
    problem: Problem
    trace: Trace
    expected: Outcome


class ClaimCase(NamedTuple):
    """Claims of one trace: `wanted` are the indices of those to be decided, all of one kind."""

    problem: Problem
    steps: Sequence[Step]
    wanted: Sequence[int]


class ClaimChecker(ABC):
    """Decides the claims of one kind within a trace; used by the `steps` verifier. The base of all checkers.

    `entails` says that a verified claim follows from the problem's premises and the steps it uses, so that a trace
    made of such claims alone has *correct* steps. An `equation` may be true and beside the point: it does not entail.
    """

    kind: ClassVar[str]
    version: ClassVar[str]
    entails: ClassVar[bool]

    @property
    def judge(self) -> Payload:
        """What a ruling depends on beside `version`: bounds, versions of solvers."""
        return {}

    @abstractmethod
    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        """A ruling, with its strength where it decides, for each index of `steps` in `wanted` (those of this kind).

        Each claim is judged given what the step uses; that the used steps are themselves verified is for the caller
        to see to. May raise: then every wanted claim is an `error`.
        """

    def rule_many(self, cases: Sequence[ClaimCase]) -> Sequence[Mapping[int, Ruling]]:
        """What `rule` says of each case. To be overridden where many at once cost less; if it raises, `rule` is asked
        of each case alone."""
        return [self.rule(*case) for case in cases]

    def canaries(self) -> Iterable[Canary]:
        """Traces of such claims, with the outcome that the `steps` verifier must give them: right claims, near misses,
        and whatever an author could try against the checker."""
        return ()

    def close(self) -> None:  # noqa: B027  most have nothing to end
        """Ends whatever processes it started."""
