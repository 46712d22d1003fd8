"""The pass rate of a student, the model that is to be trained, on the problems of a build.

It is a small build of its own, in `estimates/<student>/` beside the tables of the other: problems copied, the student
asked, its answers judged, pass rates estimated. So it resumes like any build, and more samples or problems add to it.
Unlike a build it may also be asked for fewer samples than there are: they stay, and all of them count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from tracemill.curriculum.curriculum_config import Curriculum
from tracemill.records.problem import TASK
from tracemill.records.schema import SCHEMA_VERSION
from tracemill.running.build import done, recorded_configs, run
from tracemill.running.build_config import BuildConfig, config_of
from tracemill.running.phase_keys import refuse_changed
from tracemill.running.phases.ask_teachers import AskTeachers
from tracemill.running.phases.estimate_rates import EstimateRates
from tracemill.running.phases.judge_traces import JudgeTraces
from tracemill.running.phases.measured_difficulty import STUDENTS
from tracemill.running.phases.phase import TABLE_SCHEMAS, Build, Phase, Watch, Work
from tracemill.running.schema_version import open_build
from tracemill.running.teacher_check import check_teacher
from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import load
from tracemill.settings.yaml_files import Origin, Origins, YamlFile
from tracemill.store.store import Store
from tracemill.verifiers.intervals import wilson

BANDS = 4
"""Bands of equal width into which the generator's knob is cut for the report."""


@dataclass(frozen=True, slots=True)
class Student:
    """`url`: of an OpenAI-compatible server; `model`: as it names it. `samples` of each problem; `problems`: of how
    many of them, null for all. `overrides`: of the config, such as `teacher.sampling.temperature=0.7`."""

    url: str
    model: str
    samples: int
    problems: int | None = None
    api_key_env: str | None = None
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BandRate:
    """Of the problems of one task and band of difficulty (both null for all): `samples` that were decided and those of
    them that were `verified`; problems of which no sample was right (`never`), some (`sometimes`) and all (`always`).
    `low`, `high`: a 95% interval of the pass rate, with problems as the cases: samples of one problem are alike."""

    task: str | None
    band: tuple[float, float] | None
    problems: int
    samples: int
    verified: int
    rate: float
    low: float
    high: float
    never: int
    sometimes: int
    always: int


@dataclass(frozen=True, slots=True)
class PassRates:
    """`folder`: where the rows are, from the build's; its last part is what `difficulty.measured_by` names.
    `undecided`: problems that have no decided sample."""

    model: str
    folder: str
    undecided: int
    every: BandRate | None
    by_band: tuple[BandRate, ...]


def measure(url: str, student: Student, watch: Watch) -> PassRates:
    """Asks for the samples that are not there yet.

    Raises:
        UsageError: no build there, a server that cannot be asked, or it was asked in another way before.
    """
    store = open_build(url)
    commit = store.latest()
    data = next(iter(recorded_configs(store)), None)
    if data is None or commit is None or "problems" not in commit.tables:
        raise UsageError(
            f"there is no build with problems at {url!r}; make one with `tracemill build CONFIG --out DIR`"
        )
    config = _config(url, data, student)
    teacher = load("teacher", config.teacher.kind)(config.teacher)
    folder = f"{STUDENTS}/{folder_of(student.model, teacher.fingerprint)}"
    beside = Store(f"{store.files.url.rstrip('/')}/{folder}")
    build = Build(config, Curriculum.model_construct(stages=()), [], beside, beside.latest())
    phases: Sequence[Phase] = (_CopyProblems(store, student.problems), _AskStudent(), JudgeTraces(), EstimateRates())
    if not all(done(build, phase) for phase in phases[:2]):
        check_teacher(config.teacher)
    run(build, watch, phases=phases)
    return _rates(student.model, folder, build)


def folder_of(model: str, fingerprint: str) -> str:
    """A name for a student's folder: of the model, and of what its replies depend on.

    >>> folder_of("Qwen/Qwen3-8B", "0123456789abcdef")
    'Qwen-Qwen3-8B-01234567'
    """
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', model).strip('-.') or 'model'}-{fingerprint[:8]}"


def _config(url: str, data: Mapping[str, Any], student: Student) -> BuildConfig:
    """The build's own config, with the student as teacher, and answers as all that is judged."""
    verify = data["verify"]
    judging = [one for one in (*verify["require"], *verify["also"]) if one["kind"] == "answer"] or ["answer"]
    key = {"api_key_env": student.api_key_env} if student.api_key_env else {}
    changed = {
        "executor": {"kind": "local"},
        "teacher": {"kind": "openai", "urls": [student.url], "model": student.model, **key},
        "strategy": {"kind": "single", "samples": student.samples},
        "verify": {"require": judging[:1]},
    }
    return config_of(YamlFile(url, {**data, **changed}, Origins(Origin(url))), student.overrides)


class _CopyProblems:
    """The first problems by id, which is a hash, that screening left."""

    name = "problems"
    guarded = False

    def __init__(self, store: Store, most: int | None) -> None:
        self.store, self.most = store, most

    def key(self, build: Build) -> dict[str, Any]:
        commit = self.store.latest()
        assert commit is not None
        tables = {name: commit.tables[name] for name in ("problems", "screened") if name in commit.tables}
        parts = {name: [part.sha256 for part in table.parts] for name, table in tables.items()}
        return {"of": parts, "most": self.most, "schema": SCHEMA_VERSION}

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        work.run.write_parts(self.name, key, {"problems": (TABLE_SCHEMAS["problems"], self._batches())})

    def _batches(self) -> Iterator[pa.RecordBatch]:
        commit = self.store.latest()
        assert commit is not None
        screened = [batch.column(0) for batch in self.store.scan(commit, "screened", ("problem_id",))]
        rejected = pa.chunked_array(screened, pa.string()).combine_chunks()
        left = self.most
        for batch in self.store.scan(commit, "problems"):
            kept = batch.filter(pc.invert(pc.is_in(batch.column("id"), value_set=rejected)))
            if left is not None:
                kept = kept.slice(0, left)
                left -= kept.num_rows
            yield kept
            if left == 0:
                return


class _AskStudent(AskTeachers):
    """Takes fewer samples too, since no rows of a dataset stand on them; other changes are refused as in a build."""

    guarded = False

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        refuse_changed(work.build, self.name, key, shrinks=frozenset({"samples"}))
        super().work(work, key, old)


def _rates(model: str, folder: str, build: Build) -> PassRates:
    columns = {"estimates": ("problem_id", "n", "k"), "problems": ("id", "domain", "difficulty")}
    tables = {
        name: pl.concat([_empty(name, some), *map(pl.DataFrame, build.store.scan(build.commit, name, some))])
        for name, some in columns.items()
    }
    rows = tables["estimates"].join(tables["problems"], left_on="problem_id", right_on="id")
    known = rows.filter(pl.col("n") > 0).with_columns(
        task=pl.col("domain").str.extract(TASK),
        band=(pl.col("difficulty") * BANDS).floor().clip(0, BANDS - 1),
    )
    by_band = [
        _rate(str(task), None if band is None else (band / BANDS, (band + 1) / BANDS), some)
        for (task, band), some in known.sort("task", "band", "problem_id").group_by("task", "band", maintain_order=True)
    ]
    every = _rate(None, None, known) if known.height else None
    return PassRates(model, folder, rows.height - known.height, every, tuple(by_band))


def _empty(table: str, columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(TABLE_SCHEMAS[table].empty_table().select(list(columns)))


def _rate(task: str | None, band: tuple[float, float] | None, rows: pl.DataFrame) -> BandRate:
    mean = float(str((rows["k"] / rows["n"]).mean()))
    low, high = wilson(mean * rows.height, rows.height)
    never, always = rows.filter(pl.col("k") == 0).height, rows.filter(pl.col("k") == pl.col("n")).height
    samples, verified = int(rows["n"].sum()), int(rows["k"].sum())
    sometimes = rows.height - never - always
    return BandRate(task, band, rows.height, samples, verified, mean, low, high, never, sometimes, always)
