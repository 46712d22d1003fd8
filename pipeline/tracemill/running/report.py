"""The manifest of a finished build: every count and rate that the card or the report shows, from the tables alone."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from tracemill import __version__
from tracemill.publishing.figures import AuditEntry, CostEntry, Decontamination, MissRate, TeacherEntry
from tracemill.records import OUTCOMES, STRENGTHS, schema
from tracemill.running.phases.audit_verifiers import REPORT
from tracemill.running.phases.phase import PARTITION, TABLE_SCHEMAS, Build, Range, judges_of, table_frame
from tracemill.selection.miss_rate import miss_rate
from tracemill.selection.variety import SAMPLE, alarms, variety
from tracemill.verifiers.counting import present_verdicts
from tracemill.verifiers.intervals import wilson
from tracemill.views.views import licence_expression

_PACKAGES = ("pyarrow", "polars", "z3-solver", "sympy", "math-verify", "networkx", "rensa")
_TRACES = ("id", "digest", "steps", "prompt_tokens", "completion_tokens", "joules", "metadata")
_VERDICTS = (
    "id",
    "trace_id",
    "trace_digest",
    "verifier",
    "version",
    "judge",
    "outcome",
    "strength",
    "steps",
    "isolation",
    "attempt",
    "seconds",
)
_Number = TypeVar("_Number", int, float)


def manifest_of(build: Build) -> dict[str, Any]:
    """What the manifest says, less the files that the store adds itself."""
    totals = _totals(build)
    selection = _decisions(build, "selection")
    kept = selection.filter("kept").group_by("view", "stage").agg(pl.col("len").sum())
    return {
        "name": build.config.name,
        "schema_version": schema.VERSION,
        "seed": build.config.seed,
        "stages": [stage.name for stage in build.curriculum.stages],
        "sources": _sources(build),
        "teacher": _teacher(build, totals),
        "views": _views(build, kept),
        "selection": {view: _reasons(selection.filter(pl.col("view") == view)) for view in build.config.views},
        "screening": _reasons(_decisions(build, "screened")),
        "verifiers": _verifier_entries(build, totals),
        "costs": _costs(totals),
        "decontamination": _decontamination(build),
        "versions": versions(),
        "variety": _variety(build),
        "config": build.config.resolved(),
        "verified_traces": totals.verified,
        "isolation": dict(sorted(totals.isolation.items())),
        "counts": {table: build.rows(table) for table in sorted(build.commit.tables)},
        "lines": _reasons(_decisions(build, "lines")),
        "unasked": _reasons(_decisions(build, "unasked")),
    }


def versions() -> dict[str, str]:
    """Of tracemill, Python and the packages that results depend on."""
    found = {"tracemill": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _scan(build: Build, table: str, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
    for batch in build.store.scan(build.commit, table, columns):
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        yield frame


def _decisions(build: Build, table: str) -> pl.DataFrame:
    """How many decisions there are of each kind."""
    kinds = ["kept", "reason", "view", "stage"]
    empty = pl.DataFrame(TABLE_SCHEMAS[table].empty_table()).select(kinds)
    counted = [frame.group_by(kinds).len() for frame in [empty, *_scan(build, table, tuple(kinds))]]
    return pl.concat(counted).group_by(kinds).agg(pl.col("len").sum())


def _reasons(decisions: pl.DataFrame) -> dict[str, int]:
    """Rejections by reason."""
    counted = decisions.filter(~pl.col("kept")).group_by("reason").agg(pl.col("len").sum())
    return dict(sorted(counted.iter_rows()))


def _sources(build: Build) -> list[Any]:
    """Of the problems that passed screening: no other is published."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for span in build.store.partitions(build.commit, "problems", PARTITION):
        rejected = table_frame(build, "screened", ("id", "problem_id"), span)
        problems = table_frame(build, "problems", ("id", "source"), span)
        source = pl.col("source").struct
        rows = problems.join(rejected, left_on="id", right_on="problem_id", how="anti").select(
            source.field("name"), source.field("revision"), source.field("licence")
        )
        counted.update(rows.iter_rows())
    return [
        {"name": name, "revision": revision, "licence": licence, "problems": count}
        for (name, revision, licence), count in sorted(counted.items())
    ]


def _teacher(build: Build, totals: _Totals) -> TeacherEntry:
    """With the licences that its traces carry, where they carry any."""
    kind = build.config.teacher.kind
    entry: TeacherEntry = {"kind": kind, "name": kind}
    if totals.licences:
        entry["licence"] = licence_expression(sorted(totals.licences))
    return entry


def _views(build: Build, kept: pl.DataFrame) -> dict[str, Any]:
    rows = {(view, stage): count for view, stage, count in kept.iter_rows()}
    shards: Counter[tuple[str, str]] = Counter()
    for entry in build.commit.files.get("dataset", ()):
        _, view, name = entry.path.split("/")
        shards[view, name.split("-")[1]] += 1
    return {
        view: {
            stage.name: {"rows": rows.get((view, stage.name), 0), "shards": shards[view, stage.name]}
            for stage in build.curriculum.stages
        }
        for view in build.config.views
    }


@dataclass
class _Totals:
    """What is summed over all partitions, by verifier; and over all traces."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    isolation: Counter[str] = field(default_factory=Counter)
    claims: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float | None] = field(default_factory=dict)
    verified: int = 0
    traces: int = 0
    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0
    joules: float | None = 0.0
    licences: set[str] = field(default_factory=set)


def _totals(build: Build) -> _Totals:
    totals = _Totals()
    judges = judges_of(build)
    for span in build.store.partitions(build.commit, "problems", PARTITION):
        traces = table_frame(build, "traces", _TRACES, span).with_columns(pl.col("steps").list.len())
        verdicts = present_verdicts(table_frame(build, "verdicts", _VERDICTS, span), judges)
        verdicts = verdicts.join(traces, left_on=["trace_id", "trace_digest"], right_on=["id", "digest"])
        _add_traces(totals, traces)
        _add_verdicts(totals, verdicts, build.config.verify.required)
    return totals


def _add_traces(totals: _Totals, traces: pl.DataFrame) -> None:
    totals.traces += traces.height
    totals.prompt_tokens = _plus(totals.prompt_tokens, traces["prompt_tokens"])
    totals.completion_tokens = _plus(totals.completion_tokens, traces["completion_tokens"])
    totals.joules = _plus(totals.joules, traces["joules"])
    totals.licences.update(traces["metadata"].str.json_path_match("$.licence").drop_nulls().unique())


def _plus(total: _Number | None, column: pl.Series) -> _Number | None:
    """None once a value is missing: the sum of some is not the sum, and would be read as one."""
    if total is None or column.null_count():
        return None
    added: Any = column.sum()
    return type(total)(total + added)


def _add_verdicts(totals: _Totals, verdicts: pl.DataFrame, require: Sequence[str]) -> None:
    """`verdicts` are those that count, joined with their traces."""
    grouped = verdicts.group_by("verifier", "outcome", pl.col("strength").fill_null("")).len()
    for verifier, outcome, strength, count in grouped.iter_rows():
        totals.counts[verifier, outcome, strength] += count
    for isolation, count in verdicts.drop_nulls("isolation").group_by("isolation").len().iter_rows():
        totals.isolation[isolation] += count
    outcomes = pl.col("claims").list.eval(pl.element().struct.field("outcome").is_in(["verified", "refuted"]))
    sums = (
        verdicts.rename({"steps": "claims", "steps_right": "steps"})
        .group_by("verifier")
        .agg(
            pl.col("claims").list.len().sum(),
            outcomes.list.sum().sum().alias("decided"),
            pl.col("steps").sum(),
        )
    )
    for verifier, claims, decided, steps in sums.iter_rows():
        totals.claims[verifier] += claims
        totals.decided[verifier] += decided
        totals.steps[verifier] += steps
    for (verifier,), rows in verdicts.group_by("verifier"):
        totals.seconds[verifier] = _plus(totals.seconds.get(verifier, 0.0), rows["seconds"])
    required = verdicts.filter(pl.col("verifier").is_in(list(require)) & (pl.col("outcome") == "verified"))
    totals.verified += required.group_by("trace_id").len().filter(pl.col("len") == len(require)).height


def _verifier_entries(build: Build, totals: _Totals) -> dict[str, Any]:
    audits = audit_entries(build)
    return {
        name: {
            "version": one["version"],
            "outcomes": {outcome: _count(totals, name, outcome) for outcome in OUTCOMES},
            "strengths": {s: n for s in STRENGTHS if (n := _count(totals, name, strength=s))},
            "coverage_claims": _share(totals.decided[name], totals.claims[name]),
            "coverage_steps": _share(totals.decided[name], totals.steps[name]) if totals.claims[name] else None,
            "seconds": _rounded(totals.seconds.get(name)),
            "audit": audits.get(name),
        }
        for name, one in judges_of(build).items()
    }


def _count(totals: _Totals, verifier: str, outcome: str | None = None, strength: str | None = None) -> int:
    return sum(
        count
        for (name, out, strong), count in totals.counts.items()
        if name == verifier and outcome in (None, out) and strength in (None, strong)
    )


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _variety(build: Build) -> dict[str, Any]:
    """Of the first traces that the first view of traces took, with the alarms that the config's limits ring."""
    rows, wanted = pl.DataFrame(schema=_TOLD), SAMPLE
    for span in build.store.partitions(build.commit, "problems", PARTITION):
        rows = pl.concat([rows, _told(build, span)])
        if rows.height >= wanted:
            break
    found = variety(rows.head(wanted))
    if found is None:
        return {"measured": None, "alarms": []}
    return {"measured": asdict(found), "alarms": alarms(found, build.config.select.variety)}


_TOLD = {"id": pl.String, "domain": pl.String, "skill": pl.String, "text": pl.String}


def _told(build: Build, span: Range) -> pl.DataFrame:
    """The texts of a partition's kept traces, sorted by id."""
    view = next((view for view in build.config.views if view != "rlvr"), "")
    taken = table_frame(build, "selection", ("kept", "view", "trace_id"), span)
    taken = taken.filter(pl.col("kept") & (pl.col("view") == view)).select(id="trace_id")
    part = pl.element().struct
    text = pl.col("turns").list.eval(part.field("reasoning") + "\n\n" + part.field("content")).list.join("\n\n")
    traces = table_frame(build, "traces", ("id", "problem_id", "skill", "turns"), span).with_columns(text=text)
    domains = table_frame(build, "problems", ("id", "domain"), span)
    rows = taken.join(traces, on="id").join(domains, left_on="problem_id", right_on="id")
    return rows.select(*_TOLD).sort("id")


def _costs(totals: _Totals) -> CostEntry:
    """Tokens that the teacher wrote, right and wrong, over the traces that every required verifier verified. What is
    not known of every trace is none."""
    if not totals.traces:
        return dict.fromkeys(CostEntry.__annotations__)  # type: ignore[return-value]
    return {
        "prompt_tokens": totals.prompt_tokens,
        "completion_tokens": totals.completion_tokens,
        "tokens_per_verified_row": _ratio(totals.completion_tokens, totals.verified),
        "joules": totals.joules,
        "joules_per_verified_row": _ratio(totals.joules, totals.verified),
    }


def _ratio(part: float | None, whole: int) -> float | None:
    return None if part is None or not whole else round(part / whole, 1)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _decontamination(build: Build) -> Decontamination:
    config = build.config.select.decontaminate
    measured = miss_rate(config, build.config.seed)
    return {
        "benchmarks": [Path(benchmark.path).name for benchmark in config.benchmarks],
        "miss_rates": None
        if measured is None
        else {disguise: _miss(measured.items, share) for disguise, share in sorted(measured.missed.items())},
    }


def _miss(planted: int, share: float) -> MissRate:
    missed = round(share * planted)
    low, high = wilson(missed, planted)
    return {"planted": planted, "missed": missed, "low": low, "high": high}


def audit_entries(build: Build) -> dict[str, Any]:
    """The audit's figures by verifier, as the manifest and the card have them."""
    if not build.store.files.exists(REPORT):
        return {}
    return {one["verifier"]: audit_entry(one) for one in json.loads(build.store.files.read(REPORT))}


def audit_entry(report: Mapping[str, Any]) -> AuditEntry:
    """A report of the audit, as plain data, with its rates' 95% intervals."""
    gold, twins = report["gold_n"], report["twin_n"]
    fn_low, fn_high = _bounds(report["false_negatives"], gold)
    fp_low, fp_high = _bounds(report["false_positives"], twins)
    gold_undecided_low, gold_undecided_high = _bounds(report["gold_undecided"], gold)
    twins_undecided_low, twins_undecided_high = _bounds(report["twin_undecided"], twins)
    return {
        "canaries_passed": report["canaries_passed"],
        "canaries_total": report["canaries_total"],
        "gold": gold,
        "false_negatives": report["false_negatives"],
        "fn_low": fn_low,
        "fn_high": fn_high,
        "gold_undecided": report["gold_undecided"],
        "gold_undecided_low": gold_undecided_low,
        "gold_undecided_high": gold_undecided_high,
        "twins": twins,
        "false_positives": report["false_positives"],
        "fp_low": fp_low,
        "fp_high": fp_high,
        "twins_undecided": report["twin_undecided"],
        "twins_undecided_low": twins_undecided_low,
        "twins_undecided_high": twins_undecided_high,
    }


def _bounds(count: int, of: int) -> tuple[float, float]:
    low, high = wilson(count, of)
    return round(low, 4), round(high, 4)
