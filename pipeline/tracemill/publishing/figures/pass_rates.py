"""How often the teacher solves a problem: the pass rates of the problems, where it is a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from tracemill.publishing import histogram
from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.report.plot import Plot


def measure(build: BuildReading) -> dict[str, Any]:
    """`pass_rates`: problems by the share of their decided samples that were verified (`columns`, in tenths), and those
    without a decided sample, `undecided`; null where no pass rate was measured."""
    tenths, undecided = pl.zeros(10, pl.Int64, eager=True), 0
    for frame in build.tables.batches("estimates", ("n", "k")):
        decided = frame.filter(pl.col("n") > 0)
        undecided += frame.height - decided.height
        tenths += histogram.tenths(decided["k"] / decided["n"])
    if not build.rows("estimates"):
        return {"pass_rates": None}
    return {"pass_rates": {"columns": histogram.tenth_columns(tenths.to_list()), "undecided": undecided}}


def card(manifest: ManifestContent) -> str:
    found = manifest["pass_rates"]
    if found is None:
        return ""
    starts, counts = histogram.starts(found["columns"]), histogram.counts(found["columns"])
    rows = [(start, f"{count:,}") for start, count in zip(starts, counts, strict=True)]
    undecided = f"\n\nProblems without a decided sample: {found['undecided']:,}." if found["undecided"] else ""
    return (
        "Problems by the share of the teacher's decided samples that were verified, each line up to the next, and\n"
        f"those that were always solved in the last.\n\n{table(('from', 'problems'), rows)}{undecided}"
    )


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    if found := manifest["pass_rates"]:
        columns = found["columns"]
        shown = {"": histogram.counts(columns)}
        yield Plot("problems by pass rate of the teacher", "columns", histogram.starts(columns), shown)


FIGURE = Figure(measure, ("pass_rates",), "Pass rates", card, after="estimates", plots=plots)
