"""Which traces (for `rlvr`: problems) may enter which view, and why the others may not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tracemill.selection.duplicates import PERMUTATIONS, Sketches, describe, near_duplicates_within, sketch
from tracemill.selection.policy import VIEWS, View
from tracemill.selection.quality import flaws
from tracemill.selection.select_config import SelectConfig
from tracemill.selection.tokens import tokenise, whole_hashes
from tracemill.settings.errors import unknown

CANDIDATES = pl.Schema(
    {
        "view": pl.String,
        "id": pl.String,
        "problem_id": pl.String,
        "kept": pl.Boolean,
        "reason": pl.String,
        "detail": pl.String,
        "domain": pl.String,
        "skill": pl.String,
        "difficulty": pl.Float64,
        "tokens": pl.Int64,
    }
)

_ROWS_AT_ONCE = 256


def candidates(
    problems: pl.DataFrame,
    traces: pl.DataFrame,
    verdicts: pl.DataFrame,
    config: SelectConfig,
    require: Sequence[str],
    views: Sequence[str],
) -> pl.DataFrame:
    """One row per (view, unit), sorted by view and id; `reason` and `detail` are empty where `kept`.

    All traces of a problem must be in the same call.
    problems: id, domain, difficulty, split, licence, screened (rejected in screening).
    traces: id, problem_id, digest, skill, finish_reason, flaw_index, completion_tokens, reasoning, content, n_steps.
    verdicts: trace_id, verifier, outcome, strength, first_refuted, entailed_prefix, coverage_steps; one per trace and
    verifier, the one that counts.
    The reasons, in this order: of the problem, of the text, of the view's policy, duplicates within problem and view.
    In `rlvr`, skill and tokens are those of the problem's first trace that counts, else of its first.

    Raises:
        UsageError: a view that has no policy.
        ValueError: no verifier is required, or a trace belongs to none of the problems.
    """
    for view in views:
        if view not in VIEWS:
            raise unknown("selection policy for view", view, VIEWS)
    if not require:
        raise ValueError("no verifier is required: every trace would count as verified")
    judged, exact, sketches = _judged(problems, traces, verdicts, config, require)
    tables = []
    for view in views:
        rows = _decided(judged, VIEWS[view], require)
        if VIEWS[view].unit == "trace":
            rows = _without_duplicates(rows, exact, sketches, VIEWS[view], config.dedup.minhash.threshold)
        else:
            rows = _by_problem(rows, problems)
        tables.append(rows.select(pl.lit(view).alias("view"), *CANDIDATES.names()[1:]).cast(CANDIDATES))
    return pl.concat([CANDIDATES.to_frame(), *tables]).sort("view", "id")


def _judged(
    problems: pl.DataFrame,
    traces: pl.DataFrame,
    verdicts: pl.DataFrame,
    config: SelectConfig,
    require: Sequence[str],
) -> tuple[pl.DataFrame, pl.Series, Sketches]:
    """One row per trace, by id, with its problem, what is wrong with both (`against`, `detail`; null where nothing)
    and its verdicts; and for the same rows a hash and a sketch of the text."""
    rows = traces.sort("id").join(
        problems.select(pl.col("id").alias("problem_id"), "domain", "difficulty", "split", "screened"),
        on="problem_id",
        how="left",
        maintain_order="left",
    )
    orphans = rows.filter(pl.col("domain").is_null())
    if len(orphans):
        raise ValueError(
            f"{len(orphans)} traces of problems that are not in the table; the first is {orphans['id'][0]}"
        )
    texts, exact, sketches = _texts(rows, config)
    rows = pl.concat([rows, texts], how="horizontal").with_columns(
        _against_problem_or_text(), tokens="completion_tokens"
    )
    for verifier in sorted({"answer", "steps", *require}):
        rows = rows.join(_verdicts_of(verdicts, verifier), on="id", how="left", maintain_order="left")
    return rows.with_row_index("row"), exact, sketches


def _against_problem_or_text() -> pl.Expr:
    return (
        pl.when("screened")
        .then(pl.lit("problem rejected"))
        .when(pl.col("split") != "train")
        .then(pl.lit("held out"))
        .when(pl.col("text_reason") != "")
        .then(pl.col("text_reason"))
        .alias("against")
    )


def _texts(rows: pl.DataFrame, config: SelectConfig) -> tuple[pl.DataFrame, pl.Series, Sketches]:
    """What is wrong with each text, a hash of it, and its sketch."""
    wrong, hashes, sketches = [], [], [np.zeros((0, PERMUTATIONS), np.uint16)]
    for part in rows.iter_slices(_ROWS_AT_ONCE):
        tokens = tokenise(part.select(pl.col("reasoning") + "\n\n" + pl.col("content")).to_series().to_list())
        wrong.append(flaws(part, tokens, config.quality))
        hashes.append(pl.Series("exact", whole_hashes(tokens)))
        sketches.append(sketch(tokens, config.dedup.minhash.shingle))
    texts = pl.concat([pl.DataFrame(schema={"reason": pl.String, "detail": pl.String}), *wrong])
    exact = pl.concat([pl.Series("exact", [], pl.UInt64), *hashes])
    return texts.rename({"reason": "text_reason", "detail": "text_detail"}), exact, np.concatenate(sketches)


def _verdicts_of(verdicts: pl.DataFrame, verifier: str) -> pl.DataFrame:
    columns = ("outcome", "first_refuted", "entailed_prefix")
    chosen = verdicts.filter(pl.col("verifier") == verifier)
    return chosen.select(pl.col("trace_id").alias("id"), *(pl.col(c).alias(f"{verifier}.{c}") for c in columns))


def _decided(judged: pl.DataFrame, view: View, require: Sequence[str]) -> pl.DataFrame:
    """With `reason` and `detail`, empty for what the view takes, and `kept`."""
    by_text = pl.col("against") == pl.col("text_reason")
    return judged.with_columns(
        reason=pl.coalesce("against", view.policy(require)).fill_null(""),
        detail=pl.when(by_text).then("text_detail").otherwise(pl.lit("")),
    ).with_columns(kept=pl.col("reason") == "")


def _without_duplicates(
    rows: pl.DataFrame, exact: pl.Series, sketches: Sketches, view: View, threshold: float
) -> pl.DataFrame:
    """Of the kept rows of a problem that say the same, only the one with the smallest id stays kept."""
    group = pl.struct("problem_id", *view.duplicates_by).rank("dense")
    kept = rows.with_columns(exact=exact).filter("kept").select("row", "id", "exact", group=group)
    kept = kept.with_columns(first=pl.col("id").first().over("group", "exact"))
    again = kept.filter(pl.col("first") != pl.col("id"))
    same = again.select("id", pl.lit("exact duplicate").alias("why"), what="of " + pl.col("first"))
    rest = kept.filter(pl.col("first") == pl.col("id"))
    chosen = sketches[rest["row"].to_numpy()]
    found = near_duplicates_within(rest["group"].to_numpy().astype(np.int64), chosen, threshold)
    alike = describe(found, rest["id"], chosen).select("id", pl.lit("near duplicate").alias("why"), what="detail")
    rows = rows.join(pl.concat([same, alike]), on="id", how="left", maintain_order="left")
    return rows.with_columns(
        kept=pl.col("kept") & pl.col("why").is_null(),
        reason=pl.coalesce("why", "reason"),
        detail=pl.coalesce("what", "detail"),
    )


def _by_problem(rows: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    """One row per problem, kept if one of its traces is."""
    first = [pl.col(c).sort_by(~pl.col("kept"), "id").first() for c in ("skill", "tokens")]
    of_traces = rows.group_by("problem_id").agg(
        *first, pl.col("kept").any(), against=pl.col("reason").unique().sort().str.join(", ")
    )
    every = problems.select("id", "domain", "difficulty", "split", "screened", problem_id="id").join(
        of_traces, on="problem_id", how="left"
    )
    reason = (
        pl.when("screened")
        .then(pl.lit("problem rejected"))
        .when(pl.col("split") != "train")
        .then(pl.lit("held out"))
        .when(pl.col("kept").is_null())
        .then(pl.lit("no trace"))
        .when(~pl.col("kept"))
        .then(pl.lit("no verified answer"))
        .otherwise(pl.lit(""))
    )
    told = pl.when(pl.col("reason") == "no verified answer").then("against").otherwise(pl.lit(""))
    return every.with_columns(reason=reason).with_columns(detail=told, kept=pl.col("reason") == "")
