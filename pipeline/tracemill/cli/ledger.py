"""A trace's ledger as a person reads it: each step, what it claims, what the checkers found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracemill.records import Claim, Problem, StepVerdict, Trace, Verdict, canonical_json
from tracemill.verifiers.counting import Judges, counting_verdicts

MARKS = {"verified": "✓", "refuted": "✗", "unknown": "?", "error": "!"}


def ledger(problem: Problem, trace: Trace, verdicts: Sequence[Verdict], judges: Judges | None = None) -> str:
    """Problem, steps with their rulings, answer and verdicts, as plain text.

    Of several verdicts of one verifier all are listed; steps show what the one that counts says of them. `judges`: the
    present ones of the build (see `counting_verdicts`).
    """
    lines = [
        f"trace {trace.id}",
        f"  {problem.domain}, difficulty {_number(problem.difficulty)}, {problem.split}; teacher {trace.teacher}, "
        f"sample {trace.sample_index}, {trace.finish_reason}",
        "",
        *_indented(problem.prompt, "  "),
        "",
        *_steps(trace, _rulings(trace, verdicts, judges)),
        *_indented(_closing(trace), "  → "),
        "",
        *(_verdict(verdict) for verdict in verdicts),
    ]
    if trace.flaw:
        lines.append(f"  seeded mistake at step {trace.flaw.index} ({trace.flaw.kind}): {trace.flaw.explanation}")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"


def _indented(text: str, indent: str) -> list[str]:
    return [indent + line for line in text.splitlines()]


def _rulings(trace: Trace, verdicts: Sequence[Verdict], judges: Judges | None) -> dict[int, StepVerdict]:
    counting = counting_verdicts(trace, verdicts, judges).values()
    return {one.step: one for verdict in counting for one in verdict.steps if one.step is not None}


def _steps(trace: Trace, rulings: dict[int, StepVerdict]) -> Iterator[str]:
    for index, step in enumerate(trace.steps):
        ruling = rulings.get(index)
        mark = MARKS[ruling.outcome] if ruling else " "
        text = " ".join(trace.step_text(step).split())
        yield f"  {mark} {index:>2}  {text}"
        if step.claim:
            yield f"          {_claim(step.claim)}  {_uses(step.uses)}"
        if ruling and ruling.outcome != "verified":
            taken_back = " (taken back later)" if ruling.evidence.get("retracted") else ""
            yield f"          {ruling.outcome}{taken_back}: {ruling.reason}"


def _claim(claim: Claim) -> str:
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
    return f"claims {claim.kind} {canonical_json(payload)}"


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


def _uses(uses: Sequence[int]) -> str:
    named = [f"step {use}" if use >= 0 else f"premise {-1 - use}" for use in uses]
    return f"[from {', '.join(named)}]" if named else ""


def _closing(trace: Trace) -> str:
    return trace.turns[-1].content if trace.turns else f"(no reply: {trace.error})"


def _verdict(verdict: Verdict) -> str:
    strength = f" ({verdict.strength})" if verdict.strength else ""
    coverage = "" if verdict.coverage_steps is None else f", coverage {verdict.coverage_steps:.0%} of steps"
    reason = f": {verdict.reason}" if verdict.reason else ""
    mark = MARKS[verdict.outcome]
    return f"  {mark} {verdict.verifier} {verdict.version}: {verdict.outcome}{strength}{coverage}{reason}"
