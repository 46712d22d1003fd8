"""Reasons against a trace that several views share, as expressions on `selection.candidates`'s rows."""

from __future__ import annotations

import polars as pl

SELF_CORRECTION = "self_correction"
"""`Trace.relation` of a trace that goes wrong, takes the mistake back and finishes."""


def not_verified(verifier: str) -> pl.Expr:
    """`answer refuted`, `steps unknown`, `answer missing` …; null where the verifier verified the trace."""
    outcome = pl.col(f"{verifier}.outcome").fill_null("missing")
    return pl.when(outcome != "verified").then(pl.format("{} {}", pl.lit(verifier), outcome))
