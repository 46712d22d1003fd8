"""The labels of a trace's steps: correct or wrong, taken from verdicts and from nothing else.

A step is *correct* only in a trace whose every step, or every step before the first refuted one, is entailed by the
problem's premises and earlier steps; *wrong* only where a checker refuted it. `unknown` never becomes a label.
"""

from __future__ import annotations

from collections.abc import Mapping

from tracemill.records import Trace, Verdict
from tracemill.verifiers.retraction import retracts


def step_labels(trace: Trace, verdicts: Mapping[str, Verdict]) -> tuple[list[bool], int | None]:
    """Labels up to and including the first wrong step, and its index; all true and None where no step is wrong.

    Of five steps, each entailed but the third, which is refuted: `([True, True, False], 2)`. `verdicts` are those that
    count, by verifier (`counting.counting_verdicts`).

    Raises:
        ValueError: no labels, and why: no steps; no verdict on them, or none that decides; a step neither entailed nor
            refuted; an answer refuted with no step refuted; a seeded flaw that is not where the refutation is; steps
            that the trace itself takes back.
    """
    verdict = verdicts.get("steps")
    if verdict is None or not trace.steps:
        raise ValueError(f"trace {trace.id} has no {'steps' if verdict else 'verdict of the verifier steps'} to label")
    if retracts(trace.steps):
        raise ValueError(f"trace {trace.id} takes steps of its own back: it has no step labels")
    if verdict.outcome not in ("verified", "refuted"):
        raise ValueError(f"trace {trace.id} is labelled by nothing: the verifier steps says {verdict.outcome}")
    first, entailed = verdict.evidence["first_refuted"], verdict.evidence["entailed_prefix"]
    if trace.flaw is not None and trace.flaw.index != first:
        raise ValueError(f"trace {trace.id} has a flaw seeded at step {trace.flaw.index}, refuted is step {first}")
    if first is None and entailed == len(trace.steps) and verdict.outcome == "verified":
        answer = verdicts.get("answer")
        if answer is not None and answer.outcome == "refuted":
            raise ValueError(f"trace {trace.id} has a refuted answer and no refuted step: it has no step labels")
        return [True] * entailed, None
    if first is not None and first == entailed < len(trace.steps) and verdict.outcome == "refuted":
        return [True] * first + [False], first
    raise ValueError(
        f"trace {trace.id} is labelled by nothing: steps {verdict.outcome}, {entailed} of {len(trace.steps)} entailed, "
        f"first refuted {first}"
    )
