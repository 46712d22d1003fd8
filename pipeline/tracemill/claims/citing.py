"""What a step cites, as the checkers over formulas read it: premises and earlier steps whose formulas can be read."""

from __future__ import annotations

from collections.abc import Container, Sequence

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Step, premise


def cited(steps: Sequence[Step], index: int, readable: Container[int]) -> list[int] | Ruling:
    """What step `index` uses, without premise 0, which declares names; or why the step cannot be judged: it uses what
    does not come before it, or what is not among the `readable` premises and steps.

    >>> cited([Step(0, 0, 1), Step(0, 2, 3, uses=(0, -2))], 1, {0, -2})
    [0, -2]
    """
    uses = [use for use in steps[index].uses if use != premise(0)]
    for use in uses:
        if use >= index:
            return Ruling("unknown", f"uses step {use}, which does not come before it")
        if use not in readable:
            named = f"step {use}" if use >= 0 else f"premise {-1 - use}"
            return Ruling("unknown", f"uses {named}, which has no formula that can be read")
    return uses
