"""What the manifest says that the card shows: its layout, as types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict


class SourceEntry(TypedDict):
    name: str
    revision: str
    licence: str
    problems: int


class TeacherEntry(TypedDict):
    kind: str
    name: str
    licence: NotRequired[str]


class StageEntry(TypedDict):
    rows: int
    shards: int


class FileEntry(TypedDict):
    """`path` is relative to the build: `dataset/sft/00-warm_up-00000.parquet`."""

    path: str
    rows: int
    bytes: int
    sha256: str


class AuditEntry(TypedDict):
    """`gold` right solutions of which `false_negatives` were refuted (`unknown` is no refutation); `twins` wrong ones
    of which `false_positives` were verified, or refuted at another step than the first wrong one. Of both, how many
    were left undecided. The bounds are shares (0–1) of a 95% interval."""

    canaries_passed: int
    canaries_total: int
    gold: int
    false_negatives: int
    fn_low: float
    fn_high: float
    gold_undecided: int
    gold_undecided_low: float
    gold_undecided_high: float
    twins: int
    false_positives: int
    fp_low: float
    fp_high: float
    twins_undecided: int
    twins_undecided_low: float
    twins_undecided_high: float


class VerifierEntry(TypedDict):
    """`outcomes` and `strengths` count traces. Coverages are shares over the whole build; none for a verifier that
    does not judge steps."""

    version: str
    outcomes: Mapping[str, int]
    strengths: Mapping[str, int]
    coverage_claims: float | None
    coverage_steps: float | None
    audit: AuditEntry | None


class CostEntry(TypedDict):
    prompt_tokens: int | None
    completion_tokens: int | None
    tokens_per_verified_row: float | None
    joules: float | None
    joules_per_verified_row: float | None


class MissRate(TypedDict):
    """Of `planted` benchmark items in one disguise, `missed` went through; the bounds are a 95% interval."""

    planted: int
    missed: int
    low: float
    high: float


class Decontamination(TypedDict):
    benchmarks: Sequence[str]
    miss_rates: Mapping[str, MissRate] | None


class VarietyMeasures(TypedDict):
    """See `selection.variety.Variety`, which has more."""

    texts: int
    distinct_2: float
    compression: float


class VarietyEntry(TypedDict):
    """`alarms`: a sentence for each limit of the config that the measures break."""

    measured: VarietyMeasures | None
    alarms: Sequence[str]


class Manifest(TypedDict):
    """What the card reads of the manifest; further keys are allowed and not shown.

    `stages` are the curriculum's, in order. `views` maps view to stage to counts. By reason: `lines` counts the lines
    that gave no problem, `screening` the problems that were rejected before any teacher was asked, `unasked` those that
    the teacher has no solution of, `selection` the rejections of each view.
    """

    name: str
    schema_version: int
    seed: int
    stages: Sequence[str]
    sources: Sequence[SourceEntry]
    teacher: TeacherEntry
    views: Mapping[str, Mapping[str, StageEntry]]
    files: Sequence[FileEntry]
    lines: Mapping[str, int]
    screening: Mapping[str, int]
    unasked: Mapping[str, int]
    selection: Mapping[str, Mapping[str, int]]
    verifiers: Mapping[str, VerifierEntry]
    costs: CostEntry
    decontamination: Decontamination
    variety: VarietyEntry
    versions: Mapping[str, str]
