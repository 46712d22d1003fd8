"""Assigns kept rows to the stages of a curriculum, and to their places there.

Within a stage the rows are divided over its cells, one per (domain pattern, skill), in proportion to the product of
the weights. A cell takes one trace of every problem before it takes another of the same, which of them by turns; the
first by id, since ids are hashes and their order is random.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from tracemill.curriculum.curriculum_config import Curriculum, CurriculumStage
from tracemill.curriculum.order import UNKNOWN_DIFFICULTY, in_order
from tracemill.records import Skill
from tracemill.settings.errors import ShortfallError, UsageError, unknown
from tracemill.settings.plugins import load

UNASSIGNED = "not taken by any stage"
SHARE_COLUMNS = pl.Schema(
    {
        "view": pl.String,
        "stage": pl.Int64,
        "pattern": pl.String,
        "asked": pl.Int64,
        "taken": pl.Int64,
        "short": pl.Int64,
    }
)

Cell = tuple[str, Skill]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`rows`: every candidate with `stage` (its index) and `place` (within view and stage, from 0), both null where no
    stage took it, and `reason` (empty where one did), sorted by view, stage (none last) and id.

    `report`: per view, stage and domain pattern what its share was (`asked`; null for `rows: all`), `taken`, and
    `short` = asked − taken: negative where it stood in for a pattern that ran out."""

    rows: pl.DataFrame
    report: pl.DataFrame


def assign(candidates: pl.DataFrame, curriculum: Curriculum, views: Sequence[str]) -> Assignment:
    """Fill the stages in order. `candidates` has view, id, domain, skill and difficulty of kept rows alone.

    A unit is used in at most one stage of a view. Where a cell runs out, the others of the stage fill up, by weight.
    """
    tables, reports = [], [SHARE_COLUMNS.to_frame()]
    for view in views:
        rows = candidates.filter(pl.col("view") == view).sort("id")
        rows = rows.with_columns(stage=pl.lit(None, pl.Int64), turn=_turns(rows))
        for index, stage in enumerate(curriculum.stages):
            rows, report = _fill(rows, stage, index, view)
            reports.append(report)
        tables.append(_placed(rows).drop("turn"))
    empty = candidates.clear().with_columns(stage=pl.lit(None, pl.Int64), place=pl.lit(None, pl.Int64))
    every = pl.concat([empty, *tables]).sort("view", "stage", "id", nulls_last=True)
    reason = pl.when(pl.col("stage").is_null()).then(pl.lit(UNASSIGNED)).otherwise(pl.lit(""))
    return Assignment(every.with_columns(reason=reason), pl.concat(reports))


def _turns(rows: pl.DataFrame) -> pl.Series:
    """Of rows sorted by id, 0 for the unit of its problem and skill that goes first, 1 for the next …

    The first by id would be the same sample of every problem: of two samples, in `process`, always the right one.
    """
    numbered = rows.select("skill", problem=pl.col("id").str.extract(r"^([^-]*)").rank("dense"))
    turn = (pl.int_range(pl.len()) + pl.col("problem")) % pl.len()
    return numbered.select(turn.over("problem", "skill")).to_series()


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    """With `place`: where a row stands within its stage."""
    stages = [in_order(some).with_columns(place=pl.int_range(pl.len())) for some in _by_stage(rows)]
    left = rows.filter(pl.col("stage").is_null()).with_columns(place=pl.lit(None, pl.Int64))
    return pl.concat([*stages, left])


def _by_stage(rows: pl.DataFrame) -> list[pl.DataFrame]:
    return rows.filter(pl.col("stage").is_not_null()).sort("stage", "id").partition_by("stage", maintain_order=True)


def _fill(rows: pl.DataFrame, stage: CurriculumStage, index: int, view: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    pool = _fitting(rows, stage).sort("turn", "id")
    counts = {(pattern, skill): n for pattern, skill, n in pool.group_by("pattern", "skill").len().iter_rows()}
    weights = {(p, s): Fraction(v) * Fraction(w) for p, v in stage.domains.items() for s, w in stage.skills.items()}
    have = {cell: counts.get(cell, 0) for cell in weights}
    asked = stage.asked(view)
    take = have if asked is None else _divided(asked, weights, have)
    quota = pl.DataFrame(
        [(*cell, n) for cell, n in take.items()], schema={"pattern": str, "skill": str, "take": int}, orient="row"
    )
    rank = pl.int_range(pl.len()).over("pattern", "skill")
    ids = pool.join(quota, on=["pattern", "skill"], maintain_order="left").filter(rank < pl.col("take"))["id"]
    taken = pl.col("id").is_in(ids.implode())
    rows = rows.with_columns(stage=pl.when(taken).then(pl.lit(index, pl.Int64)).otherwise("stage"))
    shares = None if asked is None else _largest_remainder(asked, weights)
    return rows, _report(view, index, stage, shares, take)


def _fitting(rows: pl.DataFrame, stage: CurriculumStage) -> pl.DataFrame:
    """The unused rows that fit the stage, by id, with the domain pattern to which each belongs."""
    lo, hi = stage.difficulty
    difficulty = pl.col("difficulty").fill_null(UNKNOWN_DIFFICULTY)
    below = difficulty <= hi if hi == 1 else difficulty < hi
    names = rows["domain"].unique().sort().to_list()
    belongs = {name: pattern for name in names if (pattern := _pattern_of(name, stage.domains)) is not None}
    matching = pl.DataFrame(list(belongs.items()), schema={"domain": str, "pattern": str}, orient="row")
    free = rows.filter(
        pl.col("stage").is_null() & (difficulty >= lo) & below & pl.col("skill").is_in(list(stage.skills))
    )
    return free.join(matching, on="domain", maintain_order="left")


def _pattern_of(domain: str, patterns: Iterable[str]) -> str | None:
    return next((p for p in patterns if fnmatch.fnmatchcase(domain, p) or fnmatch.fnmatchcase(domain, f"{p}.*")), None)


def _divided(rows: int, weights: Mapping[Cell, Fraction], have: Mapping[Cell, int]) -> dict[Cell, int]:
    """How many rows of each cell: its share, and of what other cells lack, as much as it has."""
    take = dict.fromkeys(weights, 0)
    missing = rows
    while missing:
        open_cells = {cell: weight for cell, weight in weights.items() if take[cell] < have[cell]}
        if not open_cells:
            break
        for cell, share in _largest_remainder(missing, open_cells).items():
            take[cell] = min(take[cell] + share, have[cell])
        missing = rows - sum(take.values())
    return take


def _largest_remainder(rows: int, weights: Mapping[Cell, Fraction]) -> dict[Cell, int]:
    """Whole numbers in proportion to the weights that add up to `rows` (Hamilton's method); ties by name."""
    total = sum(weights.values())
    exact = {cell: rows * weight / total for cell, weight in weights.items()}
    shares = {cell: int(value) for cell, value in exact.items()}
    by_remainder = sorted(weights, key=lambda cell: (shares[cell] - exact[cell], cell))
    for cell in by_remainder[: rows - sum(shares.values())]:
        shares[cell] += 1
    return shares


def _report(
    view: str, index: int, stage: CurriculumStage, shares: Mapping[Cell, int] | None, take: Mapping[Cell, int]
) -> pl.DataFrame:
    rows = []
    for pattern in stage.domains:
        taken = sum(n for cell, n in take.items() if cell[0] == pattern)
        asked = None if shares is None else sum(n for cell, n in shares.items() if cell[0] == pattern)
        rows.append((view, index, pattern, asked, taken, None if asked is None else asked - taken))
    return pl.DataFrame(rows, schema=SHARE_COLUMNS, orient="row")


def refuse_shortfall(assignment: Assignment, curriculum: Curriculum) -> None:
    """Raises ShortfallError where the curriculum says `shortfall: fail` and a stage got fewer rows than it asks."""
    if curriculum.shortfall == "take":
        return
    sums = assignment.report.group_by("view", "stage", maintain_order=True).agg(pl.col("asked", "taken").sum())
    short = [
        f"stage {curriculum.stages[stage].name!r} of view {view!r} asks for {asked} rows and got {taken}"
        for view, stage, asked, taken in sums.iter_rows()
        if asked > taken
    ]
    if short:
        raise ShortfallError(
            f"{'; '.join(short)}; ask for fewer rows in curriculum {curriculum.name!r}, make more problems or samples, "
            "or set its `shortfall: take`"
        )


def refuse_unknown_domains(curriculum: Curriculum, domains: Iterable[str], tasks: Iterable[str]) -> None:
    """`domains`: the full names that the sources give; `tasks`: those installed, which a build need not use.

    Raises:
        UsageError: a stage names a domain that neither is there.
    """
    known = sorted({*domains, *tasks})
    for stage in curriculum.stages:
        for pattern in stage.domains:
            # A theme of a task that this build does not use is known by its task.
            task = pattern.rpartition(".")[0]
            if not any(_pattern_of(name, [pattern]) or fnmatch.fnmatchcase(name, task) for name in known):
                wrong = unknown("domain", pattern, known)
                raise UsageError(f"curriculum {curriculum.name!r}, stage {stage.name!r}: {wrong}")


def upper_bound(curriculum: Curriculum, problems: Mapping[str, int], samples: int, views: Sequence[str]) -> list[str]:
    """One message per view and stage, and for all stages of a view, that asks for more rows than there can be.

    `problems`: the most there can be per full domain name; each has `samples` traces, of which a view makes as many
    rows as its grouping can. Difficulty is not known yet, so a curriculum that passes may still fall short. Nothing is
    said where the curriculum takes what there is.
    """
    if curriculum.shortfall == "take":
        return []
    found = []
    for view in views:
        each = load("view", view).grouping.most(samples)
        alone = [(stage.name, stage.asked(view) or 0, stage.domains) for stage in curriculum.stages]
        together = {pattern: 1.0 for stage in curriculum.stages if stage.asked(view) for pattern in stage.domains}
        alone.append(("all stages together", sum(asked for _, asked, _ in alone), together))
        for name, asked, patterns in alone:
            most = each * sum(n for domain, n in problems.items() if _pattern_of(domain, patterns) is not None)
            if asked > most:
                found.append(
                    f"view {view!r}, {name}: asks for {asked} rows of {', '.join(patterns)}, at most {most} can come"
                )
    return found
