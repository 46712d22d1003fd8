"""The parts of a trace's ledger in words, for a terminal and for the report: what a step claims, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracemill.records import Claim, Label, StepVerdict, Trace, Verdict, canonical_json
from tracemill.records.labels import first_wrong

MARKS = {"verified": "✓", "refuted": "✗", "unknown": "?", "error": "!"}
"""A sign for each outcome, so that no reader depends on colours."""
_ARGUMENTS = 160
"""Characters of a tool call's arguments that are shown."""


def claim_words(claim: Claim) -> str:
    payload = claim.payload
    if claim.kind in ("entailment", "enumeration"):
        assumed = f", assuming {' and '.join(map(str, payload['assume']))}" if payload.get("assume") else ""
        return f"claims {payload.get('formula')}{assumed}"
    if claim.kind == "equation":
        return f"claims {payload.get('lhs')} = {payload.get('rhs')}"
    if claim.kind == "retraction" and isinstance(listed := payload.get("steps"), list | tuple):
        return f"takes back {', '.join(f'step {one}' for one in listed)}"
    if claim.kind == "execution" and isinstance(facts := payload.get("facts"), list | tuple):
        return "claims " + "; ".join(map(_fact, facts))
    if claim.kind == "repository":
        return f"claims {_about_repository(payload)}"
    return f"claims {claim.kind} {canonical_json(payload)}"


def _about_repository(payload: Mapping[str, Any]) -> str:
    match dict(payload):
        case {"call": {"name": name, "arguments": arguments}}:
            return f"that {name} {canonical_json(arguments)[:_ARGUMENTS]} gives this"
        case {"expression": expression, "function": function, "line": line, "name": name, "value": value}:
            return f"{expression}, line {line} of {function}: {name} = {value}"
        case {"expression": expression, "value": value}:
            return f"{expression} = {value}"
        case {"expression": expression, "raises": raised}:
            return f"{expression} raises {raised}"
        case {"shows": list() as shows}:
            return f"that it shows {', '.join(map(repr, shows))}"
    return canonical_json(payload)


def _fact(fact: Any) -> str:
    """A fact of an execution in short; as JSON where it has another form."""
    if not isinstance(fact, Mapping):
        return canonical_json(fact)
    visit = fact.get("visit", 1)
    held = f" holding {fact['holds']}" if "holds" in fact else ""
    value = fact["value"] if "value" in fact else f"a {fact.get('type')}{held}"
    place = f"line {fact.get('line')}" + (f", time {visit}" if visit != 1 else "")
    told = {
        "argument": f"at first {fact.get('name')} = {value}",
        "assign": f"{place}: {fact.get('name')} = {value}",
        "run": f"{place}: runs",
        "branch": f"{place}: {'true' if fact.get('taken') else 'false'}",
        "loop": f"{place}: {fact.get('count')} rounds",
        "yield": f"value {visit} handed out = {value}",
        "inner": f"call {visit} of itself gives {value}",
        "return": f"returns {value}",
        "result": f"the call gives {value}",
    }
    return told.get(str(fact.get("event"))) or canonical_json(fact)


def uses_words(uses: Sequence[int]) -> str:
    named = [f"step {use}" if use >= 0 else f"premise {-1 - use}" for use in uses]
    return f"[from {', '.join(named)}]" if named else ""


def against_words(ruling: StepVerdict) -> str:
    """Why a step is not verified; nothing for one that is."""
    if ruling.outcome == "verified":
        return ""
    taken_back = " (taken back later)" if ruling.evidence.get("retracted") else ""
    return f"{ruling.outcome}{taken_back}: {ruling.reason}"


def closing_words(trace: Trace) -> str:
    return trace.turns[-1].content if trace.turns else f"(no reply: {trace.error})"


def verdict_words(verdict: Verdict) -> str:
    strength = f" ({verdict.strength})" if verdict.strength else ""
    coverage = "" if verdict.coverage_steps is None else f", coverage {verdict.coverage_steps:.0%} of steps"
    reason = f": {verdict.reason}" if verdict.reason else ""
    found = f"{verdict.outcome}{strength}{coverage}{reason}"
    return f"{MARKS[verdict.outcome]} {verdict.verifier} {verdict.version}: {found}"


def flaw_words(trace: Trace) -> str:
    """The mistake that was put into the trace, if one was."""
    flaw = trace.flaw
    return f"seeded mistake at step {flaw.index} ({flaw.kind}): {flaw.explanation}" if flaw else ""


def difficulty_words(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"


def label_words(label: Label) -> str:
    """What others said of the solution before it came here."""
    said = {None: "", True: ", which says right", False: ", which says wrong"}[label.right]
    wrong = first_wrong(label)
    if wrong is not None:
        said = ", which says that no step is wrong" if wrong < 0 else f", which says that step {wrong} is wrong"
    return f"label {label.name}: {label.value}{said}"
