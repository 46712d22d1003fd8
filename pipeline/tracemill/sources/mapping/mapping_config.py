"""The part of a source's config that says which field of a row is what, the same for every container of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tracemill.records import Check, canonical_json
from tracemill.records.labels import CORRECT
from tracemill.records.licences import spdx
from tracemill.settings.regular_expression import RegularExpression
from tracemill.sources.mapping.field_paths import EACH
from tracemill.sources.triage import AnswerPolicy

PlainValue = bool | int | float | str


class LabelFields(BaseModel):
    """What was said of a solution: `field` is where it stands.

    It speaks of the whole solution where it is true or false, is one of `right` (else it says wrong), or is a number,
    right from `right_from`. It speaks of `steps` as their `ratings` (a list: above 0 right, 0 neither, below 0 wrong,
    null not looked at) or as the number of the `first_wrong` one, from 0, with −1 for none. Else it is only kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    field: str
    right: tuple[PlainValue, ...] | None = None
    right_from: float | None = None
    steps: Literal["ratings", "first_wrong"] | None = None

    @model_validator(mode="after")
    def _one_meaning(self) -> LabelFields:
        said = [key for key in ("right", "right_from", "steps") if getattr(self, key) is not None]
        if len(said) > 1:
            raise ValueError(f"label {self.name!r} has {' and '.join(said)}; keep one of them")
        return self


class ReferenceFields(BaseModel):
    """Solutions that stand in the row, and who wrote them.

    `text` is a text, or chat messages, or a list of such, each of which is a solution; or `steps` is a list of texts,
    the steps of one. Beside a list the other fields are lists of the same length, or hold for all. `reasoning`: a field
    of its own with what was thought before the reply. `label`: true where the solution is right.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str | None = None
    steps: str | None = None
    author: str | None = Field(default=None, min_length=1)
    author_field: str | None = None
    reasoning: str | None = None
    finish_reason: str | None = None
    label: str | None = None
    labels: tuple[LabelFields, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> ReferenceFields:
        if (self.text is None) == (self.steps is None):
            raise ValueError("a reference needs text (a field with a text or messages) or steps (one with a list)")
        if self.author is None and self.author_field is None:
            raise ValueError("a reference needs an author (a name) or an author_field (a field's name)")
        if any(label.steps for label in self.labels) and self.steps is None:
            raise ValueError("labels of steps need the field of the steps they are of: steps")
        names = [label.name for label in self.labels] + ([CORRECT] if self.label else [])
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two labels are called {', '.join(sorted(twice))}; rename one")
        return self

    @property
    def of_solution(self) -> str:
        """The field that the solution stands in."""
        found = self.text or self.steps
        assert found is not None
        return found

    def paths(self) -> Iterator[str]:
        yield self.of_solution
        yield from (path for path in (self.author_field, self.reasoning, self.finish_reason, self.label) if path)
        yield from (label.field for label in self.labels)


class RowFields(BaseModel):
    """Which field is what; how a path is written says `field_paths.py`.

    `prompt`: a text, or chat messages up to the first reply. `answer`: null where nobody knows the answers.
    `answer_pattern`: a regular expression whose last match in the answer's field is the final answer (its first group,
    if it has one); `answer_boxed`: it stands in the last `\\boxed{…}` there. `group`: the field that variants of one
    problem share, so that they fall into one split; without it the same question, however spaced and capitalised, is
    one group. `where`: rows whose fields have other values are left out. `reshape`: the name of a shape whose rows are
    first laid out flat (`sources/shapes/`); fields are then those of the flat row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str
    answer: str | None
    answer_pattern: RegularExpression | None = None
    answer_boxed: bool = False
    system: str | None = None
    tools: str | None = None
    licence: str | None = None
    group: str | None = None
    where: dict[str, tuple[PlainValue, ...]] = {}
    reshape: Literal["prm800k", "nemo_gym"] | None = None
    references: tuple[ReferenceFields, ...] = ()

    @model_validator(mode="after")
    def _one_way_to_the_answer(self) -> RowFields:
        if self.answer_boxed and self.answer_pattern is not None:
            raise ValueError("answer_boxed and answer_pattern both say where the answer stands; keep one of them")
        for path in (self.prompt, self.answer, self.system, self.tools, self.licence, self.group):
            if path and EACH in path.split("."):
                raise ValueError(f"{path!r} has several values; only fields of references may")
        return self

    def paths(self) -> list[str]:
        """Every field that is read."""
        found = [path for path in (self.prompt, self.answer, self.system, self.tools) if path]
        found += [path for path in (self.licence, self.group, *self.where) if path]
        found += [path for reference in self.references for path in reference.paths()]
        return list(dict.fromkeys(found))


class CheckConfig(BaseModel):
    """How an answer is judged, see `records.Check`. `fields`: keys of the spec that differ from row to row, each with
    the field that holds it, such as the tests of a program."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["exact", "numeric", "symbolic", "choice", "structured", "plan", "code"]
    spec: dict[str, Any] = {}
    fields: dict[str, str] = {}

    @field_validator("spec")
    @classmethod
    def _is_json(cls, spec: dict[str, Any]) -> dict[str, Any]:
        """YAML has more than JSON: dates, sets, .nan."""
        try:
            canonical_json(spec)
        except (TypeError, ValueError) as exc:
            raise ValueError(f"{exc}; write it as JSON could, a date within quotes") from exc
        return spec

    @model_validator(mode="after")
    def _is_read(self) -> CheckConfig:
        from tracemill.verifiers.answer.check import refuse_spec

        if self.kind != "code" and not self.fields:
            refuse_spec(Check(self.kind, self.spec))
        return self


class MappedConfig(BaseModel):
    """What the sources of rows have in common. `licence` (SPDX) holds for every row, or `fields.licence` names the
    field that tells; rows without one are excluded. `system` stands before every problem; it can say how the answer
    must be written. `marks` says how calculations are marked in the references. `answers`: what becomes of rows whose
    expected answer is none that a check can use (`triage.py`). `notice` is a file with the licence's text and copyright
    lines; `language` (ISO 639) that of problems and solutions. Both are published with the dataset and change no
    problem."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    licence: str | None = None
    notice: str | None = None
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    fields: RowFields
    domain: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+){3}$")
    system: str = ""
    check: CheckConfig
    answers: AnswerPolicy = AnswerPolicy()
    limit: int | None = Field(default=None, ge=1)
    marks: Literal["gsm8k"] | None = None

    @field_validator("licence")
    @classmethod
    def _spdx(cls, licence: str | None) -> str | None:
        return licence if licence is None else spdx(licence)

    @model_validator(mode="after")
    def _licensed(self) -> MappedConfig:
        if (self.licence is None) == (self.fields.licence is None):
            raise ValueError(f"source {self.name!r} needs either licence (e.g. MIT) or fields.licence (a field's name)")
        return self

    def paths(self) -> list[str]:
        """Every field of a row that is read."""
        return list(dict.fromkeys([*self.fields.paths(), *self.check.fields.values()]))
