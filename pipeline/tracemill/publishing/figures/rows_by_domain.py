"""How many rows each view has of each task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.report.plot import Plot, largest, of_all
from tracemill.records.problem import TASK


def measure(build: BuildReading) -> dict[str, Any]:
    """By view and task (`area.field.task`), counted in the files of the dataset."""
    return {"domains": {view: _of_view(build, view) for view in build.views}}


def _of_view(build: BuildReading, view: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for frame in build.tables.view_rows(view, ("domain",)):
        counted.update(frame["domain"].str.extract(TASK))
    return dict(sorted(counted.items()))


def card(manifest: ManifestContent) -> str:
    views, domains = manifest["view_order"], manifest["domains"]
    tasks = sorted({task for counts in domains.values() for task in counts})
    if not tasks:
        return "There are no rows."
    rows = [
        (f"`{task}`", *(f"{domains[view][task]:,}" if task in domains[view] else "–" for view in views))
        for task in tasks
    ]
    return table(("task", *(f"`{view}`" for view in views)), rows)


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    views, domains = manifest["view_order"], manifest["domains"]
    totals: Counter[str] = Counter()
    for counts in domains.values():
        totals.update(counts)
    if tasks := list(largest(totals)):
        shown = {view: [domains[view].get(task, 0) for task in tasks] for view in views}
        yield Plot(of_all("rows of each task, by view", len(tasks), len(totals)), "bars", tasks, shown)


FIGURE = Figure(measure, ("view_order", "domains"), "Rows by domain", card, plots=plots)
