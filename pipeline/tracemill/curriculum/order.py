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


def apart(problems: list[int]) -> list[int]:
    """Indices in an order in which equal neighbours are as few as they can be; what needs no move keeps its order.

    A row that follows one of its own problem is moved to the nearest spot before or after it where it touches none.
    That makes no new equal neighbours, and there is such a spot unless the problem's rows stand in all of them.
    """
    order = list(range(len(problems)))
    at = 1
    crowded: set[int] = set()
    while at < len(order):
        problem = problems[order[at]]
        if problem != problems[order[at - 1]] or problem in crowded:
            at += 1
            continue
        spot = _nearest_free(order, problems, at)
        if spot is None:
            crowded.add(problem)
            continue
        moved = order.pop(at)
        order.insert(spot if spot < at else spot - 1, moved)
        # Moved forward, the rows before it have shifted, and it is checked again whether the next one now fits.
        at += spot < at
    return order


def _nearest_free(order: list[int], problems: list[int], at: int) -> int | None:
    """The spot nearest to `at` (before the row at that index) that touches no row of the problem at `at`."""
    problem, size = problems[order[at]], len(order)

    def free(spot: int) -> bool:
        before = spot > 0 and problems[order[spot - 1]] == problem
        after = spot < size and problems[order[spot]] == problem
        return not before and not after

    for distance in range(1, size + 1):
        for spot in (at - distance, at + distance):
            if 0 <= spot <= size and free(spot):
                return spot
    return None
