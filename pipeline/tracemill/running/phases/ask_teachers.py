"""Phase 3: the teacher is asked, and what it says is judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.strategies.strategy import InRounds, Strategy
from tracemill.records import Completion
from tracemill.records.codec import decoded
from tracemill.running.build_config import BuildConfig
from tracemill.running.phases.ask_in_rounds import ask_in_rounds
from tracemill.running.phases.phase import (
    TABLE_SCHEMAS,
    Build,
    Range,
    Work,
    column_of,
    journaled,
    records_of,
    spans_of,
    verifiers_of,
)
from tracemill.running.serving import serving
from tracemill.settings.plugins import load
from tracemill.store.journal import DoneIds

TRACE_IDS = 2
"""How traces are named. A build whose traces have other ids does not grow: it would have each of them twice."""
TABLES = {table: TABLE_SCHEMAS[table] for table in ("completions", "traces", "verdicts", "unasked")}


class AskTeachers:
    name = "traces"
    guarded = True

    def key(self, build: Build) -> dict[str, Any]:
        config = build.config.resolved()
        teacher = load("teacher", build.config.teacher.kind)(build.config.teacher)
        strategy = strategy_of(build.config)
        return {
            "teacher": {"fingerprint": teacher.fingerprint, **_without(config["teacher"], teacher.unkeyed)},
            "strategy": _without(config["strategy"], strategy.unkeyed),
            "trace_ids": TRACE_IDS,
            "inputs": build.digest("problems", "screened"),
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        with serving(work) as served:
            self._ask(served, key, old)

    def _ask(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        journal = work.run.journal(self.name, TABLES, key=key)
        strategy = strategy_of(build.config)
        if isinstance(strategy, InRounds):
            errors = ask_in_rounds(work, journal, plan_of(build.config), strategy)
            work.run.commit(self.name, key | {"_errors": errors}, TABLES, extend=True)
            return
        damaged = self.name in build.commit.forgotten
        again = damaged or (old is not None and old["strategy"] != key["strategy"])
        orders = _Orders(build, journal.done(lambda begun: begun["strategy"] == key["strategy"]), again)
        orders.remember(decoded("completions", journal.read("completions")))
        work.watch.phase(self.name, build.rows("problems") - build.rows("screened"), "problems")
        work.watch.step(len(orders.done))
        chunks = work.executor.roll(plan_of(build.config), work.metrics.given(orders.missing()))
        finished = journaled(work, journal, work.metrics.finished(chunks), decisions="unasked")
        work.run.commit(self.name, key | {"_errors": orders.given - finished}, TABLES, extend=True)


def _without(block: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The settings less those that are named, `retries` or, within a block of its own, `engine.max_num_seqs`."""
    found = {}
    for name, value in block.items():
        if name not in names:
            within = [one.partition(".")[2] for one in names if one.startswith(f"{name}.")]
            found[name] = _without(value, within) if within and isinstance(value, Mapping) else value
    return found


def plan_of(config: BuildConfig) -> RolloutPlan:
    return RolloutPlan(
        config.teacher,
        config.strategy,
        verifiers_of(config) if config.judging.when == "beside" else (),
        config.asking,
        config.judging,
        config.verify.required,
    )


def strategy_of(config: BuildConfig) -> Strategy:
    made: Strategy = load("strategy", config.strategy.kind)(config.strategy)
    return made


@dataclass
class _Orders:
    """What is left to ask. `done`: what an interrupted run finished under this strategy. `again`: also problems that
    have traces, since more samples are wanted of each, or some were lost with a damaged part."""

    build: Build
    done: DoneIds
    again: bool
    given: int = 0
    journaled: dict[str, dict[str, Completion]] = field(default_factory=dict)

    def remember(self, completions: Iterable[Completion]) -> None:
        """Calls that were answered before a kill; only those of unfinished problems are kept."""
        for one in completions:
            if one.problem_id not in self.done:
                self.journaled.setdefault(one.problem_id, {}).setdefault(one.id, one)

    def missing(self) -> Iterator[Order]:
        for span in spans_of(self.build):
            yield from self._missing_in(span)

    def _missing_in(self, span: Range) -> Iterator[Order]:
        rejected = set(column_of(self.build, "screened", "problem_id", span))
        finished, judged = self._traced(span)
        committed = self._completions(span)
        for problem in records_of(self.build, "problems", span):
            if problem.id in rejected or problem.id in self.done or (problem.id in finished and not self.again):
                continue
            self.given += 1
            known = committed.get(problem.id, {}) | self.journaled.get(problem.id, {})
            yield Order(problem, known, judged.get(problem.id, frozenset()))

    def _traced(self, span: Range) -> tuple[set[str], dict[str, frozenset[str]]]:
        """Of a range: the problems whose every path has a trace without an error; and the traces there are."""
        open_paths: dict[str, dict[str, bool]] = {}
        traces: dict[str, set[str]] = {}
        columns = ("id", "problem_id", "path", "finish_reason")
        for batch in self.build.store.scan(self.build.commit, "traces", columns, *span):
            for row in batch.to_pylist():
                paths = open_paths.setdefault(row["problem_id"], {})
                paths[row["path"]] = paths.get(row["path"], True) and row["finish_reason"] == "error"
                traces.setdefault(row["problem_id"], set()).add(row["id"])
        finished = {problem for problem, paths in open_paths.items() if not any(paths.values())}
        finished |= set(column_of(self.build, "unasked", "problem_id", span))
        return finished, {problem: frozenset(ids) for problem, ids in traces.items()}

    def _completions(self, span: Range) -> dict[str, dict[str, Completion]]:
        found: dict[str, dict[str, Completion]] = {}
        for one in records_of(self.build, "completions", span):
            found.setdefault(one.problem_id, {})[one.id] = one
        return found
