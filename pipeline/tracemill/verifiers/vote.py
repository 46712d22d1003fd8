"""The verifier `vote`: whether the answer of a solution is the one that most samples of the problem give.

For problems whose answer nobody knows; strength `judged`, since the many may be wrong. It reads what the strategy
`majority` notes in `Trace.metadata["vote"]`: `share` of all samples that give the winning answer, whether this one
`agrees`, and whether the vote is `tied`. Without such a note, or without a winner, it says `unknown`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary, Ruling
from tracemill.records import Outcome, Payload, Problem, Scope, Trace
from tracemill.tasks.task import Line
from tracemill.verifiers.verifier import Verifier


class VoteConfig(BaseModel):
    """`share`: of all samples of a problem, at least so many must give the winning answer; else nothing is decided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["vote"] = "vote"
    share: float = Field(default=0.5, gt=0, le=1)


class VoteVerifier(Verifier):
    """Verified where the trace gives the winning answer, refuted where it gives another or none."""

    Config = VoteConfig
    name: ClassVar[str] = "vote"
    version: ClassVar[str] = "2"
    scope: ClassVar[Scope] = "answer"

    @property
    def judge(self) -> Payload:
        return {"share": self.config.share}

    def concerns(self, problem: Problem, trace: Trace) -> bool:
        return "vote" in trace.metadata

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        vote = trace.metadata.get("vote")
        if not isinstance(vote, Mapping) or not isinstance(vote.get("share"), float) or "agrees" not in vote:
            return Ruling("unknown", "no vote was taken on this problem")
        if vote.get("tied"):
            return Ruling("unknown", "several answers have the most votes", evidence=vote)
        if vote["share"] < self.config.share:
            return Ruling("unknown", f"no answer has {self.config.share:g} of the votes", evidence=vote)
        if vote["agrees"]:
            return Ruling("verified", "the answer of the majority", evidence=vote, strength="judged")
        return Ruling("refuted", "not the answer of the majority", evidence=vote, strength="judged")

    def canaries(self, kinds: Collection[str] | None = None) -> Iterable[Canary]:
        yield _canary("most agree", "verified", {"share": 0.75, "agrees": True})
        yield _canary("near miss: one of the minority", "refuted", {"share": 0.75, "agrees": False})
        yield _canary("half against half", "unknown", {"share": 0.5, "agrees": False, "tied": True})
        yield _canary("no answer has enough votes", "unknown", {"share": 0.01, "agrees": True})
        yield _canary("tampering: a share in words", "unknown", {"share": "all", "agrees": True})
        yield _canary("no vote was taken", "unknown", None)


def _canary(attack: str, expected: Outcome, vote: Mapping[str, Any] | None) -> Canary:
    canary = claim_canary(attack, expected, (), [Line("It is 12.")])
    return replace(canary, trace=replace(canary.trace, metadata={} if vote is None else {"vote": vote}))
