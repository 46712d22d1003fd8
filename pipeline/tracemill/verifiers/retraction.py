"""Claims of the kind `retraction`: the author of a trace takes earlier steps back ("wait, that is wrong").

Payload: `{"steps": [i, …]}`: the wrong step, and every step since that rests on it. Whether it is right to take them
back follows from the other rulings of the trace, so that the `steps` verifier decides it and no checker is asked.

An example: step 2 says 2·4 + 3 = 10, step 3 goes on from there, step 4 claims `(not (= (+ (* 2 4) 3) 10))` as its
check, and step 5 claims `{"steps": [2, 3]}`. Step 2 is refuted, so step 5 is verified, and steps 2 and 3 are retracted:
they keep their outcomes, and the trace is judged by its other steps. Step 5 is not one of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Step

RETRACTION = "retraction"


def is_retraction(step: Step) -> bool:
    return step.claim is not None and step.claim.kind == RETRACTION


def retracts(steps: Sequence[Step]) -> bool:
    """Whether a step takes others back, rightly or not."""
    return any(map(is_retraction, steps))


def taken_back(step: Step) -> tuple[int, ...]:
    """The steps that a retraction lists, in ascending order.

    Raises:
        ValueError: the payload is not a list of one or more indices.
    """
    payload: Any = step.claim.payload if step.claim else None
    listed = payload.get("steps") if isinstance(payload, Mapping) else None
    if not isinstance(listed, list | tuple) or not listed or not all(type(one) is int for one in listed):
        raise ValueError("the payload is not {'steps': [index, …]}")
    return tuple(sorted(listed))


def rule_retraction(index: int, step: Step, rulings: Mapping[int, Ruling]) -> Ruling:
    """The ruling on the retraction at `index`, given those on the steps before it.

    `verified`: the first step that it lists is refuted. `refuted`: that one is verified, a false alarm. What it lists
    beside that one is not looked at, for a step that rests on a wrong one is `unknown`, whatever it says.
    """
    try:
        listed = taken_back(step)
    except ValueError as exc:
        return Ruling("unknown", str(exc))
    for one in listed:
        if not 0 <= one < index:
            return Ruling("unknown", f"takes back step {one}, which does not come before it")
    first = listed[0]
    if first not in rulings:
        return Ruling("unknown", f"takes back step {first}, which states no claim")
    found = rulings[first]
    if found.outcome == "refuted":
        return Ruling("verified", f"step {first} is wrong: {found.reason}", strength=found.strength)
    if found.outcome == "verified":
        return Ruling("refuted", f"takes back step {first}, which is right", strength=found.strength)
    return Ruling("unknown", f"takes back step {first}, which is {found.outcome}")
