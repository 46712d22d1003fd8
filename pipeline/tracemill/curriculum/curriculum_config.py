"""The model of a curriculum file (`curricula/*.yaml`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tracemill.records import Skill
from tracemill.settings.plugins import installed
from tracemill.settings.secrets_in_text import secrets_in
from tracemill.settings.shipped import path_of
from tracemill.settings.yaml_files import read_yaml
from tracemill.settings.yaml_models import Collected, Fault, validated

STAGE_NAME = r"^[a-z0-9_]+$"
"""A stage's name is part of a path, and a split of every view."""
SPLITS = ("train", "test", "all")
"""Splits that a view has anyway: no stage is called so."""

Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Difficulty = Annotated[float, Field(ge=0, le=1)]
RowCount = Annotated[int, Field(gt=0, strict=True)]


class CurriculumStage(BaseModel):
    """What a stage takes.

    `rows` are per view: the same number for each, a number for those named (the others get none), or `all` that fit.
    `domains` maps shell patterns to weights; a task's name also matches its themes. What several patterns match
    belongs to the first of them. `skills` maps skills to weights.
    `difficulty` is [lo, hi): hi is left out unless it is 1. A unit without a difficulty counts as 0.5.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=STAGE_NAME)]
    rows: RowCount | Literal["all"] | Mapping[str, RowCount]
    domains: Annotated[Mapping[str, Weight], Field(min_length=1)]
    skills: Annotated[Mapping[Skill, Weight], Field(min_length=1)] = {"skills": 1.0}
    difficulty: tuple[Difficulty, Difficulty] = (0.0, 1.0)

    @field_validator("name")
    @classmethod
    def _is_no_split(cls, name: str) -> str:
        if name in SPLITS:
            raise ValueError(f"{name!r} is a split of every view; give the stage another name")
        return name

    @field_validator("rows")
    @classmethod
    def _views_exist(cls, rows: int | str | Mapping[str, int]) -> int | str | Mapping[str, int]:
        strange = [] if isinstance(rows, int | str) else [view for view in rows if view not in installed("view")]
        if strange:
            raise ValueError(f"no view {strange[0]!r}; choices: {', '.join(sorted(installed('view')))}")
        return rows

    @model_validator(mode="after")
    def _band_is_not_empty(self) -> CurriculumStage:
        lo, hi = self.difficulty
        if lo >= hi:
            raise ValueError(f"difficulty [{lo}, {hi}] holds nothing; the first number must be the smaller one")
        return self

    def asked(self, view: str) -> int | None:
        """Rows for a view; None where it takes all."""
        if self.rows == "all":
            return None
        return self.rows if isinstance(self.rows, int) else self.rows.get(view, 0)


class Curriculum(BaseModel):
    """Stages in the order of the dataset. `shortfall`: whether a stage with fewer rows than it asks fails the build,
    or takes what there is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    shortfall: Literal["fail", "take"]
    stages: Annotated[tuple[CurriculumStage, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _stage_names_differ(self) -> Curriculum:
        again = [name for name, count in Counter(stage.name for stage in self.stages).items() if count > 1]
        if again:
            raise ValueError(f"two stages are named {again[0]!r}; give one of them another name")
        return self


def read_curriculum(name: str) -> Curriculum:
    """The curriculum at a path, or the shipped one of that name.

    Raises:
        UsageError: a file that is not there or is not a curriculum.
    """
    file = read_yaml(path_of("curriculum", name))
    faults: list[Fault] = list(secrets_in(file.data))
    curriculum = None if faults else validated(Curriculum, file.data, (), faults)
    collected = Collected(f"{file.path} is not a curriculum", file.origins)
    collected.add(faults)
    collected.refuse()
    assert isinstance(curriculum, Curriculum)
    return curriculum
