"""Cases of known outcome for what the `steps` verifier does itself; those of each kind of claim are its checker's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.claims.entailment.canaries import FIRST, LINEAR, LINEAR_GOLD, Said, entailed, entailing, premises
from tracemill.records import Claim, Outcome
from tracemill.tasks.task import Line


def canaries() -> list[Canary]:
    return [*_shapes(), *_retractions()]


def _shapes() -> list[Canary]:
    gold = entailed("tampered: a span beyond the text", "error", LINEAR, LINEAR_GOLD)
    *steps, last = gold.trace.steps
    beyond = replace(gold.trace, steps=(*steps, replace(last, end=last.end + 10_000)))
    rests = [("(= x 4)", (FIRST,)), ("(= (* 2 x) 8)", (0,))]
    return [
        replace(gold, trace=beyond),
        entailed("a step that rests on a wrong one", "refuted", LINEAR, rests),
        claim_canary("no claims", "unknown", premises(LINEAR), [Line("It is plain that x is 3.")]),
        claim_canary("a claim of an unknown kind", "unknown", [], [Line("Trust me.", Claim("trust", {"x": "3"}))]),
    ]


def _retractions() -> list[Canary]:
    """x = 4 (step 1) is wrong, y = 1 (step 2) rests on it, step 3 is the check that shows it."""
    first, last = LINEAR_GOLD[0], LINEAR_GOLD[1]
    wrong: Said = [first, ("(= x 4)", (0,)), ("(= y 1)", (1, FIRST)), ("(not (= (* 2 4) 6))", ())]
    return [
        _retracted("gold: a mistake taken back", "verified", wrong, [1, 2], [last, ("(= y 2)", (5, FIRST))]),
        _retracted("a false alarm", "refuted", LINEAR_GOLD, [1, 2], []),
        _retracted("the wrong step is taken back", "refuted", wrong, [0], [last]),
        _retracted("a right step is taken back with the wrong one", "refuted", wrong, [0, 1, 2], []),
        _retracted("a dependent step is forgotten", "unknown", wrong, [1], [last]),
        _retracted("a step taken back is used later", "unknown", wrong, [1, 2], [("(= y 1)", (1, FIRST))]),
        _retracted("a step taken back is used later, wrongly", "refuted", wrong, [1, 2], [("(= x 5)", (1,))]),
        _retracted("a mistake taken back in advance", "refuted", [first], [2], [("(= x 4)", (0,))]),
        _retracted("nothing is taken back", "refuted", wrong, [], [last]),
        _retracted("another mistake after the repair", "refuted", wrong, [1, 2], [("(= x 5)", (0,))]),
    ]


def _retracted(attack: str, expected: Outcome, before: Said, listed: Sequence[int], after: Said) -> Canary:
    back = Line("No, that is wrong.", Claim("retraction", {"steps": listed}))
    return claim_canary(attack, expected, premises(LINEAR), [*entailing(before), back, *entailing(after)])
