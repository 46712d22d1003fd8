"""The order of the rows within a stage: by difficulty, with the rows of one problem apart.

Problems stand by difficulty (equal ones by id), and so do their first rows. The next row of a problem stands where the
problem that is `gap` problems harder has its first row, the one after that another `gap` further on: with a gap of
three, and two rows a problem,

    a b c  a d  b e  c f …        not        a a b b c c d d e e f f …

`gap` is 64, and a tenth of the stage's problems where that is less. What this guarantees:

- No two neighbours are of one problem, unless every order has such: unless one problem has more than half of the rows.
- But for the stage's last problems, at least `gap` other rows lie between two rows of a problem.
- The k-th row of a problem stands among the first rows of problems that are (k − 1) × `gap` places harder, or, where
  there are no harder ones, behind them.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

GAP = 64
_SHARE = 10

UNKNOWN_DIFFICULTY = 0.5
"""Where a unit without a difficulty stands."""


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of one stage in its order.

    `rows` has id (the problem's, or one that begins with it and `-`), difficulty, and `turn`: in which order the rows
    of a problem come.
    """
    problem = pl.col("id").str.extract(r"^([^-]*)")
    known = rows.with_columns(_problem=problem, _difficulty=pl.col("difficulty").fill_null(UNKNOWN_DIFFICULTY))
    ordered = known.with_columns(
        # The difficulty is the problem's, so its smallest is that of every row.
        _rank=pl.struct(pl.col("_difficulty").min().over("_problem"), "_problem").rank("dense").cast(pl.Int64),
        _turn=pl.struct("turn", "id").rank("ordinal").over("_problem").cast(pl.Int64),
    )
    gap = max(1, min(GAP, ordered["_problem"].n_unique() // _SHARE))
    ordered = ordered.sort(pl.col("_rank") + gap * pl.col("_turn"), "_turn", "id")
    ranks = ordered["_rank"]
    if (ranks == ranks.shift()).any():
        ordered = ordered[apart(ranks.to_list())]
    return ordered.select(rows.columns)


def apart(problems: Sequence[int]) -> list[int]:
    """Indices in an order in which equal neighbours are as few as they can be; what needs no move keeps its order.

    A row that follows one of its own problem is moved to the nearest spot before or after it where it touches none.
    That makes no new equal neighbours, and there is such a spot unless the problem's rows stand in all of them.
    """
    order = list(range(len(problems)))
    crowded: set[int] = set()
    stretch: _Stretch | None = None
    at = 1
    while at < len(order):
        problem = problems[order[at]]
        if problem != problems[order[at - 1]] or problem in crowded:
            at += 1
            continue
        if stretch is None or stretch.problem != problem or stretch.last < at:
            stretch = _Stretch(order, problems, at)
        spot = stretch.nearest_free(at)
        if spot is None:
            crowded.add(problem)
            continue
        stretch.move(at, spot)
        # Moved forward, the rows before it have shifted, and it is checked again whether the next one now fits.
        at += spot < at
    return order


class _Stretch:
    """Rows `first` … `last`, both of one problem, of which no two neighbours are both of other problems: within it no
    spot (before the row of that number) is free for another row of the problem, and the next ones outside are.

    It is found once and grows with each move: searched for anew each time, a problem with half of a stage's rows would
    cost the square of their number. A move of another problem's row may part it, so it is then found again.
    """

    def __init__(self, order: list[int], problems: Sequence[int], at: int) -> None:
        self.order, self.problems = order, problems
        self.problem = problems[order[at]]
        self.first = self.last = at
        self._grow()

    def nearest_free(self, at: int) -> int | None:
        """The free spot nearest to row `at`, of two the one before it; None where all rows are in the stretch."""
        before = [self.first - 1] if self.first > 0 else []
        after = [self.last + 2] if self.last + 1 < len(self.order) else []
        return min(before + after, key=lambda spot: abs(spot - at), default=None)

    def move(self, at: int, spot: int) -> None:
        """Row `at`, within the stretch, to one of the free spots next to it."""
        moved = self.order.pop(at)
        if spot < at:
            self.order.insert(spot, moved)
            self.first = spot
        else:
            self.order.insert(spot - 1, moved)
            self.last = spot - 1
        self._grow()

    def _grow(self) -> None:
        while near := next((step for step in (1, 2) if self._ours(self.first - step)), 0):
            self.first -= near
        while near := next((step for step in (1, 2) if self._ours(self.last + step)), 0):
            self.last += near

    def _ours(self, at: int) -> bool:
        return 0 <= at < len(self.order) and self.problems[self.order[at]] == self.problem
