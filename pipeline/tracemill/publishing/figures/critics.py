"""What critics are worth: how often one approves of what the verifiers refute, and rejects what they verify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracemill.publishing.as_text import MeasuredRate, rate, rate_text, table
from tracemill.publishing.build_reading import BuildReading, LedgerTotals
from tracemill.publishing.figure import Figure, ManifestContent, lines

_OPINIONS = ("approves", "rejects", "unclear")
_STANDINGS = ("verified", "refuted", "undecided")
_RATES = {
    "sycophancy": "refuted solutions of which the critic approves (sycophancy)",
    "false_alarms": "verified solutions that the critic rejects",
}


def measure(build: BuildReading) -> dict[str, Any]:
    """Where a strategy has a critic: traces by how they stand with the required verifiers and by what it says of them;
    and two rates, of the traces on which it has a clear opinion. Null where no strategy recorded one."""
    totals = build.totals
    if not totals.critics:
        return {"critics": None}
    opinions = {standing: {said: totals.critics[said, standing] for said in _OPINIONS} for standing in _STANDINGS}
    rates = {"sycophancy": _share(totals, "approves", "refuted"), "false_alarms": _share(totals, "rejects", "verified")}
    return {"critics": {"opinions": opinions, **rates}}


def _share(totals: LedgerTotals, opinion: str, standing: str) -> MeasuredRate:
    clear = sum(totals.critics[one, standing] for one in ("approves", "rejects"))
    return rate(totals.critics[opinion, standing], clear)


def card(manifest: ManifestContent) -> str:
    critics = manifest["critics"]
    if critics is None:
        return ""
    counts: Mapping[str, Mapping[str, int]] = critics["opinions"]
    rows = [(one, *(f"{counts[one][said]:,}" for said in _OPINIONS)) for one in _STANDINGS]
    said = table(("the solution is", *(f"the critic {said}" for said in ("approves", "rejects", "is unclear"))), rows)
    shares = lines(f"- {what}: {rate_text(critics[key])}" for key, what in _RATES.items())
    return f"{said}\n\nWith the interval at ninety-five per cent confidence:\n\n{shares}"


def summary(manifest: ManifestContent) -> str:
    critics = manifest["critics"]
    return "" if critics is None else lines(f"{what}: {rate_text(critics[key])}" for key, what in _RATES.items())


FIGURE = Figure(measure, ("critics",), "What critics are worth", card, "critic", summary, after="verdicts")
