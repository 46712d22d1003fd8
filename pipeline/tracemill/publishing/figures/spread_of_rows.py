"""How the rows spread over difficulties and lengths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl

from tracemill.publishing import histogram
from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.report.plot import Plot


def measure(build: BuildReading) -> dict[str, Any]:
    """Two histograms for each view (`histogram.Column`), without a column where no row has a value: `difficulties` of
    its rows, in tenths, and their lengths in tokens, `length_columns`."""
    found = {view: _of_view(build, view) for view in build.views}
    return {
        "difficulties": {view: difficulties for view, (difficulties, _) in found.items()},
        "length_columns": {view: lengths for view, (_, lengths) in found.items()},
    }


def _of_view(build: BuildReading, view: str) -> tuple[list[histogram.Column], list[histogram.Column]]:
    tenths, lengths = pl.zeros(10, pl.Int64, eager=True), Counter[int]()
    for frame in build.tables.view_rows(view, ("difficulty", "tokens")):
        tenths += histogram.tenths(frame["difficulty"])
        lengths.update(frame["tokens"].drop_nulls())
    return histogram.tenth_columns(tenths.to_list()) if tenths.sum() else [], histogram.columns(lengths)


def card(manifest: ManifestContent) -> str:
    by_view = [_table(f"Rows of `{view}` by length", found, "tokens") for view, found in _lengths(manifest)]
    return "\n\n".join([*_difficulties(manifest), *by_view]) or "No row states a difficulty or a length."


def _difficulties(manifest: ManifestContent) -> Iterator[str]:
    shown = {view: found for view in manifest["view_order"] if (found := manifest["difficulties"][view])}
    if shown:
        counts = [histogram.counts(found) for found in shown.values()]
        starts = histogram.starts(next(iter(shown.values())))
        rows = [(start, *(f"{of[place]:,}" for of in counts)) for place, start in enumerate(starts)]
        heads = ("from", *(f"`{view}`" for view in shown))
        yield f"Rows by difficulty, each line up to the next.\n\n{table(heads, rows)}"


def _lengths(manifest: ManifestContent) -> list[tuple[str, Any]]:
    return [(view, found) for view in manifest["view_order"] if (found := manifest["length_columns"][view])]


def _table(title: str, found: list[histogram.Column], unit: str) -> str:
    rows = zip(histogram.starts(found), (f"{count:,}" for count in histogram.counts(found)), strict=True)
    return f"{title}, each line up to the next.\n\n{table((f'from ({unit})', 'rows'), rows)}"


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    for key, title in _TITLES.items():
        for view in manifest["view_order"]:
            if found := manifest[key][view]:
                shown = {"": histogram.counts(found)}
                yield Plot(f"{view}: {title}", "columns", histogram.starts(found), shown)


_TITLES = {"difficulties": "rows by difficulty", "length_columns": "rows by tokens of the solution"}
_READS = ("view_order", "difficulties", "length_columns")
FIGURE = Figure(measure, _READS, "Difficulty and length", card, plots=plots)
