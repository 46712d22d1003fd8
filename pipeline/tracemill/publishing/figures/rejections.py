"""What was rejected, where and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent, lines
from tracemill.publishing.report.plot import Plot, largest, of_all
from tracemill.settings.encoders import markdown_code, markdown_text

_TABLES = {"lines": "lines", "screening": "screened", "unasked": "unasked"}
"""Manifest key to the table of decisions."""
_WHERE = {
    "lines": "lines of a source",
    "screening": "before any teacher was asked",
    "unasked": "when the teacher was asked",
}
_SHORT = {"lines": "lines", "screening": "problems", "unasked": "unasked"}


def measure(build: BuildReading) -> dict[str, Any]:
    """Rejections by reason: `lines` that gave no problem, problems in `screening`, `unasked` problems that the teacher
    has no solution of, and `selection` by view."""
    selection = build.decisions("selection")
    return {
        **{key: _reasons(build.decisions(decided)) for key, decided in _TABLES.items()},
        "selection": {view: _reasons(selection.filter(pl.col("view") == view)) for view in build.views},
    }


def _reasons(decisions: pl.DataFrame) -> dict[str, int]:
    counted = decisions.filter(~pl.col("kept")).group_by("reason").agg(pl.col("len").sum())
    return dict(sorted(counted.iter_rows()))


def card(manifest: ManifestContent) -> str:
    groups = {
        **{where: manifest[key] for key, where in _WHERE.items()},
        **{markdown_code(view): reasons for view, reasons in sorted(manifest["selection"].items())},
    }
    rows = [
        (where, markdown_text(reason), f"{count:,}")
        for where, reasons in groups.items()
        for reason, count in sorted(reasons.items())
    ]
    return table(("where", "reason", "rejected"), rows) if rows else "Nothing was rejected."


def summary(manifest: ManifestContent) -> str:
    return lines(_rejected(manifest)) or "nothing"


def _rejected(manifest: ManifestContent) -> Iterator[str]:
    groups: dict[str, Mapping[str, int]] = {short: manifest[key] for key, short in _SHORT.items()}
    for where, reasons in {**groups, **manifest["selection"]}.items():
        if reasons:
            yield f"{where:<8} " + ", ".join(f"{count} {reason}" for reason, count in reasons.items())


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    groups: dict[str, Mapping[str, int]] = {short: manifest[key] for key, short in _SHORT.items()}
    counts = {
        f"{where}: {reason}": count
        for where, reasons in {**groups, **manifest["selection"]}.items()
        for reason, count in reasons.items()
    }
    if shown := largest(counts):
        title = of_all("what was rejected, by where and why", len(shown), len(counts))
        yield Plot(title, "bars", [*shown], {"": [*shown.values()]})


FIGURE = Figure(
    measure, (*_TABLES, "selection"), "What was rejected", card, "rejected", summary, after="screen", plots=plots
)
