"""Phase 6: which traces enter which view and stage, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from tracemill.curriculum.assign import assign, refuse_shortfall
from tracemill.running.phases.audit_verifiers import refuse_telling, wording
from tracemill.running.phases.measured_difficulty import difficulty_key, with_difficulty
from tracemill.running.phases.phase import (
    TABLE_SCHEMAS,
    Build,
    Range,
    Work,
    judges_of,
    spans_of,
    table_frame,
    view_versions,
)
from tracemill.running.phases.screen_problems import as_decisions
from tracemill.selection.candidates import candidates
from tracemill.selection.compared_labels import DISAGREEMENTS, agreement, disagreements
from tracemill.selection.select_config import SelectConfig
from tracemill.verifiers.counting import Judges, present_verdicts

SELECTION_RULES = "4"
"""Version of what holds for all views: quality, duplicates, the curriculum's choice and order. Another one makes the
phase run again; so does another version of a view."""

_PROBLEMS = ("id", "domain", "difficulty", "split")
_TRACES = (
    "id",
    "problem_id",
    "digest",
    "skill",
    "finish_reason",
    "flaw",
    "relation",
    "turns",
    "steps",
    "metadata",
    "effort",
    "completion_tokens",
    "labels",
)
_VERDICTS = (
    "id",
    "trace_id",
    "trace_digest",
    "verifier",
    "version",
    "judge",
    "outcome",
    "evidence",
    "attempt",
    "scope",
)


class SelectRows:
    name = "selection"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        return {
            "inputs": build.digest("problems", "screened", "traces", "verdicts"),
            "judges": judges_of(build),
            "select": build.config.resolved()["select"],
            "require": list(build.config.verify.required),
            "wording": wording(build),
            "views": view_versions(build.config),
            "curriculum": build.curriculum.model_dump(mode="json"),
            "version": SELECTION_RULES,
        } | difficulty_key(build)

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        refuse_telling(build)
        work.watch.phase(self.name, build.rows("problems"), "problems")
        with build.store.files.scratch() as folder:
            spilled = list(_spill(work, folder, key["judges"]))
            kept = pl.concat([_KEPT, *(one.kept for one in spilled)])
            taken = pl.concat(_taken(build, kept, view) for view in build.config.view_names)
            stages = [stage.name for stage in build.curriculum.stages]
            decided = (_decisions(pl.read_parquet(one.path, glob=False), taken, stages) for one in spilled)
            rows = (batch for frame in decided for batch in as_decisions(frame))
            differing = (batch for one in spilled for batch in disagreements(one.disagreeing))
            tables = {"selection": (TABLE_SCHEMAS["selection"], rows), "disagreements": (DISAGREEMENTS, differing)}
            work.run.write_parts(self.name, key, tables)


def _taken(build: Build, kept: pl.DataFrame, view: str) -> pl.DataFrame:
    """Stage and place of each kept unit of a view; one view at a time, since names as text take ten times the memory.

    Raises:
        ShortfallError: a stage got fewer rows than it asks, and the curriculum does not accept that.
    """
    units = kept.filter(pl.col("view") == view).with_columns(pl.col(_NAMES).cast(pl.String))
    assignment = assign(units, build.curriculum, [view])
    refuse_shortfall(assignment, build.curriculum)
    return assignment.rows.select("view", "id", "stage", "place", taken="reason")


_NAMES = ("view", "domain", "skill")
_KEPT = pl.DataFrame(
    schema={**dict.fromkeys(_NAMES, pl.Categorical), "id": pl.String, "difficulty": pl.Float64}
).select("view", "id", "domain", "skill", "difficulty")


class _Spilled(NamedTuple):
    """Of a partition: the file with its candidates, those that the curriculum chooses among, and the labels that our
    verdicts disagree with."""

    path: Path
    kept: pl.DataFrame
    disagreeing: pl.DataFrame


def _spill(work: Work, folder: Path, judges: Judges) -> Iterator[_Spilled]:
    """The candidates of each partition as a file, and in memory only what the curriculum chooses among."""
    build = work.build
    find = partial(
        _candidates,
        judges=judges,
        select=build.config.select,
        require=build.config.verify.required,
        views=build.config.view_names,
    )
    spans = spans_of(build)
    for number, found in enumerate(work.executor.map(find, (_ledger(build, span) for span in spans))):
        path = folder / f"{number}.parquet"
        found.candidates.write_parquet(path)
        kept = found.candidates.filter("kept").select(_KEPT.columns).with_columns(pl.col(_NAMES).cast(pl.Categorical))
        yield _Spilled(path, kept, found.disagreeing)
        work.watch.step(table_frame(build, "problems", ("id",), spans[number]).height)


def _decisions(found: pl.DataFrame, taken: pl.DataFrame, stages: list[str]) -> pl.DataFrame:
    """Candidates with their stage as rows of the decisions' table, sorted by id."""
    return (
        found.join(taken, on=["view", "id"], how="left")
        .select(
            (pl.col("id") + "@" + pl.col("view")).alias("id"),
            "subject",
            pl.col("stage").is_not_null().alias("kept"),
            pl.when("kept").then(pl.col("taken").fill_null("")).otherwise(pl.col("reason")).alias("reason"),
            pl.col("detail").fill_null(""),
            "view",
            pl.col("stage").replace_strict(dict(enumerate(stages)), return_dtype=pl.String, default=None),
            "place",
            "problem_id",
            "trace_ids",
        )
        .sort("id")
    )


class _Found(NamedTuple):
    """Of one range of problems."""

    candidates: pl.DataFrame
    disagreeing: pl.DataFrame


class _Ledger(NamedTuple):
    """What there is of one range of problems, in the columns that selection reads."""

    problems: pl.DataFrame
    screened: pl.DataFrame
    traces: pl.DataFrame
    verdicts: pl.DataFrame


def _ledger(build: Build, span: Range) -> _Ledger:
    return _Ledger(
        with_difficulty(build, table_frame(build, "problems", _PROBLEMS, span), span),
        table_frame(build, "screened", ("id", "problem_id"), span),
        table_frame(build, "traces", _TRACES, span),
        table_frame(build, "verdicts", _VERDICTS, span),
    )


def _candidates(
    ledger: _Ledger,
    judges: Judges,
    select: SelectConfig,
    require: Sequence[str],
    views: Sequence[str],
) -> _Found:
    problems = ledger.problems.select(
        "id",
        "domain",
        "difficulty",
        "split",
        screened=pl.col("id").is_in(ledger.screened["problem_id"].implode()),
    )
    traces = ledger.traces.select(
        "id",
        "problem_id",
        "digest",
        "skill",
        "finish_reason",
        "relation",
        "effort",
        "completion_tokens",
        flaw_index=pl.col("flaw").struct.field("index"),
        reasoning=_joined("reasoning"),
        content=_joined("content"),
        n_steps=pl.col("steps").list.len(),
        calls_tools=_some_turn(_is_result() | (pl.element().struct.field("tool_calls").list.len() > 0)),
        stray_result=_some_turn(_is_result() & pl.element().struct.field("tool_call_id").is_null()),
        rank=pl.col("metadata").str.json_path_match("$.rank").cast(pl.Int64, strict=False),
    )
    verdicts = present_verdicts(ledger.verdicts, judges).join(
        traces.select("id", "digest"), left_on=["trace_id", "trace_digest"], right_on=["id", "digest"]
    )
    differing = agreement(ledger.traces, verdicts).filter("disagrees")
    verdicts = verdicts.with_columns(_number("first_refuted"), _number("entailed_prefix"))
    return _Found(candidates(problems, traces, verdicts, select, require, views), differing)


def _some_turn(condition: pl.Expr) -> pl.Expr:
    return pl.col("turns").list.eval(condition).list.any()


def _is_result() -> pl.Expr:
    return pl.element().struct.field("role") == "tool"


def _joined(part: str) -> pl.Expr:
    """What a teacher says: results of tools are alike in all samples of a problem."""
    turn = pl.element()
    said = turn.filter(turn.struct.field("role") != "tool").struct.field(part)
    return pl.col("turns").list.eval(said).list.join("\n\n")


def _number(key: str) -> pl.Expr:
    return pl.col("evidence").str.json_path_match(f"$.{key}").cast(pl.Int64, strict=False).alias(key)
