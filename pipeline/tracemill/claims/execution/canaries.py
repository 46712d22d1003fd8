"""Facts of known outcome about one call of the standard library, and calls that must not be made."""

from __future__ import annotations

from typing import Any

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.claims.execution.calls import call_of, function_of
from tracemill.records import Claim, Outcome, Payload, premise
from tracemill.tasks.task import Line

_MODULE, _FUNCTION, _EXAMPLE = "fractions", "Fraction.limit_denominator", 0


def canaries() -> list[Canary]:
    function = function_of(_MODULE, _FUNCTION)
    call = call_of("python", function, _EXAMPLE) if function else None
    if call is None:
        raise ValueError(f"{_MODULE}.{_FUNCTION} has no example {_EXAMPLE}: the canaries need another function")
    names = dict(call.names)
    right, wrong = {"event": "result", "value": "Fraction(22, 7)"}, {"event": "result", "value": "Fraction(25, 8)"}
    return [
        _facts("gold: what the call gives", "verified", names, right),
        _facts("near miss: what the call gives", "refuted", names, wrong),
        _facts("near miss: a true fact beside a false one", "refuted", names, right, wrong),
        _facts("near miss: an equal value of another type", "refuted", names, right | {"value": "22/7"}),
        _facts("near miss: a type that is right, holding what it does not", "refuted", names, _holding("25")),
        _facts("a moment that never comes", "refuted", names, {"event": "run", "line": 1, "visit": 10**6}),
        _facts("a call of itself that is never made", "refuted", names, {"event": "inner", "visit": 1, "value": "1"}),
        _facts("forged: another call under the same hash", "unknown", names | {"call": "0" * 64}, right),
        _facts("forged: a function that is not of the library", "unknown", names | {"module": "os"}, right),
        _facts("program text instead of a fact", "unknown", names, {"event": "exec", "value": "__import__('os')"}),
        _facts("no facts", "unknown", names),
    ]


def _holding(content: str) -> dict[str, Any]:
    return {"event": "result", "type": "Fraction", "holds": content}


def _facts(attack: str, expected: Outcome, call: Payload, *facts: dict[str, Any]) -> Canary:
    line = Line("So it goes.", Claim("execution", {"facts": list(facts)}), (premise(0),))
    return claim_canary(attack, expected, [Claim("call", call)], [line])
