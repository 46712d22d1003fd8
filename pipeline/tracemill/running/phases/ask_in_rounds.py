"""The traces phase of a strategy that works in rounds: the driver decides, from rows, who is asked how much next."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.strategies.rounds import FoundSample, SampleRounds
from tracemill.asking.strategies.strategy import InRounds, SampleShare, Standing
from tracemill.records import Completion
from tracemill.records.codec import decoded
from tracemill.records.finished import Chunk
from tracemill.running.phases.phase import Build, Range, Work, column_of, journaled, records_of, spans_of
from tracemill.store.journal import Journal

_SEVERITY: tuple[Standing, ...] = ("verified", "undecided", "refuted")
_TRACES = ("id", "problem_id", "sample_index", "finish_reason", "completion_tokens")
_VERDICTS = ("trace_id", "verifier", "outcome", "attempt")


def ask_in_rounds(work: Work, journal: Journal, plan: RolloutPlan, strategy: InRounds) -> int:
    """Asks until the rounds are over; returns how many problems ended in trouble, and are asked again by the next run.

    Every row is read once: those of earlier commits and of the journal first, then what comes back.
    """
    build = work.build
    rows = _Rows(strategy.rounds(list(_problems(build))), frozenset(plan.required))
    for span in spans_of(build):
        rows.read(
            build.store.scan(build.commit, "verdicts", _VERDICTS, *span) if build.rows("verdicts") else (),
            build.store.scan(build.commit, "traces", _TRACES, *span) if build.rows("traces") else (),
        )
    rows.read(journal.read("verdicts"), journal.read("traces"))
    orders = _SharedOrders(build, rows.rounds)
    orders.remember(decoded("completions", journal.read("completions")))
    if kept := rows.rounds.known + orders.answered:
        work.watch.say(f"traces: {kept:,} samples of earlier runs are kept")
    work.watch.phase("traces", None, "problems, in rounds")
    errors = 0
    while shares := rows.rounds.missing():
        chunks = work.metrics.finished(work.executor.roll(plan, work.metrics.given(orders.of(shares))))
        errors += len(shares) - journaled(work, journal, rows.through(chunks), decisions="unasked")
    if left_out := rows.rounds.left_out:
        work.watch.say(f"traces: {left_out} problems were not asked; the budget of tokens went to others")
    return errors


def _problems(build: Build) -> Iterator[str]:
    """Those that screening left."""
    for span in spans_of(build):
        rejected = set(column_of(build, "screened", "problem_id", span))
        yield from (one for one in column_of(build, "problems", "id", span) if one not in rejected)


@dataclass
class _Rows:
    """What rows say, on its way to the rounds. `standings`: of traces whose verdicts came before their rows."""

    rounds: SampleRounds
    required: frozenset[str]
    standings: dict[str, Standing] = field(default_factory=dict)

    def read(self, verdicts: Iterable[pa.RecordBatch], traces: Iterable[pa.RecordBatch]) -> None:
        """A trace's verdicts come before it, or with it. Of a verdict the first attempt counts: what was decided then
        is decided again."""
        for batch in verdicts:
            for row in batch.select(list(_VERDICTS)).to_pylist():
                if row["verifier"] in self.required and row["attempt"] == 0:
                    self._note(row["trace_id"], row["outcome"])
        for batch in traces:
            for row in batch.select(list(_TRACES)).to_pylist():
                self.rounds.learn(self._found(row))

    def through(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            self.read(*([chunk.tables[name]] if name in chunk.tables else () for name in ("verdicts", "traces")))
            yield chunk

    def _note(self, trace: str, outcome: str) -> None:
        said: Standing = "verified" if outcome == "verified" else "refuted" if outcome == "refuted" else "undecided"
        self.standings[trace] = max(self.standings.get(trace, said), said, key=_SEVERITY.index)

    def _found(self, row: Mapping[str, Any]) -> FoundSample:
        standing = self.standings.pop(row["id"], "undecided")
        failed = row["finish_reason"] == "error"
        sample = row["sample_index"], "error" if failed else standing, row["completion_tokens"]
        return FoundSample(row["problem_id"], *sample)


@dataclass
class _SharedOrders:
    """Problems with their shares. `journaled`: calls that were answered before a kill, or failed, of samples that have
    no trace yet."""

    build: Build
    rounds: SampleRounds
    journaled: dict[str, dict[str, Completion]] = field(default_factory=dict)

    def remember(self, completions: Iterable[Completion]) -> None:
        for one in completions:
            if self._is_open(one):
                self.journaled.setdefault(one.problem_id, {}).setdefault(one.id, one)

    @property
    def answered(self) -> int:
        """The samples among them that have an answer."""
        calls = (one for calls in self.journaled.values() for one in calls.values() if one.finish_reason != "error")
        return sum(not self.rounds.is_known(one.problem_id, int(one.call)) for one in calls)

    def of(self, shares: Mapping[str, SampleShare]) -> Iterator[Order]:
        ids = sorted(shares)
        for first, end in spans_of(self.build):
            if bisect_left(ids, first or "") < (len(ids) if end is None else bisect_left(ids, end)):
                yield from self._in((first, end), shares)

    def _in(self, span: Range, shares: Mapping[str, SampleShare]) -> Iterator[Order]:
        committed: dict[str, dict[str, Completion]] = {}
        for one in records_of(self.build, "completions", span) if self.build.rows("completions") else ():
            if one.problem_id in shares and self._is_open(one):
                committed.setdefault(one.problem_id, {})[one.id] = one
        for problem in records_of(self.build, "problems", span):
            if share := shares.get(problem.id):
                known = committed.get(problem.id, {}) | self.journaled.get(problem.id, {})
                yield Order(problem, known, share=share)

    def _is_open(self, one: Completion) -> bool:
        return int(one.call) >= self.rounds.first_missing(one.problem_id)
