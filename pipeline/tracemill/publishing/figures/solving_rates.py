"""How well the teacher solves each task for the tokens and the time it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracemill.publishing.as_text import exact_text, share_text, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.report.plot import Plot, largest, of_all
from tracemill.publishing.spending import TaskSpending

_EXPLAINED = """\
Verified traces of all traces, and for each thousand completion tokens that were spent on the task, also on refuted
traces and on critics; steps (those that the teacher states, else lines of its text) for each second of a call. A dash
stands where not every call states its tokens or seconds."""


def measure(build: BuildReading) -> dict[str, Any]:
    """By task, with the strategy: traces, verified ones, verified traces per 1,000 completion tokens and steps per
    second of call; null where not every call that did not fail states what it took."""
    strategy = build.config["strategy"]["kind"]
    spent = sorted(build.totals.spending.by_task.items())
    return {"solving": [{"task": task, "strategy": strategy, **_of_task(found)} for task, found in spent]}


def _of_task(found: TaskSpending) -> dict[str, Any]:
    tokens, seconds = found.completion_tokens, found.seconds
    return {
        "traces": found.traces,
        "verified": found.verified,
        "accuracy": round(found.verified / found.traces, 4) if found.traces else None,
        "verified_per_1000_tokens": _rate(1000 * found.verified, tokens.total, tokens.calls == found.answered),
        "steps_per_second": _rate(found.steps, seconds.total, seconds.calls == found.answered),
    }


def _rate(part: float, whole: float, measured: bool) -> float | None:
    return float(f"{part / whole:.4g}") if measured and whole else None


def card(manifest: ManifestContent) -> str:
    rows = [
        (
            f"`{one['task']}`",
            f"`{one['strategy']}`",
            f"{one['verified']:,} of {one['traces']:,}",
            share_text(one["accuracy"], "–"),
            *(_shown(one[key]) for key in ("verified_per_1000_tokens", "steps_per_second")),
        )
        for one in manifest["solving"]
    ]
    heads = ("task", "strategy", "verified traces", "share", "per thousand tokens", "steps per second")
    return f"{_EXPLAINED}\n\n{table(heads, rows)}" if rows else "There is no trace."


def _shown(value: float | None) -> str:
    return "–" if value is None else exact_text(value)


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    shares = {one["task"]: one["accuracy"] for one in manifest["solving"] if one["accuracy"] is not None}
    if shown := largest(shares):
        title = of_all("verified traces of all traces, by task", len(shown), len(shares))
        yield Plot(title, "bars", [*shown], {"": [*shown.values()]}, share=True)


FIGURE = Figure(measure, ("solving",), "How well the teacher solves the tasks", card, after="verdicts", plots=plots)
