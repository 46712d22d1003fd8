"""The picture of the courses, as SVG written by hand: a panel per scorer, reward and accuracy in each."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT, GAP, LEFT, TOP = 190, 130, 26, 40, 40
WINDOW = 10
"""Batches over which a line is smoothed."""
REWARD, ACCURACY = "#b3541e", "#1e6fb3"


class Curve(NamedTuple):
    """`points`: samples, reward and accuracy."""

    name: str
    points: Sequence[tuple[int, float, float]]


def picture(rows: Sequence[Sequence[Curve]]) -> str:
    columns = max(map(len, rows))
    width = LEFT + columns * (WIDTH + GAP)
    height = TOP + len(rows) * (HEIGHT + 2 * GAP) - GAP // 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="11" role="img" aria-label="Reward and accuracy of a policy, by scorer">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="16" fill="{REWARD}">— reward that the scorer gives</text>',
        f'<text x="{LEFT + 190}" y="16" fill="{ACCURACY}">— accuracy by an independent oracle</text>',
    ]
    for row, curves in enumerate(rows):
        for column, curve in enumerate(curves):
            parts += _panel(curve, LEFT + column * (WIDTH + GAP), TOP + row * (HEIGHT + 2 * GAP), named=column == 0)
    return "\n".join([*parts, "</svg>", ""])


def _panel(curve: Curve, left: int, top: int, named: bool) -> list[str]:
    bottom = top + HEIGHT
    parts = [
        f'<text x="{left}" y="{top - 6}" font-weight="bold">{curve.name}</text>',
        f'<path d="M{left} {top}V{bottom}H{left + WIDTH}" fill="none" stroke="#888"/>',
        f'<text x="{left + WIDTH}" y="{bottom + 14}" text-anchor="end">{curve.points[-1][0]:,} samples</text>',
    ]
    for share in (0, 0.5, 1):
        y = bottom - share * HEIGHT
        parts.append(f'<path d="M{left} {y:g}h{WIDTH}" stroke="#ddd"/>')
        if named:
            parts.append(f'<text x="{left - 6}" y="{y + 4:g}" text-anchor="end">{share:g}</text>')
    lines = (([p[1] for p in curve.points], REWARD, 4), ([p[2] for p in curve.points], ACCURACY, 1.5))
    for values, colour, stroke in lines:
        parts.append(
            f'<polyline points="{_line(values, left, bottom)}" fill="none" stroke="{colour}" stroke-width="{stroke}"/>'
        )
    return parts


def _line(values: Sequence[float], left: int, bottom: int) -> str:
    smooth = [statistics.fmean(values[max(0, at - WINDOW + 1) : at + 1]) for at in range(len(values))]
    step = WIDTH / max(1, len(smooth) - 1)
    return " ".join(f"{left + at * step:.1f},{bottom - value * HEIGHT:.1f}" for at, value in enumerate(smooth))
