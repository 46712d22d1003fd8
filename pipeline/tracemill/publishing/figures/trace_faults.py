"""What is wrong with the solutions as texts, by cause: cut off, in a loop, empty, said twice, of a leaked problem."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.selection.quality import RULES

_DUPLICATES = {"exact duplicate": "duplicated", "near duplicate": "nearly duplicated"}
_CAUSES = (*RULES, *_DUPLICATES.values(), "contaminated")


def measure(build: BuildReading) -> dict[str, Any]:
    """Solutions by cause; one has the first that applies. Those that came with a `contaminated` problem, which were not
    played back, are counted too. What is held out, and duplicates of what a view does not take, are not looked at."""
    by_view: dict[str, Counter[str]] = {}
    for batch in build.tables.batches("selection", ("subject", "view", "reason")):
        wrong = batch.filter((pl.col("subject") == "trace") & pl.col("reason").is_in([*RULES, *_DUPLICATES]))
        for view, reason, count in wrong.group_by("view", "reason").len().iter_rows():
            by_view.setdefault(view, Counter())[_DUPLICATES.get(reason, reason)] += count
    counts = {cause: max((one[cause] for one in by_view.values()), default=0) for cause in _CAUSES}
    counts["contaminated"] = _contaminated(build)
    return {"trace_faults": {cause: count for cause, count in counts.items() if count}}


def _contaminated(build: BuildReading) -> int:
    if not build.select.decontaminate.benchmarks:
        return 0
    total = 0
    for span in build.tables.spans():
        leaked = build.tables.frame("screened", ("id", "problem_id", "reason"), span).filter(
            pl.col("reason") == "contaminated"
        )
        if leaked.height:
            problems = build.tables.frame("problems", ("id", "references"), span)
            counts = problems.filter(pl.col("id").is_in(leaked["problem_id"].implode()))["references"].list.len()
            total += int(counts.sum())
    return total


def card(manifest: ManifestContent) -> str:
    found = manifest["trace_faults"]
    return table(("cause", "solutions"), [(cause, f"{count:,}") for cause, count in found.items()]) if found else ""


def summary(manifest: ManifestContent) -> str:
    return ", ".join(f"{count:,} {cause}" for cause, count in manifest["trace_faults"].items())


FIGURE = Figure(measure, ("trace_faults",), "Faults of solutions as texts", card, "texts", summary, after="selection")
