"""What a figure draws on the report. How it is drawn is the matter of `plot_drawing.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

MOST = 12
"""Bars of a plot: more are not read, and the table below has them all."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Values by label. Every number stands in the figure's table too, for readers who do not see the plot.

    `kind`: `columns` side by side, as in a histogram, or `bars` one below the other.
    `series`: by name, the values in the order of `labels`; several lie end to end. One alone needs no name.
    `intervals`: of the values of a single series the bounds, in the same order.
    `outcomes`: the series are outcomes, and have their colours.
    `share`: the values are shares (0–1).

    Example:
        Plot("rows of sft", "bars", ("easy", "hard"), {"": (12, 30)})
    """

    title: str
    kind: Literal["columns", "bars"]
    labels: Sequence[str]
    series: Mapping[str, Sequence[float]]
    intervals: Sequence[tuple[float, float]] = ()
    outcomes: bool = False
    share: bool = False


def largest(counts: Mapping[str, float], most: int = MOST) -> dict[str, float]:
    """The largest values with their names, the largest first; of equal ones those that come first."""
    return dict(sorted(counts.items(), key=lambda item: -item[1])[:most])


def of_all(title: str, shown: int, there: int) -> str:
    """The title, which says so where not all are drawn."""
    return title if shown == there else f"{title}: the {shown} largest of {there:,}"
