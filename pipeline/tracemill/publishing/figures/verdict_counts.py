"""What the verifiers found: outcomes, strengths, and how much of the solutions they decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracemill.publishing.as_text import share_text, table
from tracemill.publishing.build_reading import BuildReading, LedgerTotals
from tracemill.publishing.figure import Figure, ManifestContent, lines
from tracemill.publishing.report.plot import Plot
from tracemill.records import OUTCOMES, STRENGTHS

_TRUST = """\
A verified claim is not yet a correct step: a true calculation can be beside the point. A step is labelled correct only
where every step of its solution up to there follows from the problem and the steps before it, and wrong only where a
checker refuted it. `unknown` means that a checker could not decide, within its limits; `error` is a fault of the
pipeline. Neither ever becomes a label. The outcomes are those of whole traces: in a refuted one, the steps that rest on
the wrong one stay undecided, which the shares of claims and of steps count. Strength says how a checker knew, strongest
first: `proof`, `exhaustive` (every case tried), `exact` (computed), `tested` (on samples), `judged` (by a model)."""


def measure(build: BuildReading) -> dict[str, Any]:
    """By verifier: version, traces by outcome and by strength, shares of claims and of steps decided (None for one that
    does not judge steps), seconds. Beside it the traces that every required verifier verified."""
    totals = build.totals
    return {
        "verifiers": {name: _of_verifier(totals, name, version) for name, version in build.verifiers.items()},
        "verified_traces": totals.verified,
    }


def _of_verifier(totals: LedgerTotals, name: str, version: str) -> dict[str, Any]:
    seconds = totals.seconds.get(name)
    return {
        "version": version,
        "outcomes": {outcome: totals.count(name, outcome) for outcome in OUTCOMES},
        "strengths": {s: n for s in STRENGTHS if (n := totals.count(name, strength=s))},
        "coverage_claims": _share(totals.decided[name], totals.claims[name]),
        "coverage_steps": _share(totals.decided[name], totals.steps[name]) if totals.claims[name] else None,
        "seconds": None if seconds is None else round(seconds, 3),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def card(manifest: ManifestContent) -> str:
    rows = [
        (
            f"`{name}`",
            entry["version"],
            *(f"{entry['outcomes'].get(outcome, 0):,}" for outcome in OUTCOMES),
            ", ".join(f"{word} {entry['strengths'][word]:,}" for word in STRENGTHS if word in entry["strengths"])
            or "–",
            share_text(entry["coverage_claims"], "–"),
            share_text(entry["coverage_steps"], "–"),
        )
        for name, entry in sorted(manifest["verifiers"].items())
    ]
    heads = ("verifier", "version", *OUTCOMES, "strengths", "claims decided", "steps decided")
    return f"Traces by outcome.\n\n{table(heads, rows)}\n\n{_TRUST}"


def summary(manifest: ManifestContent) -> str:
    return lines(
        f"{name:<8} " + ", ".join(f"{entry['outcomes'][outcome]} {outcome}" for outcome in OUTCOMES)
        for name, entry in manifest["verifiers"].items()
    )


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    verifiers = manifest["verifiers"]
    names = sorted(verifiers)
    counts: dict[str, list[int]] = {
        outcome: [verifiers[name]["outcomes"].get(outcome, 0) for name in names] for outcome in OUTCOMES
    }
    if any(map(any, counts.values())):
        yield Plot("traces by outcome", "bars", names, counts, outcomes=True)
    decided = {
        f"{name}, of all {what}": share
        for name in names
        for what in ("claims", "steps")
        if (share := verifiers[name][f"coverage_{what}"]) is not None
    }
    if decided:
        yield Plot(
            "what was decided, of all claims and of all steps",
            "bars",
            [*decided],
            {"": [*decided.values()]},
            share=True,
        )


FIGURE = Figure(measure, ("verifiers",), "What was checked", card, "verdicts", summary, after="verdicts", plots=plots)
