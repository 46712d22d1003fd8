"""Claims of known outcome about stacks: lawful moves, unlawful ones, and what is left of the goal."""

from __future__ import annotations

from typing import Any

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.records import Claim, Outcome, premise
from tracemill.tasks.task import Line

_PREMISES = [Claim("state", {"stacks": [["a", "b"], ["c"]]}), Claim("goal", {"stacks": [["c", "b"]]})]
_START, _GOAL = premise(0), premise(1)
_TWO = {"moves": [["b", None], ["b", "c"]]}
_UNLAWFUL = {"moves": [["b", "c"], ["c", None]]}
_MOVED = {"moves": [["b", "c"]], "stacks": [["a"], ["c", "b"]]}


def canaries() -> list[Canary]:
    covered = {"moves": [["a", "c"]], "stacks": [["b"], ["c", "a"]]}
    return [
        _claims("gold: a lawful move", "verified", (_MOVED, (_START,))),
        _claims("near miss: a covered block is moved", "refuted", (covered, (_START,))),
        _claims(
            "near miss: a move that leads elsewhere", "refuted", ({**_MOVED, "stacks": [["a", "b"], ["c"]]}, (_START,))
        ),
        _claims("gold: the goal is reached", "verified", (_MOVED, (_START,)), ({"missing": []}, (0, _GOAL))),
        _claims("gold: all that the goal asks for", "verified", ({"goal": [["c", None], ["b", "c"]]}, (_GOAL,))),
        _claims("near miss: a part of the goal as the whole", "refuted", ({"goal": [["b", "c"]]}, (_GOAL,))),
        _claims("near miss: the goal is not reached yet", "refuted", ({"missing": []}, (_START, _GOAL))),
        _claims("gold: moves whose stacks are not listed", "verified", (_TWO, (_START,)), ({"clear": ["a"]}, (0,))),
        _claims("near miss: the second of two moves is of a covered block", "refuted", (_UNLAWFUL, (_START,))),
        _claims("gold: some of what the goal asks for", "verified", ({"wanted": [["b", "c"]]}, (_GOAL,))),
        _claims("a move from a state that is not named", "unknown", (_MOVED, ())),
        _claims("a payload of another form", "unknown", ({"stacks": "abc"}, (_START,))),
        _claims("more things than are read", "unknown", ({"stacks": [[str(n) for n in range(1000)]]}, (_START,))),
    ]


def _claims(attack: str, expected: Outcome, *claims: tuple[dict[str, Any], tuple[int, ...]]) -> Canary:
    lines = [Line("Now it stands so.", Claim("state", payload), uses) for payload, uses in claims]
    return claim_canary(attack, expected, _PREMISES, lines)
