"""How many rows each view has, by stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent, lines
from tracemill.publishing.report.plot import Plot


def measure(build: BuildReading) -> dict[str, Any]:
    """`rows` and `shards` by view and stage, and the `total` rows of the view; the stages and views in order."""
    kept = build.decisions("selection").filter("kept").group_by("view", "stage").agg(pl.col("len").sum())
    rows = {(view, stage): count for view, stage, count in kept.iter_rows()}
    shards: Counter[tuple[str, str]] = Counter()
    for entry in build.commit.files.get("dataset", ()):
        _, view, name = entry.path.split("/")
        shards[view, name.split("-")[1]] += 1
    views = {
        view: {stage: {"rows": rows.get((view, stage), 0), "shards": shards[view, stage]} for stage in build.stages}
        for view in build.views
    }
    totals = {view: total(stages) for view, stages in views.items()}
    return {"stages": list(build.stages), "view_order": list(build.views), "views": views, "view_totals": totals}


def total(stages: Mapping[str, Mapping[str, int]]) -> int:
    return sum(stage["rows"] for stage in stages.values())


def card(manifest: ManifestContent) -> str:
    rows: list[tuple[str, ...]] = []
    for view in manifest["view_order"]:
        counts = manifest["views"][view]
        for stage in manifest["stages"]:
            rows.append((f"`{view}`", f"`{stage}`", f"{counts[stage]['rows']:,}", f"{counts[stage]['shards']:,}"))
        rows.append((f"`{view}`", "all", f"{manifest['view_totals'][view]:,}", ""))
    text = "Stages stand in curriculum order; within a stage the rows stand by difficulty, those of one problem apart."
    return f"{text}\n\n" + table(("view", "stage", "rows", "shards"), rows)


def summary(manifest: ManifestContent) -> str:
    return lines(_line(manifest, view) for view in manifest["view_order"])


def _line(manifest: ManifestContent, view: str) -> str:
    counts = manifest["views"][view]
    stages = ", ".join(f"{stage} {counts[stage]['rows']}" for stage in manifest["stages"])
    return f"{view:<8} {manifest['view_totals'][view]:>7,}  ({stages})"


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    views, stages = manifest["view_order"], manifest["stages"]
    counts = {stage: [manifest["views"][view][stage]["rows"] for view in views] for stage in stages}
    if any(map(any, counts.values())):
        yield Plot("rows of each view, by stage", "bars", views, counts)


FIGURE = Figure(measure, ("stages", "view_order", "views", "view_totals"), "Rows", card, "rows", summary, plots=plots)
