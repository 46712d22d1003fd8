"""How long the solutions are that rows show, in the teacher's own tokens."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tracemill.publishing.as_text import NOT_MEASURED, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent


def measure(build: BuildReading) -> dict[str, Any]:
    """By view, of the rows whose column `tokens` has a value: how many `rows`, and the lengths that half of them
    (`median`), nine in ten (`most`) and all (`longest`) do not exceed. Null for a view in which no row has one."""
    return {"lengths": {view: _of_view(build, view) for view in build.views}}


def _of_view(build: BuildReading, view: str) -> dict[str, int] | None:
    counted: Counter[int] = Counter()
    for frame in build.tables.view_rows(view, ("tokens",)):
        counted.update(frame["tokens"].drop_nulls())
    if not counted:
        return None
    return {
        "rows": counted.total(),
        "median": _not_exceeded(counted, 0.5),
        "most": _not_exceeded(counted, 0.9),
        "longest": max(counted),
    }


def _not_exceeded(counted: Counter[int], share: float) -> int:
    """The least length that at least this share of the rows do not exceed."""
    needed, seen = share * counted.total(), 0
    for length in sorted(counted):
        seen += counted[length]
        if seen >= needed:
            return length
    return max(counted)


def card(manifest: ManifestContent) -> str:
    rows = [
        (f"`{view}`", *(f"{found[key]:,}" if found else NOT_MEASURED for key in _HEADS))
        for view in manifest["view_order"]
        for found in [manifest["lengths"][view]]
    ]
    heads = ("view", *_HEADS.values())
    return f"Tokens of the solutions that a row shows, by the teacher's own count.\n\n{table(heads, rows)}"


_HEADS = {"rows": "rows counted", "median": "half at most", "most": "nine in ten at most", "longest": "longest"}

FIGURE = Figure(measure, ("view_order", "lengths"), "Lengths", card)
