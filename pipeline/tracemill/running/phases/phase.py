"""What the phases of one build share, and what a phase is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import polars as pl

from tracemill.curriculum.curriculum_config import Curriculum
from tracemill.publishing.hub.published_repository import PublishedRepository
from tracemill.records import Payload, Problem, canonical_json, fingerprint
from tracemill.records.codec import decoded
from tracemill.records.finished import Chunk
from tracemill.records.schema import SCHEMAS
from tracemill.running.build_config import BuildConfig
from tracemill.running.earlier_builds import EarlierBuild
from tracemill.running.executors.executor import Executor
from tracemill.running.metrics import BuildMetrics
from tracemill.selection.compared_labels import DISAGREEMENTS
from tracemill.settings.errors import DamagedError
from tracemill.settings.plugins import load
from tracemill.sources.source import Context, ProblemSource
from tracemill.store.commits import Commit
from tracemill.store.journal import Journal
from tracemill.store.run import Run
from tracemill.store.store import Store
from tracemill.verifiers.verifier import make_verifier

PARTITION = 512
PARTITION_BYTES = 32 << 20
"""Problems that are held in memory at once, and the bytes of what there is of them in `PER_PROBLEM`."""
PER_PROBLEM = ("problems", "completions", "traces", "verdicts")

TABLE_SCHEMAS = {
    **{table: SCHEMAS[table] for table in ("problems", "completions", "traces", "verdicts", "estimates")},
    **dict.fromkeys(("lines", "screened", "unasked", "selection"), SCHEMAS["decisions"]),
    "disagreements": DISAGREEMENTS,
}
"""The tables of a build. The four of decisions: lines that gave no problem, problems rejected in screening, problems
that the teacher has no solution of, and what selection decided. `disagreements`: labels that came along and say
something else than our verdicts."""

Range: TypeAlias = tuple[str | None, str | None]
"""Ids from the first up to, without, the second; none is open."""


class Watch(Protocol):
    """Where progress is shown."""

    def phase(self, name: str, total: int | None, unit: str = "rows") -> None:
        """A phase begins, of so many units; None where nobody knows how many."""

    def step(self, count: int, rows: int = 0) -> None:
        """So many units are done, and so many rows have been kept, some of which may be of units still under way."""

    def say(self, text: str) -> None: ...


@dataclass
class Build:
    """One build: what is asked for, and where it lies. `earlier`: the build that it adds to, and `begun` the indices of
    sources that this used (`sources.source.Context`). `published`: where it is resumed from if it is not here."""

    config: BuildConfig
    curriculum: Curriculum
    sources: list[ProblemSource]
    store: Store
    latest: Commit | None
    earlier: EarlierBuild | None = None
    begun: Mapping[str, int] = field(default_factory=dict)
    published: PublishedRepository | None = None
    claim_kinds: dict[str, Sequence[str]] = field(default_factory=dict)
    """Known so far, by the digest of the traces: see `claim_kinds_of`."""

    @property
    def commit(self) -> Commit:
        """The latest commit. Phases after the first may rely on there being one."""
        assert self.latest is not None
        return self.latest

    @property
    def context(self) -> Context:
        """What its sources share."""
        return Context(self.config.seed, self.config.split.bench, self.begun)

    def digest(self, *tables: str) -> str:
        """Changes exactly when a committed row of one of these tables does."""
        have = self.latest.tables if self.latest else {}
        return fingerprint({table: [part.sha256 for part in have[table].parts] for table in tables if table in have})

    def rows(self, table: str) -> int:
        have = self.latest.tables if self.latest else {}
        return have[table].rows if table in have else 0


@dataclass
class Work:
    """A build under way: the one who may write, who does the work, and where progress is shown."""

    build: Build
    run: Run
    executor: Executor
    watch: Watch
    metrics: BuildMetrics = field(default_factory=BuildMetrics)


class Phase(Protocol):
    """`guarded`: other data stands on its rows, so that its key may grow but not change."""

    @property
    def name(self) -> str: ...

    @property
    def guarded(self) -> bool: ...

    def key(self, build: Build) -> dict[str, Any]:
        """All that its result depends on: config, versions, digests of its inputs. Nothing about how it is run.

        A committed key may have `_errors` beside it: how many inputs ended in trouble of ours, and are tried again.
        """

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """Does what is missing and commits under `key`. `old` is the key of the committed result, if there is one."""


def verifiers_of(config: BuildConfig) -> tuple[tuple[str, Payload], ...]:
    """The verifiers that judge this build, with the parameters they are made with (`make_verifier`)."""
    return tuple((one.kind, one.model_dump(exclude={"kind"})) for one in config.verify.verifiers)


def view_versions(config: BuildConfig) -> list[str]:
    """The views in the config's order, each with the version of its schema, policy and rows, and with its settings
    where it has any: `sft@1 {"reasoning":"inline"}`."""
    settings = {name: f" {canonical_json(given)}" if given else "" for name, given in config.view_settings.items()}
    return [f"{name}@{load('view', name).version}{settings[name]}" for name in config.view_names]


def judges_of(build: Build) -> dict[str, dict[str, Any]]:
    """What marks the present verdicts on the committed traces (`counting.Judges`). Of the installed claim checkers
    only those that these traces need: another one makes no phase stale."""
    return judges(build.config, claim_kinds_of(build))


def judges(config: BuildConfig, kinds: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What marks the present verdicts on traces that make claims of these kinds."""
    found = {}
    for name, parameters in verifiers_of(config):
        with closing(make_verifier(name, parameters)) as verifier:
            checkers = verifier.checkers(kinds) or {}
            found[name] = {"version": verifier.version, "parameters": verifier.judge, "checkers": checkers}
    return found


def claim_kinds_of(build: Build) -> tuple[str, ...]:
    """The kinds of the claims in the committed traces, sorted. Read once for each state of the traces; where the
    committed verdicts are of just these traces, their key has them. None while a part of the traces is damaged: no
    verdicts are of such traces, and a run mends them, or refuses to, before any phase works."""
    traces = build.digest("traces")
    if traces not in build.claim_kinds:
        known = {**build.latest.forgotten, **build.latest.keys}.get("verdicts", {}) if build.latest else {}
        try:
            build.claim_kinds[traces] = known["kinds"] if known.get("traces") == traces else _read_kinds(build)
        except DamagedError:
            return ()
    return tuple(build.claim_kinds[traces])


def _read_kinds(build: Build) -> list[str]:
    found: set[str] = set()
    if build.rows("traces"):
        for batch in build.store.scan(build.commit, "traces", ("steps",)):
            claims = batch.column("steps").flatten().field("claim")
            found.update(claims.field("kind").filter(claims.is_valid()).unique().to_pylist())
    return sorted(found - {None})


def journaled(
    work: Work,
    journal: Journal,
    chunks: Iterable[Chunk],
    decisions: str = "decisions",
    counted: Sequence[str] | None = None,
) -> int:
    """Writes chunks as they come back and shows the progress; returns how many inputs were finished.

    `decisions` is the phase's own name for the table of decisions; `counted` are the tables whose rows are shown, where
    an input is not one row. On a local disk every chunk is durable before the next is taken, so that a kill costs only
    what is in flight; on object storage, within the journal's second."""
    finished = 0
    for chunk in chunks:
        tables = {decisions if name == "decisions" else name: batch for name, batch in chunk.tables.items()}
        journal.append(chunk.done, tables)
        work.metrics.count(tables)
        if work.build.store.files.root is not None:
            journal.flush()
        shown = len(chunk.done) if counted is None else sum(tables[name].num_rows for name in {*counted} & {*tables})
        work.watch.step(shown, sum(batch.num_rows for batch in tables.values()))
        finished += len(chunk.done)
    return finished


def spans_of(build: Build, table: str = "problems") -> list[Range]:
    """The pieces in which a build is worked through: ranges of at most about 512 rows of the table and 32 MB."""
    return build.store.partitions(build.commit, table, PARTITION, PER_PROBLEM, PARTITION_BYTES)


def table_frame(build: Build, table: str, columns: tuple[str, ...], span: Range) -> pl.DataFrame:
    """The rows of a range as one frame; an empty frame with those columns where there are none."""
    frames = [pl.from_arrow(batch) for batch in build.store.scan(build.commit, table, columns, *span)]
    empty = pl.from_arrow(TABLE_SCHEMAS[table].empty_table().select(list(columns)))
    return pl.concat([frame for frame in [empty, *frames] if isinstance(frame, pl.DataFrame)])


def records_of(build: Build, table: str, span: Range) -> Iterator[Any]:
    """The records of a range, in the order of their ids."""
    return decoded(table, build.store.scan(build.commit, table, None, *span))


def column_of(build: Build, table: str, column: str, span: Range) -> Iterator[Any]:
    for batch in build.store.scan(build.commit, table, (column,), *span):
        yield from batch.column(0).to_pylist()


def problems_of(build: Build, span: Range) -> dict[str, Problem]:
    return {problem.id: problem for problem in records_of(build, "problems", span)}
