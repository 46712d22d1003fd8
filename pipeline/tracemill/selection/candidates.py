"""Which traces, problems and pairs may enter which view, and why the others may not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tracemill.selection.duplicates import PERMUTATIONS, Sketches, details, near_duplicates_within, sketch
from tracemill.selection.quality import flaws
from tracemill.selection.select_config import SelectConfig
from tracemill.selection.slices import slices
from tracemill.selection.tokens import tokenise, whole_hashes
from tracemill.settings.errors import PluginError
from tracemill.settings.failures import expected
from tracemill.settings.plugins import distribution_of, load
from tracemill.views.groups import GROUPED
from tracemill.views.view import View

CANDIDATES = pl.Schema({"view": pl.String(), **GROUPED})

_ROWS_AT_ONCE = 256


def candidates(
    problems: pl.DataFrame,
    traces: pl.DataFrame,
    verdicts: pl.DataFrame,
    config: SelectConfig,
    require: Sequence[str],
    views: Sequence[str],
) -> pl.DataFrame:
    """One row per view and unit (what a row of the view is made of), sorted by view and id; `reason` and `detail` are
    empty where `kept`.

    All traces of a problem must be in the same call.
    problems: id, domain, difficulty, split, screened (rejected in screening).
    traces: id, problem_id, skill, finish_reason, flaw_index, relation, reasoning, content (both without the results of
    tools), n_steps, calls_tools (it calls some, or has their results), stray_result (one of its results answers none of
    its calls), effort, completion_tokens, rank (among the samples of its problem, from 0; null for most).
    verdicts: trace_id, verifier, outcome, first_refuted, entailed_prefix; one per trace and verifier, the one that
    counts.
    The reasons, in this order: of the problem, of the text, that it calls tools or none, of the view's policy,
    duplicates within problem and view, of the view's grouping.

    Raises:
        UsageError: a view that is not installed.
        PluginError: a view's policy cannot be used.
        ValueError: no verifier is required, or a trace belongs to none of the problems.
    """
    chosen: dict[str, View] = {view: load("view", view) for view in views}
    if not require:
        raise ValueError("no verifier is required: every trace would count as verified")
    read = {verifier for view in chosen.values() for verifier in view.reads}
    judged, exact, sketches = _judged(problems, traces, verdicts, config, sorted({*require, *read}))
    tables = []
    for name, view in chosen.items():
        rows = _decided(judged, name, view, require)
        if view.grouping.duplicates_by is not None:
            threshold = config.dedup.minhash.threshold
            rows = _without_duplicates(rows, exact, sketches, view.grouping.duplicates_by, threshold)
        units = view.grouping.units(rows, problems.with_columns(against=_against_problem(view)))
        tables.append(units.select(pl.lit(name).alias("view"), *GROUPED))
    return pl.concat([CANDIDATES.to_frame(), *tables]).sort("view", "id")


def _judged(
    problems: pl.DataFrame,
    traces: pl.DataFrame,
    verdicts: pl.DataFrame,
    config: SelectConfig,
    verifiers: Sequence[str],
) -> tuple[pl.DataFrame, pl.Series, Sketches]:
    """One row per trace, by id, with its problem, what is wrong with its text (`text_reason`, `text_detail`; empty
    where nothing) and its verdicts; and for the same rows a hash and a sketch of the text."""
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
    rows = pl.concat([rows, texts], how="horizontal")
    for verifier in verifiers:
        rows = rows.join(_verdicts_of(verdicts, verifier), on="id", how="left", maintain_order="left")
    return rows.with_row_index("row"), exact, sketches


def _against_problem(view: View) -> pl.Expr:
    return (
        pl.when("screened")
        .then(pl.lit("problem rejected"))
        .when(pl.col("split") != view.split)
        .then(pl.lit("held out" if view.split == "train" else "not held out"))
    )


def _texts(rows: pl.DataFrame, config: SelectConfig) -> tuple[pl.DataFrame, pl.Series, Sketches]:
    """What is wrong with each text, a hash of it, and its sketch."""
    wrong, hashes, sketches = [], [], [np.zeros((0, PERMUTATIONS), np.uint16)]
    for part in slices(rows, _ROWS_AT_ONCE, ("reasoning", "content")):
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


def _decided(judged: pl.DataFrame, name: str, view: View, require: Sequence[str]) -> pl.DataFrame:
    """With `reason` and `detail`, empty for what the view takes, and `kept`."""
    wrong_text = pl.when(pl.col("text_reason") != "").then("text_reason")
    rows = _with_policy(judged.with_columns(against=_against_problem(view)), name, view, require)
    return (
        rows.with_columns(
            reason=pl.coalesce("against", wrong_text, _against_tools(view), "policy").fill_null(""),
            detail=pl.when(pl.col("against").is_null()).then("text_detail").otherwise(pl.lit("")),
        )
        .with_columns(kept=pl.col("reason") == "")
        .drop("policy")
    )


def _against_tools(view: View) -> pl.Expr:
    calls = pl.col("calls_tools")
    if view.calls_tools:
        stray = pl.when("stray_result").then(pl.lit("a result answers no call"))
        return pl.when(~calls).then(pl.lit("calls no tools")).otherwise(stray)
    return pl.when(calls).then(pl.lit("calls tools"))


def _with_policy(rows: pl.DataFrame, name: str, view: View, require: Sequence[str]) -> pl.DataFrame:
    """With `policy`, the view's reason against each trace.

    Raises:
        PluginError: its policy is no expression, or gives something else. Nothing of it may let a trace in by chance:
            null, which a missing `return` gives too, lets all in.
    """
    policy = expected("view", name, view.policy(require), pl.Expr)
    whose = f"the policy of view {name!r} (package {distribution_of('view', name)})"
    try:
        found = rows.with_columns(policy=policy)
    except pl.exceptions.PolarsError as exc:
        raise PluginError(f"{whose} cannot be evaluated: {str(exc).splitlines()[0][:300]}") from exc
    kind = found.schema["policy"]
    if kind not in (pl.String, pl.Null):
        raise PluginError(f"{whose} gives {kind}, and not the reason against a trace as text, or null")
    return found


def _without_duplicates(
    rows: pl.DataFrame, exact: pl.Series, sketches: Sketches, duplicates_by: Sequence[str], threshold: float
) -> pl.DataFrame:
    """Of the kept rows of a problem that say the same, only the one with the smallest id stays kept."""
    group = pl.struct("problem_id", *duplicates_by).rank("dense")
    kept = rows.with_columns(exact=exact).filter("kept").select("row", "id", "exact", group=group)
    kept = kept.with_columns(first=pl.col("id").first().over("group", "exact"))
    again = kept.filter(pl.col("first") != pl.col("id"))
    same = again.select("id", pl.lit("exact duplicate").alias("why"), what="of " + pl.col("first"))
    rest = kept.filter(pl.col("first") == pl.col("id"))
    chosen = sketches[rest["row"].to_numpy()]
    later, first = near_duplicates_within(rest["group"].to_numpy().astype(np.int64), chosen, threshold)
    why = pl.lit("near duplicate", pl.String).alias("why")
    what = details(rest["id"].gather(first), chosen[later], chosen[first]).alias("what")
    alike = pl.DataFrame({"id": rest["id"].gather(later)}).select("id", why, what)
    rows = rows.join(pl.concat([same, alike]), on="id", how="left", maintain_order="left")
    return rows.with_columns(
        kept=pl.col("kept") & pl.col("why").is_null(),
        reason=pl.coalesce("why", "reason"),
        detail=pl.coalesce("what", "detail"),
    )
