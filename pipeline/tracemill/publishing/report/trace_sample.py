"""Which traces the report shows: a few of every kind, so that the rare ones are seen. The same build gives the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

import polars as pl

from tracemill.publishing.build_reading import BuildTables, Span
from tracemill.records.problem import TASK

SHOWN = 50
_OF_A_KIND = 25
"""Traces with the same standing, task and views that are looked at."""

STANDINGS = ("label differs", "disagreeing", "refuted", "unknown", "error", "not judged", "verified")
"""How the verdicts on a trace stand together, those first that a reader looks for: `label differs`: a label that came
along says something else than they do; `disagreeing`: one verifier verified
it and another one refuted it; else the first of refuted, unknown, error and verified that one of them says. `unknown`
does not count where another verifier decided the same (the answer, the steps): `answer` passes a program by, and `code`
what is none."""


@dataclass(frozen=True, slots=True)
class SampledTrace:
    """`views`: those that took it, in their order by name. `span`: where its rows are."""

    id: str
    problem_id: str
    standing: str
    task: str
    views: tuple[str, ...]
    span: Span


def sampled(tables: BuildTables) -> list[SampledTrace]:
    """At most `SHOWN` traces: as many of each standing as there are of the others, and within a standing a task after
    the other, each with other views than before. Of a kind those with the smallest ids, which are hashes."""
    found: dict[tuple[str, str, tuple[str, ...]], list[SampledTrace]] = defaultdict(list)
    for span in tables.spans():
        for trace in _of_span(tables, span):
            kind = found[trace.standing, trace.task, trace.views]
            if len(kind) < _OF_A_KIND:
                kind.append(trace)
    kinds = sorted(found.items())
    by_standing = [[some for kind, some in kinds if kind[0] == standing] for standing in STANDINGS]
    chosen = list(islice(_in_turn(map(_in_turn_by_task, by_standing)), SHOWN))
    return sorted(chosen, key=lambda trace: (STANDINGS.index(trace.standing), trace.task, trace.id))


def _of_span(tables: BuildTables, span: Span) -> Iterator[SampledTrace]:
    """The first traces of each kind in a range, by id."""
    traces = tables.frame("traces", ("id", "problem_id", "digest"), span)
    domains = tables.frame("problems", ("id", "domain"), span)
    domains = domains.select(problem_id="id", task=pl.col("domain").str.extract(TASK))
    rows = traces.join(domains, on="problem_id").join(_standings(tables, traces, span), on="id", how="left")
    rows = rows.join(_views(tables, span), on="id", how="left")
    differing = tables.frame("disagreements", ("trace_id",), span)["trace_id"].implode()
    standing = pl.when(pl.col("id").is_in(differing)).then(pl.lit("label differs")).otherwise("standing")
    rows = rows.with_columns(standing.fill_null("not judged").alias("standing"), pl.col("views").fill_null(""))
    kinds = rows.sort("id").group_by("standing", "task", "views", maintain_order=True).head(_OF_A_KIND)
    for row in kinds.sort("id").select("id", "problem_id", "standing", "task", "views").iter_rows():
        yield SampledTrace(row[0], row[1], row[2], row[3], tuple(row[4].split()), span)


def _standings(tables: BuildTables, traces: pl.DataFrame, span: Span) -> pl.DataFrame:
    verdicts = tables.counting_verdicts(("trace_id", "trace_digest", "scope", "outcome"), span)
    verdicts = verdicts.join(traces, left_on=["trace_id", "trace_digest"], right_on=["id", "digest"])
    decided = pl.col("outcome").is_in(["verified", "refuted"]).any().over("trace_id", "scope")
    verdicts = verdicts.filter(~decided | (pl.col("outcome") != "unknown"))
    said = {outcome: (pl.col("outcome") == outcome).any() for outcome in ("verified", "refuted", "unknown", "error")}
    standing = (
        pl.when(pl.col("verified") & pl.col("refuted"))
        .then(pl.lit("disagreeing"))
        .when("refuted")
        .then(pl.lit("refuted"))
        .when("unknown")
        .then(pl.lit("unknown"))
        .when("error")
        .then(pl.lit("error"))
        .otherwise(pl.lit("verified"))
    )
    return verdicts.group_by("trace_id").agg(**said).select(id="trace_id", standing=standing)


def _views(tables: BuildTables, span: Span) -> pl.DataFrame:
    taken = tables.frame("selection", ("kept", "view", "trace_ids"), span).filter("kept")
    each = taken.select("view", id="trace_ids").explode("id").drop_nulls("id")
    return each.group_by("id").agg(views=pl.col("view").unique().sort().str.join(" "))


def _in_turn_by_task(kinds: Sequence[Sequence[SampledTrace]]) -> Iterator[SampledTrace]:
    """A trace of each task, then a second one of each. The first of the second task has other views than that of the
    first one, where it can."""
    by_task: dict[str, list[Sequence[SampledTrace]]] = defaultdict(list)
    for kind in kinds:
        by_task[kind[0].task].append(kind)
    turned = [some[place % len(some) :] + some[: place % len(some)] for place, some in enumerate(by_task.values())]
    return _in_turn([_in_turn(some) for some in turned])


def _in_turn(several: Iterable[Iterable[SampledTrace]]) -> Iterator[SampledTrace]:
    """The first of each, then the second of each, and so on."""
    for some in zip_longest(*several):
        yield from (one for one in some if one is not None)
