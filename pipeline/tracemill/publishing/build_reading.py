"""A finished build as its figures read it: what was asked for, its tables, and what is counted over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias, TypeVar

import polars as pl

from tracemill.publishing.spending import CALLS, Spending
from tracemill.records import Payload
from tracemill.records.licences import Notice
from tracemill.records.problem import TASK
from tracemill.selection.select_config import SelectConfig
from tracemill.store.commits import Commit
from tracemill.verifiers.counting import Judges

Span: TypeAlias = tuple[str | None, str | None]
"""Ids from the first up to, without, the second; None is open."""

_TRACES = ("id", "problem_id", "digest", "steps", "call_ids", "metadata")
_VERDICTS = ("trace_id", "trace_digest", "verifier", "outcome", "strength", "steps", "isolation", "seconds")
_TEXTS = ("reasoning", "content")
_Number = TypeVar("_Number", int, float)


class BuildTables(Protocol):
    """The tables of one commit as frames."""

    def spans(self) -> Sequence[Span]:
        """Ranges of problem ids that together cover the build, each small enough to be held in memory."""

    def batches(self, table: str, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        """All rows of a table, some at a time."""

    def frame(self, table: str, columns: tuple[str, ...], span: Span) -> pl.DataFrame:
        """The rows of a range; an empty frame with those columns where there are none."""

    def view_rows(self, view: str, columns: tuple[str, ...] | None) -> Iterator[pl.DataFrame]:
        """The rows of a view as the dataset's files have them, in their order, some at a time; all columns for None."""

    def counting_verdicts(self, columns: tuple[str, ...], span: Span) -> pl.DataFrame:
        """The verdicts that count: of the present verifiers in their present versions, one per trace and verifier."""

    def records(self, table: str, span: Span, column: str, values: Sequence[str]) -> Iterator[Any]:
        """The records of a range whose `column` has one of the values, in the order of their ids."""

    @property
    def judges(self) -> Judges | None:
        """Whose verdicts count; None before the verdicts are all there."""


@dataclass(frozen=True)
class BuildReading:
    """`stages` and `views` are in the order of the dataset; `view_settings`: as `views.view.view_with` takes them.
    `require`: verifiers that must verify a trace before `sft` takes it. `verifiers`: version of each that judges.
    `languages` and `notices`: what the sources say of their texts, see `sources.source`. `audit`: a report per
    verifier, see `verifiers.audit`. `leakage`: its `limit` and the `leaks` of the tasks, see `verifiers.leakage`.
    `miss_rates`: of the search for benchmarks, see `selection.miss_rate.MissRates`; None where no benchmark was named.
    `config`: all of the config, as plain JSON. `earlier`: what
    the builds are that this one adds to, see `build_chain.shared_of`; None where it adds to none."""

    name: str
    seed: int
    config: Mapping[str, Any]
    select: SelectConfig
    stages: Sequence[str]
    views: Sequence[str]
    view_settings: Mapping[str, Payload]
    require: Sequence[str]
    verifiers: Mapping[str, str]
    teacher: str
    languages: Sequence[str]
    notices: Sequence[Notice]
    audit: Sequence[Mapping[str, Any]]
    leakage: Mapping[str, Any]
    miss_rates: Mapping[str, Any] | None
    commit: Commit
    tables: BuildTables
    earlier: Mapping[str, Any] | None = None

    def rows(self, table: str) -> int:
        return self.commit.tables[table].rows if table in self.commit.tables else 0

    def decisions(self, table: str) -> pl.DataFrame:
        """How many decisions there are of each kind: kept, reason, view, stage, `len`."""
        kinds = ("kept", "reason", "view", "stage")
        counted = [frame.group_by(kinds).len() for frame in self.tables.batches(table, kinds)]
        empty = pl.DataFrame(schema={"kept": pl.Boolean, **dict.fromkeys(kinds[1:], pl.String), "len": pl.UInt32})
        return pl.concat([empty, *counted]).group_by(kinds).agg(pl.col("len").sum())

    @cached_property
    def totals(self) -> LedgerTotals:
        """One pass over all traces, verdicts and calls, however many figures need it."""
        totals = LedgerTotals(spending=Spending(self.config["teacher"].get("prices")))
        for span in self.tables.spans():
            traces = self.tables.frame("traces", _TRACES, span).with_columns(pl.col("steps").list.len())
            verdicts = self.tables.counting_verdicts(_VERDICTS, span)
            verdicts = verdicts.join(traces, left_on=["trace_id", "trace_digest"], right_on=["id", "digest"])
            totals.add_traces(traces)
            totals.add_verdicts(verdicts)
            standings = _standings(verdicts, self.require)
            totals.add_standings(traces, standings)
            verified = standings.filter(pl.col("standing") == "verified")["trace_id"]
            self._add_spending(totals.spending, traces, verified, span)
        return totals

    def _add_spending(self, spending: Spending, traces: pl.DataFrame, verified: pl.Series, span: Span) -> None:
        domains = self.tables.frame("problems", ("id", "domain"), span)
        tasks = dict(domains.select("id", pl.col("domain").str.extract(TASK)).iter_rows())
        calls = self.tables.frame("completions", CALLS, span)
        if calls["seconds"].null_count() < calls.height:
            # Only there do steps matter, and those of models are lines of long texts.
            lines = self.tables.frame("traces", ("id", "turns"), span).select("id", lines=_lines())
            traces = traces.join(lines, on="id", how="left", maintain_order="left")
            traces = traces.with_columns(steps=pl.when(pl.col("steps") > 0).then("steps").otherwise("lines"))
        spending.add_calls(calls, tasks)
        # What a strategy had without a call, such as a solver's solution, is not what the calls were made for.
        spending.add_traces(traces.filter(pl.col("call_ids").list.len() > 0), verified, tasks)


def _standings(verdicts: pl.DataFrame, require: Sequence[str]) -> pl.DataFrame:
    """By trace: `verified` by every required verifier, `refuted` by one of them, or `undecided`."""
    required = verdicts.filter(pl.col("verifier").is_in(list(require))).group_by("trace_id")
    found = required.agg(
        refuted=(pl.col("outcome") == "refuted").any(), verified=(pl.col("outcome") == "verified").sum() == len(require)
    )
    standing = (
        pl.when("refuted")
        .then(pl.lit("refuted"))
        .when("verified")
        .then(pl.lit("verified"))
        .otherwise(pl.lit("undecided"))
    )
    return found.select("trace_id", standing=standing)


def _lines() -> pl.Expr:
    """Lines of the thoughts in `turns` that are not empty, or, where nothing is thought, of what is said."""
    texts = [pl.col("turns").list.eval(pl.element().struct.field(part)).list.join("\n") for part in _TEXTS]
    thought, said = (text.str.count_matches(r"(?m)^.*\S.*$") for text in texts)
    return pl.when(thought > 0).then(thought).otherwise(said)


@dataclass
class LedgerTotals:
    """Sums over all traces and the verdicts that count.

    `counts`: verdicts by verifier, outcome and strength (empty where there is none). By verifier: `claims`, of these
    `decided`, all `steps` of the traces it judged, and `seconds`. `verified`: traces that every required verifier
    verified. `critics`: traces by what a critic said of them and by how they stand with the required verifiers
    (verified, refuted, undecided). `retellings`: by what became of them. A sum is None once a value is missing: the sum
    of some would be read as that of all.
    """

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    isolation: Counter[str] = field(default_factory=Counter)
    claims: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float | None] = field(default_factory=dict)
    verified: int = 0
    traces: int = 0
    critics: Counter[tuple[str, str]] = field(default_factory=Counter)
    retellings: Counter[str] = field(default_factory=Counter)
    spending: Spending = field(default_factory=Spending)
    licences: set[str] = field(default_factory=set)

    def add_traces(self, traces: pl.DataFrame) -> None:
        self.traces += traces.height
        told = traces.select(told=pl.col("metadata").str.json_path_match("$.retelling")).drop_nulls()
        self.retellings.update(dict(told.group_by("told").len().iter_rows()))
        self.licences.update(traces["metadata"].str.json_path_match("$.licence").drop_nulls().unique())

    def add_verdicts(self, verdicts: pl.DataFrame) -> None:
        """`verdicts` are joined with their traces, whose number of steps is `steps_right`."""
        grouped = verdicts.group_by("verifier", "outcome", pl.col("strength").fill_null("")).len()
        for verifier, outcome, strength, count in grouped.iter_rows():
            self.counts[verifier, outcome, strength] += count
        for isolation, count in verdicts.drop_nulls("isolation").group_by("isolation").len().iter_rows():
            self.isolation[isolation] += count
        self._add_claims(verdicts.rename({"steps": "claims", "steps_right": "steps"}))
        for (verifier,), rows in verdicts.group_by("verifier"):
            self.seconds[str(verifier)] = _plus(self.seconds.get(str(verifier), 0.0), rows["seconds"])

    def add_standings(self, traces: pl.DataFrame, standings: pl.DataFrame) -> None:
        self.verified += standings.filter(pl.col("standing") == "verified").height
        critic = pl.col("metadata").str.json_path_match("$.critic")
        said = traces.select(critic=critic, trace_id="id").drop_nulls().join(standings, on="trace_id", how="left")
        counted = said.group_by("critic", pl.col("standing").fill_null("undecided")).len()
        for opinion, standing, count in counted.iter_rows():
            self.critics[opinion, standing] += count

    def _add_claims(self, verdicts: pl.DataFrame) -> None:
        outcomes = pl.col("claims").list.eval(pl.element().struct.field("outcome").is_in(["verified", "refuted"]))
        sums = verdicts.group_by("verifier").agg(
            pl.col("claims").list.len().sum(), outcomes.list.sum().sum().alias("decided"), pl.col("steps").sum()
        )
        for verifier, claims, decided, steps in sums.iter_rows():
            self.claims[verifier] += claims
            self.decided[verifier] += decided
            self.steps[verifier] += steps

    def count(self, verifier: str, outcome: str | None = None, strength: str | None = None) -> int:
        return sum(
            count
            for (name, out, strong), count in self.counts.items()
            if name == verifier and outcome in (None, out) and strength in (None, strong)
        )


def _plus(total: _Number | None, column: pl.Series) -> _Number | None:
    if total is None or column.null_count():
        return None
    added: Any = column.sum()
    return type(total)(total + added)
