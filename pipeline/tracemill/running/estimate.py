"""What a build would take: rows, time and disk space, from a small sample that is made, solved and judged here; and
what it would ask of a teacher that costs something.

Nothing is written, and no teacher that costs anything is asked. The sample is a few problems of each part of the
sources, the first ones, which a build makes too; those that come later may be harder. Not estimated: the audit of the
verifiers, whose time does not grow with the rows, and what is done already in a build that exists.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tracemill.records import Decision, Problem, Record
from tracemill.records.codec import encode_all
from tracemill.running.build_config import BuildConfig
from tracemill.running.call_estimate import CallEstimate, estimate_calls
from tracemill.running.phases.ask_teachers import strategy_of
from tracemill.running.phases.phase import Build
from tracemill.running.preview import SolvedProblem, first_of_each_part, solved
from tracemill.settings.plugins import load
from tracemill.sources.source import ProblemSource

SAMPLE = 12
"""Problems that are measured at least; and one of each part before, since the first of its kind loads what it needs."""


@dataclass(frozen=True, slots=True)
class BuildEstimate:
    """`problems` and `rows` (by view) are the most that there can be. `seconds`: of making, asking and judging, and
    `bytes`: on disk, both None where a teacher would have to be asked to know. `processes`: among how many the work is
    divided. `sampled`: the problems that were measured, on which the other numbers rest; 0 if there was none.
    `calls`: to a teacher that is not embedded; null for one that is."""

    problems: int
    rows: dict[str, int]
    seconds: float | None
    bytes: int | None
    processes: int
    sampled: int
    calls: CallEstimate | None = None


def estimate(build: Build) -> BuildEstimate:
    """Raises: PluginError: a plugin has a bug."""
    config = build.config
    parts = (part for source in build.sources for part in source.parts().values())
    problems = sum(part.count for part in parts) - sum(build.begun.values())
    strategy = strategy_of(config)
    samples = strategy.most_traces
    rows = {view: _rows(build, view, problems, samples) for view in config.view_names}
    if not load("teacher", config.teacher.kind).embedded:
        sampled = _problems(islice(first_of_each_part(build.sources), SAMPLE))
        calls = estimate_calls(build, round(problems * strategy.expected_calls), sampled)
        return BuildEstimate(problems, rows, None, None, _processes(config), 0, calls)
    measured, seconds = _measured(config, build.sources)
    if not measured:
        return BuildEstimate(problems, rows, None, None, _processes(config), 0)
    times = problems / len(measured)
    size = _bytes(measured, len(config.view_names))
    return BuildEstimate(
        problems, rows, seconds * times / _processes(config), round(size * times), _processes(config), len(measured)
    )


def _rows(build: Build, view: str, problems: int, samples: int) -> int:
    """At most: what the curriculum asks for, or all that can be made of the problems."""
    most = problems * load("view", view).grouping.most(samples)
    asked = [stage.asked(view) for stage in build.curriculum.stages]
    return int(most if None in asked else min(most, sum(one or 0 for one in asked)))


def _processes(config: BuildConfig) -> int:
    if config.executor.kind == "local":
        return 1
    return int(getattr(config.executor, "workers", None) or len(os.sched_getaffinity(0)))


def _measured(config: BuildConfig, sources: Sequence[ProblemSource]) -> tuple[list[SolvedProblem], float]:
    """Solved problems, and the seconds that they took in this process."""
    stream = first_of_each_part(sources)
    parts = sum(len(source.parts()) for source in sources)
    solved(config, _problems(islice(stream, parts)))
    began = time.perf_counter()
    found = solved(config, _problems(islice(stream, max(SAMPLE, parts))))
    return found, time.perf_counter() - began


def _problems(found: Iterable[Problem | Decision]) -> list[Problem]:
    return [one for one in found if isinstance(one, Problem)]


def _bytes(measured: Sequence[SolvedProblem], views: int) -> float:
    """What the sample takes on disk: its tables, the ledger of the dataset, and a copy of the texts for each view."""
    traces = [trace for one in measured for trace, _ in one.traces]
    verdicts = [verdict for one in measured for _, judged in one.traces for verdict in judged]
    ledger = _stored([one.problem for one in measured]) + _stored(traces) + _stored(verdicts)
    # A completion is stored with the text of its trace.
    return 2 * ledger + (1 + views) * _stored(traces)


def _stored(records: Sequence[Record]) -> int:
    """As Parquet, without what a file costs that has no rows."""
    return sum(_file_size(batch) - _file_size(batch.slice(0, 0)) for batch in encode_all(records).values())


def _file_size(batch: Any) -> int:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_batches([batch]), sink, compression="zstd")
    return int(sink.getvalue().size)
