"""How far the verifiers can be trusted: their rates on cases whose outcome is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracemill.publishing.as_text import NOT_MEASURED, rate, rate_text, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent, lines


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
    """A report of the audit as the manifest has it: canaries passed of how many, and every rate of RATES by name."""
    return {
        "canaries": {"passed": report["canaries_passed"], "of": report["canaries_total"]},
        "rates": {one.count: rate(report[one.count], report[one.of]) for one in RATES},
    }


def card(manifest: ManifestContent) -> str:
    rows: list[tuple[str, ...]] = []
    for name, entry in sorted(manifest["audit"].items()):
        if entry is None:
            rows.append((f"`{name}`", "not audited", *[NOT_MEASURED] * len(RATES)))
            continue
        canaries = f"{entry['canaries']['passed']:,} of {entry['canaries']['of']:,}"
        rows.append((f"`{name}`", canaries, *(rate_text(entry["rates"][one.count]) for one in RATES)))
    heads = ("verifier", "attacks and canaries passed", *(one.heading for one in RATES))
    return (
        ""
        "Measured on cases whose outcome is known; in brackets the interval at ninety-five per cent confidence.\n\n"
        + table(heads, rows)
    )


def summary(manifest: ManifestContent) -> str:
    return lines(audit_line(name, entry) for name, entry in manifest["audit"].items())


def audit_line(name: str, entry: Mapping[str, Any] | None) -> str:
    """One verifier's canaries and rates, with their 95% intervals, in a line."""
    if entry is None:
        return f"{name:<8} not audited"
    rates = (f"{one.short} {rate_text(entry['rates'][one.count])}" for one in RATES)
    return f"{name:<8} canaries {entry['canaries']['passed']}/{entry['canaries']['of']}, " + ", ".join(rates)


FIGURE = Figure(measure, ("audit",), "How far the checkers can be trusted", card, "audit", summary)
