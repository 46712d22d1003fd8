"""Equations of known outcome: calculations, identities, and texts that want to be computed for ever."""

from __future__ import annotations

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.records import Claim, Outcome
from tracemill.tasks.task import Line

_CASES: tuple[tuple[str, Outcome, str, str], ...] = (
    ("gold: a quotient", "verified", "48/2", "24"),
    ("near miss: a quotient", "refuted", "48/2", "23"),
    ("rounded", "verified", "50/3", "16.67"),
    ("rounded by floating point", "verified", "3*0.8", "2.4000000000000004"),
    ("near miss: a digit cut off", "refuted", "50/3", "16.66"),
    ("near miss: beyond the error of floating point", "refuted", "3*0.8", "2.4000000000000104"),
    ("near miss: a large number within", "refuted", "7^20/7^19", "8"),
    ("gold: per cent", "verified", "20% of 1,250", "$250"),
    ("bomb: a tower of powers", "unknown", "9**9**9**9", "0"),
    ("bomb: a tower beside a letter", "unknown", "x*9^9^9^9", "x"),
    ("program text", "unknown", "__import__('os').getpid()", "1"),
    ("gold: an identity", "verified", "(a+b)^2", "a^2+2a*b+b^2"),
    ("near miss: an identity", "refuted", "(a+b)^2", "a^2+2a*b+b^2+1"),
    ("a zero in disguise is cancelled", "unknown", "2((a+b)^2-a^2-2a*b-b^2)/((a+b)^2-a^2-2a*b-b^2)", "2"),
    ("true for some values only", "unknown", "2a+3", "7"),
)


def canaries() -> list[Canary]:
    return [
        claim_canary(attack, expected, [], [Line(f"That makes {lhs} = {rhs}.", _equation(lhs, rhs))])
        for attack, expected, lhs, rhs in _CASES
    ]


def _equation(lhs: str, rhs: str) -> Claim:
    return Claim("equation", {"lhs": lhs, "rhs": rhs})
