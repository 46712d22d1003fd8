"""The difficulty by which selection and views go: measured where the config names by whom, else the generator's knob;
and the pass rates that are published.

Measured, it is the share of a model's decided samples that were wrong: 0.75 where two of eight were right. A problem of
which no sample was decided keeps its knob.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa

from tracemill.running.build_config import BuildConfig
from tracemill.running.phases.phase import TABLE_SCHEMAS, Build, Range
from tracemill.settings.errors import UsageError
from tracemill.store.commits import Commit
from tracemill.store.store import Store

STUDENTS = "estimates"
"""The folder of a build with a folder for each student that was measured on its problems (`tracemill estimate`)."""
TEACHER = "teacher"


def difficulty_key(build: Build) -> dict[str, Any]:
    """What selection depends on beside its other inputs; empty where the knob is taken.

    Raises:
        UsageError: there is no measurement of that name.
    """
    by = build.config.difficulty.measured_by
    if by is None:
        return {}
    if by == TEACHER:
        return {"difficulty": {"measured_by": by, "estimates": build.digest(STUDENTS)}}
    _, commit = _measured_by(build, by)
    return {"difficulty": {"measured_by": by, "estimates": [part.sha256 for part in commit.tables[STUDENTS].parts]}}


def with_difficulty(build: Build, problems: pl.DataFrame, span: Range) -> pl.DataFrame:
    """Problems of a range (at least id and difficulty) with their difficulty as the config wants it."""
    if build.config.difficulty.measured_by is None:
        return problems
    measured = pl.DataFrame(estimates_of(build, span)).filter(pl.col("n") > 0)
    measured = measured.select(id="problem_id", measured=1 - pl.col("k") / pl.col("n"))
    joined = problems.join(measured, on="id", how="left", maintain_order="left")
    return joined.with_columns(difficulty=pl.coalesce("measured", "difficulty")).drop("measured")


def table_with_difficulty(build: Build, problems: pa.Table, span: Range) -> pa.Table:
    """The same for rows with all their columns."""
    place = problems.schema.get_field_index("difficulty")
    frame = with_difficulty(build, pl.DataFrame(problems.select(["id", "difficulty"])), span)
    return problems.set_column(place, problems.schema.field(place), frame["difficulty"].to_arrow())


def estimates_of(build: Build, span: Range) -> pa.Table:
    """The pass rates of a range, at most one for each problem: of the student that difficulty is measured by, else of
    the teacher."""
    by = build.config.difficulty.measured_by or TEACHER
    store, commit = (build.store, build.commit) if by == TEACHER else _measured_by(build, by)
    return pa.Table.from_batches(store.scan(commit, STUDENTS, None, *span), schema=TABLE_SCHEMAS[STUDENTS])


def _measured_by(build: Build, student: str) -> tuple[Store, Commit]:
    files = build.store.files
    store = Store(f"{files.url.rstrip('/')}/{STUDENTS}/{student}")
    commit = store.latest()
    if commit is None or STUDENTS not in commit.tables:
        there = sorted({path.split("/")[1] for path in files.list(f"{STUDENTS}/")})
        raise UsageError(
            f"difficulty.measured_by={student!r}: nobody of that name was measured on the problems of {files.url}; "
            f"choices: {', '.join([TEACHER, *there])}; `tracemill estimate` measures a model"
        )
    return store, commit


def refuse_unmeasurable(config: BuildConfig, embedded: bool) -> None:
    """Raises: UsageError: the teacher's pass rates are wanted, and it has none."""
    if config.difficulty.measured_by == TEACHER and embedded:
        raise UsageError(
            f"difficulty.measured_by={TEACHER}: the teacher {config.teacher.kind!r} has no pass rate; take a model as "
            "teacher, or measure a student with `tracemill estimate` and name its folder"
        )
