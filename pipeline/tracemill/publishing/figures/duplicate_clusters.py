"""What stands in the sources and among the solutions more than once, in clusters around the one that was kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from tracemill.publishing import histogram
from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.report.plot import Plot
from tracemill.settings.encoders import markdown_code

PROBLEMS = "problems"
_REASONS = ("exact duplicate", "near duplicate")
_KEPT = r"^of ([^, ]+)"
"""In the detail of a duplicate's decision: the id of the one that is kept instead."""
_LARGEST = 5
_SIZES = (2, 3, 4, 5, 10, 20, 50, 100, 1_000)
"""Of clusters: each stands for those up to the next one."""
_COLUMNS = ("view", "id", "reason", "detail")
_COUNTS = {"clusters": "clusters", "rejected": "rejected in them", "exact": "of these exact copies"}


def measure(build: BuildReading) -> dict[str, Any]:
    """`duplicates`: of `problems`, and of the solutions of each view, what `_of_clusters` gives; only where there are
    some."""
    found = {PROBLEMS: _clusters(build, "screened")}
    solutions = _clusters(build, "selection")
    found |= {view: solutions.filter(pl.col("view") == view) for view in build.views}
    return {"duplicates": {where: _of_clusters(some) for where, some in found.items() if some.height}}


def _clusters(build: BuildReading, decided: str) -> pl.DataFrame:
    """One row per view and one that was kept: how many were rejected for it, the first of them, and of how many the
    text is the same."""
    seen = [pl.DataFrame(schema={"view": pl.String, "kept": pl.String, "id": pl.String, "exact": pl.Boolean})]
    for frame in build.tables.batches(decided, _COLUMNS):
        again = frame.filter(pl.col("reason").is_in(_REASONS))
        kept, exact = pl.col("detail").str.extract(_KEPT), pl.col("reason") == _REASONS[0]
        copy = pl.col("id").str.split("@").list.first()
        seen.append(again.select("view", kept=kept, id=copy, exact=exact))
    rows = pl.concat(seen).drop_nulls("kept")
    return rows.group_by("view", "kept").agg(pl.len().alias("rejected"), pl.col("id").min(), pl.col("exact").sum())


def _of_clusters(clusters: pl.DataFrame) -> dict[str, Any]:
    """How many `clusters` there are, how many were `rejected` in them, of these the `exact` copies. Clusters by their
    `sizes`, the one that was kept among them (`histogram.Column`). The `largest`: how many were `rejected`, which is
    `kept`, and one that is `like` it."""
    sizes = clusters["rejected"].cast(pl.Int64) + 1
    largest = clusters.sort(-pl.col("rejected").cast(pl.Int64), "kept").head(_LARGEST)
    return {
        "clusters": clusters.height,
        "rejected": int(clusters["rejected"].sum()),
        "exact": int(clusters["exact"].sum()),
        "sizes": histogram.columns_from(_SIZES, sizes),
        "largest": [
            {"kept": kept, "like": like, "rejected": rejected}
            for kept, like, rejected in largest.select("kept", "id", "rejected").iter_rows()
        ],
    }


def card(manifest: ManifestContent) -> str:
    found: Mapping[str, Any] = manifest["duplicates"]
    if not found:
        return "No problem and no solution was rejected as a copy of another one."
    rows = [
        (markdown_code(where), *(f"{one[key]:,}" for key in _COUNTS), _sizes(one), _largest(one))
        for where, one in sorted(found.items())
    ]
    heads = ("of", *_COUNTS.values(), "clusters by size", "rejected in the largest")
    return (
        "Problems, and solutions that a view takes, of which another one says the same or nearly the same: one of\n"
        f"each cluster was kept.\n\n{table(heads, rows)}"
    )


def _sizes(found: Mapping[str, Any]) -> str:
    shown = zip(histogram.starts(found["sizes"]), histogram.counts(found["sizes"]), strict=True)
    return ", ".join(f"from {start}: {count:,}" for start, count in shown)


def _largest(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{one['rejected']:,}" for one in found["largest"])


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    for where, one in sorted(manifest["duplicates"].items()):
        if len(one["sizes"]) > 1:
            shown = {"": histogram.counts(one["sizes"])}
            yield Plot(f"{where}: clusters from this size on", "columns", histogram.starts(one["sizes"]), shown)


FIGURE = Figure(measure, ("duplicates",), "Duplicates", card, after="selection", plots=plots)
