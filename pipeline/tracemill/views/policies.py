"""Reasons against a trace that several views share, as expressions on `selection.candidates`'s rows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SELF_CORRECTION = "self_correction"
"""`Trace.relation` of a trace that goes wrong, takes the mistake back and finishes."""


def not_right(require: Sequence[str]) -> pl.Expr:
    """The first of the required verifiers that did not verify it, or `seeded flaw`; null where all did, and a flaw that
    somebody put into it was repaired in it."""
    repaired = pl.col("relation").eq_missing(SELF_CORRECTION)
    seeded = pl.when(pl.col("flaw_index").is_not_null() & ~repaired).then(pl.lit("seeded flaw"))
    return pl.coalesce(*(not_verified(verifier) for verifier in require), seeded)


def not_best(verified: pl.Expr) -> pl.Expr:
    """`not the best sample`; null where a trace has no `rank` (`asking.strategies.best_of_n`), or has the lowest one of
    those of its problem for which `verified` holds and whose text has nothing against it."""
    best = pl.col("rank").filter(verified & (pl.col("text_reason") == "")).min().over("problem_id")
    return pl.when(pl.col("rank") > best).then(pl.lit("not the best sample"))


def not_verified(verifier: str) -> pl.Expr:
    """`answer refuted`, `steps unknown`, `answer missing` …; null where the verifier verified the trace."""
    outcome = pl.col(f"{verifier}.outcome").fill_null("missing")
    return pl.when(outcome != "verified").then(pl.format("{} {}", pl.lit(verifier), outcome))


def verified_by_none(*verifiers: str) -> pl.Expr:
    """What these verifiers say of the trace, as `not_verified`; null where one of them verified it. An answer is judged
    by the one that its kind of check is for, and the others say `unknown`: so `refuted` and `error` come first."""
    outcomes = {verifier: pl.col(f"{verifier}.outcome") for verifier in verifiers}
    verified = pl.any_horizontal(*(outcome == "verified" for outcome in outcomes.values())).fill_null(False)
    said = [
        pl.when(outcome == one).then(pl.format("{} {}", pl.lit(verifier), outcome))
        for one in ("refuted", "error", "unknown")
        for verifier, outcome in outcomes.items()
    ]
    return pl.when(~verified).then(pl.coalesce(*said, pl.lit(f"{verifiers[0]} missing")))
