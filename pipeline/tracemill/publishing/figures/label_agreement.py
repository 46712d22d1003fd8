"""Labels that came along with the solutions, beside what our verifiers say of the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import polars as pl

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent, lines
from tracemill.publishing.report.plot import Plot
from tracemill.records import OUTCOMES
from tracemill.selection.compared_labels import WrongStepPlace, agreement
from tracemill.settings.encoders import markdown_code, markdown_text

_TRACES = ("id", "problem_id", "labels", "steps")
_VERDICTS = ("trace_id", "scope", "outcome", "evidence")
_MOST_VALUES = 20
"""Values of one label that are counted by themselves; the others together."""
OTHERS = "others"
_MOST_NAMED = 20
"""Disagreements of one label that are named; the table `disagreements` has all."""
_PLACES: dict[WrongStepPlace, str] = {
    "same": "the same step",
    "ours_earlier": "ours earlier",
    "ours_later": "ours later",
    "only_ours": "only we found one",
    "only_theirs": "only they found one",
    "neither": "none found",
}


def measure(build: BuildReading) -> dict[str, Any]:
    """`label_agreement`: by label and outcome of ours, solutions by what the label says. `label_disagreements`: by
    label how many there are, and the first traces by id. `first_wrong_steps`: by label of steps, where theirs is and
    ours."""
    counts: Counter[tuple[str, str, str]] = Counter()
    places: Counter[tuple[str, str]] = Counter()
    differing: dict[str, list[str]] = {}
    for rows in _agreements(build):
        said = pl.when(pl.col("theirs") != "").then("theirs").otherwise("value")
        said = pl.when(said.str.starts_with("step ")).then(pl.lit("a wrong step")).otherwise(said)
        grouped = rows.group_by("label", "ours", said.alias("said")).len()
        counts.update({(label, ours, value): count for label, ours, value, count in grouped.iter_rows()})
        where = rows.drop_nulls("place").group_by("label", "place").len()
        places.update({(label, place): count for label, place, count in where.iter_rows()})
        for label, trace in rows.filter("disagrees").sort("id").select("label", "trace_id").iter_rows():
            differing.setdefault(label, []).append(trace)
    labels = sorted({label for label, _, _ in counts})
    return {
        "label_agreement": {label: _by_outcome(label, counts) for label in labels},
        "label_disagreements": {
            label: {"count": len(traces), "traces": traces[:_MOST_NAMED]} for label, traces in sorted(differing.items())
        },
        "first_wrong_steps": {
            label: {place: places[label, place] for place in get_args(WrongStepPlace)}
            for label in labels
            if any((label, place) in places for place in get_args(WrongStepPlace))
        },
    }


def _agreements(build: BuildReading) -> Iterator[pl.DataFrame]:
    for span in build.tables.spans():
        if build.tables.frame("traces", ("labels",), span)["labels"].list.len().sum():
            verdicts = build.tables.counting_verdicts(_VERDICTS, span)
            yield agreement(build.tables.frame("traces", _TRACES, span), verdicts)


def _by_outcome(label: str, counts: Mapping[tuple[str, str, str], int]) -> dict[str, dict[str, int]]:
    totals: Counter[str] = Counter()
    for (name, _, value), count in counts.items():
        if name == label:
            totals[value] += count
    kept = {value for value, _ in sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_VALUES]}
    found: dict[str, Counter[str]] = {outcome: Counter() for outcome in OUTCOMES}
    for (name, outcome, value), count in counts.items():
        if name == label:
            found[outcome][value if value in kept else OTHERS] += count
    return {outcome: dict(sorted(values.items())) for outcome, values in found.items()}


def card(manifest: ManifestContent) -> str:
    found = manifest["label_agreement"]
    if not found:
        return ""
    rows = [
        (markdown_code(label), markdown_text(value), *(_count(outcomes[one].get(value, 0)) for one in OUTCOMES))
        for label, outcomes in found.items()
        for value in sorted({value for values in outcomes.values() for value in values})
    ]
    parts = [
        "What others said of the solutions before they came here, beside our verdicts. Labels are compared with\n"
        "verdicts and never used as them; the build's table `disagreements` lists every solution on\n"
        "which they differ.",
        table(("label", "says", *(f"we: {outcome}" for outcome in OUTCOMES)), rows),
    ]
    if manifest["label_disagreements"]:
        parts.append("\n".join(_difference(manifest, label) for label in manifest["label_disagreements"]))
    if manifest["first_wrong_steps"]:
        heads = ("label", *_PLACES.values())
        places = manifest["first_wrong_steps"]
        rows = [(markdown_code(label), *(f"{row[place]:,}" for place in _PLACES)) for label, row in places.items()]
        parts += ["Where the first wrong step is, ours against theirs.", table(heads, rows)]
    return "\n\n".join(parts)


def _difference(manifest: ManifestContent, label: str) -> str:
    detail = _detail(manifest["label_agreement"][label])
    return f"- {markdown_code(label)} differs on {_differing(manifest, label):,}{detail}."


def _count(count: int) -> str:
    return f"{count:,}" if count else "–"


def summary(manifest: ManifestContent) -> str:
    return lines(
        f"{label} differs on {_differing(manifest, label):,} of {_solutions(outcomes):,} solutions{_detail(outcomes)}"
        for label, outcomes in manifest["label_agreement"].items()
    )


def _differing(manifest: ManifestContent, label: str) -> int:
    count: int = manifest["label_disagreements"].get(label, {}).get("count", 0)
    return count


def _solutions(outcomes: Mapping[str, Mapping[str, int]]) -> int:
    return sum(count for values in outcomes.values() for count in values.values())


def _detail(outcomes: Mapping[str, Mapping[str, int]]) -> str:
    against = (("right", "refuted"), ("wrong", "verified"))
    found = [
        f"{count:,} labelled {theirs} and {ours}" for theirs, ours in against if (count := outcomes[ours].get(theirs))
    ]
    return f": {', '.join(found)}" if found else ""


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    for label, outcomes in sorted(manifest["label_agreement"].items()):
        values = sorted({value for values in outcomes.values() for value in values})
        counts: dict[str, list[int]] = {
            outcome: [outcomes[outcome].get(value, 0) for value in values] for outcome in OUTCOMES
        }
        yield Plot(f"what {label} says, by our outcome", "bars", values, counts, outcomes=True)


FIGURE = Figure(
    measure,
    ("label_agreement", "label_disagreements", "first_wrong_steps"),
    "Labels that came along",
    card,
    "labels",
    summary,
    after="verdicts",
    plots=plots,
)
