"""What a claim checker is: it decides the claims of one kind, and says what it found as a `Ruling`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from tracemill.records import Outcome, Payload, Problem, Step, StepVerdict, Strength


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


class ClaimChecker(Protocol):
    """Decides the claims of one kind within a trace; used by the `steps` verifier.

    `entails` says that a verified claim follows from the problem's premises and the steps it uses, so that a trace
    made of such claims alone has *correct* steps. An `equation` may be true and beside the point: it does not entail.
    """

    kind: ClassVar[str]
    version: ClassVar[str]
    entails: ClassVar[bool]

    @property
    def judge(self) -> Payload: ...

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        """A ruling, with its strength where it decides, for each index of `steps` in `wanted` (those of this kind).

        Each claim is judged given what the step uses; that the used steps are themselves verified is for the caller
        to see to. May raise: then every wanted claim is an `error`.
        """

    def close(self) -> None: ...
