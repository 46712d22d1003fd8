"""How far the verifiers can be trusted: their rates on cases whose outcome is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tracemill.publishing.as_text import NOT_MEASURED, MeasuredRate, named, rate, rate_text, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent, lines
from tracemill.publishing.report.plot import Plot


@dataclass(frozen=True, slots=True)
class AuditRate:
    """`count` and `of` are fields of `verifiers.audit.AuditReport`; `count` is its key in the manifest. `heading`: of
    its column on the card; `short`: before it in the summary."""

    count: str
    of: str
    heading: str
    short: str


RATES = (
    AuditRate("false_negatives", "gold_n", "right solutions refuted", "false negatives"),
    AuditRate("false_positives", "twin_n", "wrong twins passed or blamed at another step", "false positives"),
    AuditRate("gold_undecided", "gold_n", "right solutions left undecided", "undecided of right"),
    AuditRate("twin_undecided", "twin_n", "wrong twins left undecided", "undecided of wrong"),
)
"""A rate more is a line more."""


def measure(build: BuildReading) -> dict[str, Any]:
    """By verifier what `audit_entry` gives; null for one that was not audited."""
    reports = {report["verifier"]: report for report in build.audit}
    return {
        "audit": {name: audit_entry(reports[name]) if name in reports else None for name in build.verifiers},
    }


def audit_entry(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report of the audit as the manifest has it: canaries passed of how many; every rate of RATES by name, of all
    tasks and `by_task`; the kinds of claims that no case has, `unmeasured`; how many cases are `not_concerned`."""
    return {
        "canaries": {"passed": report["canaries_passed"], "of": report["canaries_total"]},
        "rates": _rates(report),
        "by_task": {task: _rates(counts) for task, counts in report["by_task"].items()},
        "unmeasured": list(report["unmeasured"]),
        "not_concerned": report.get("not_concerned", 0),  # an older audit does not say
    }


def _rates(counts: Mapping[str, int]) -> dict[str, MeasuredRate]:
    return {one.count: rate(counts[one.count], counts[one.of]) for one in RATES}


def card(manifest: ManifestContent) -> str:
    rows: list[tuple[str, ...]] = []
    for name, entry in sorted(manifest["audit"].items()):
        if entry is None:
            rows.append((f"`{name}`", "not audited", *[NOT_MEASURED] * len(RATES)))
            continue
        canaries = f"{entry['canaries']['passed']:,} of {entry['canaries']['of']:,}"
        rows.append((f"`{name}`", canaries, *(rate_text(entry["rates"][one.count]) for one in RATES)))
    heads = ("verifier", "attacks and canaries passed", *(one.heading for one in RATES))
    sections = [
        "Measured on cases whose outcome is known; in brackets the interval at ninety-five per cent confidence.",
        table(heads, rows),
        *_unmeasured(manifest),
        *_not_concerned(manifest),
        *_by_task(manifest),
    ]
    return "\n\n".join(sections)


def _unmeasured(manifest: ManifestContent) -> Iterator[str]:
    for name, entry in sorted(manifest["audit"].items()):
        if entry is not None and entry["unmeasured"]:
            yield (
                f"The rates of `{name}` say nothing of claims of these kinds, which no case has, so that only\n"
                f"canaries were tried: {named(entry['unmeasured'])}."
            )


def _not_concerned(manifest: ManifestContent) -> Iterator[str]:
    for name, entry in sorted(manifest["audit"].items()):
        if entry is not None and entry.get("not_concerned"):
            left = f"{entry['not_concerned']:,} of the cases"
            yield f"`{name}` leaves {left} to other verifiers; its rates do not count them."


def _by_task(manifest: ManifestContent) -> Iterator[str]:
    entries = [(name, entry) for name, entry in sorted(manifest["audit"].items()) if entry is not None]
    rows = [
        (f"`{name}`", f"`{task}`", *(rate_text(rates[one.count]) for one in RATES))
        for name, entry in entries
        for task, rates in sorted(entry["by_task"].items())
    ]
    if rows:
        yield "By task:\n\n" + table(("verifier", "task", *(one.heading for one in RATES)), rows)


def summary(manifest: ManifestContent) -> str:
    return lines(audit_line(name, entry) for name, entry in manifest["audit"].items())


def audit_line(name: str, entry: Mapping[str, Any] | None) -> str:
    """One verifier's canaries and rates, with their 95% intervals, in a line."""
    if entry is None:
        return f"{name:<8} not audited"
    rates = (f"{one.short} {rate_text(entry['rates'][one.count])}" for one in RATES)
    canaries = f"{name:<8} canaries {entry['canaries']['passed']}/{entry['canaries']['of']}"
    unmeasured = f"; not measured: claims of {', '.join(entry['unmeasured'])}" if entry["unmeasured"] else ""
    others = entry.get("not_concerned", 0)
    left = f"; {others:,} cases are left to other verifiers" if others else ""
    return ", ".join([canaries, *rates]) + unmeasured + left


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    for name, entry in sorted(manifest["audit"].items()):
        measured = [(one, entry["rates"][one.count]) for one in RATES if entry and entry["rates"][one.count]["of"]]
        if measured:
            yield Plot(
                f"{name}: how often it errs or cannot decide, with 95% intervals",
                "bars",
                [one.short for one, _ in measured],
                {"": [rated["count"] / rated["of"] for _, rated in measured]},
                [(rated["low"], rated["high"]) for _, rated in measured],
                share=True,
            )


FIGURE = Figure(
    measure, ("audit",), "How far the checkers can be trusted", card, "audit", summary, after="audit", plots=plots
)
