"""A trace's ledger as a person reads it: each step, what it claims, what the checkers found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracemill.publishing.ledger_words import (
    MARKS,
    against_words,
    claim_words,
    closing_words,
    difficulty_words,
    flaw_words,
    label_words,
    uses_words,
    verdict_words,
)
from tracemill.records import Problem, StepVerdict, Trace, Verdict
from tracemill.verifiers.counting import Judges, counting_verdicts

_RESULT = 160
"""Characters of a tool's result that are shown."""


def ledger(problem: Problem, trace: Trace, verdicts: Sequence[Verdict], judges: Judges | None = None) -> str:
    """Problem, steps with their rulings, answer, verdicts and labels that came along, as plain text.

    Of several verdicts of one verifier all are listed; steps show what the one that counts says of them. `judges`: the
    present ones of the build (see `counting_verdicts`).
    """
    lines = [
        f"trace {trace.id}",
        f"  {problem.domain}, difficulty {difficulty_words(problem.difficulty)}, {problem.split}; "
        f"teacher {trace.teacher}, sample {trace.sample_index}, {trace.finish_reason}",
        "",
        *_indented(problem.prompt, "  "),
        "",
        *_steps(trace, _rulings(trace, verdicts, judges)),
        *_indented(closing_words(trace), "  → "),
        "",
        *(f"  {verdict_words(verdict)}" for verdict in verdicts),
        *(f"  {label_words(label)}" for label in trace.labels),
    ]
    if trace.flaw:
        lines.append(f"  {flaw_words(trace)}")
    return "\n".join(lines)


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
        if trace.turns[step.turn].role == "tool" and len(text) > _RESULT:
            text = f"{text[:_RESULT]} …"
        yield f"  {mark} {index:>2}  {text}"
        if step.claim:
            yield f"          {claim_words(step.claim)}  {uses_words(step.uses)}"
        if ruling and (against := against_words(ruling)):
            yield f"          {against}"
