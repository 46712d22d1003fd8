"""Which units a view takes, by what the verifiers said of them.

A policy gets one row per trace, with the columns of `candidates` and, for each verifier v, `v.outcome`,
`v.first_refuted` and `v.entailed_prefix` (null where there is no verdict), and says why a trace may not enter; null
where it may. Nothing but `verified` or `refuted` ever selects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from tracemill.settings.errors import UsageError

Policy = Callable[[Sequence[str]], pl.Expr]
"""From the required verifiers to an expression: the reason against a trace, or null."""


@dataclass(frozen=True, slots=True)
class View:
    """`unit`: what one row of the view is made of. `needs`: the verifier without whose verdict nothing enters, whatever
    is required; `also_reads`: others whose verdicts count where there are any. `duplicates_by`: traces are duplicates
    only where these agree."""

    policy: Policy
    unit: str
    needs: str | None = None
    also_reads: tuple[str, ...] = ()
    duplicates_by: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.needs, *self.also_reads) if self.needs else self.also_reads


def _not_verified(verifier: str) -> pl.Expr:
    outcome = pl.col(f"{verifier}.outcome").fill_null("missing")
    return pl.when(outcome != "verified").then(pl.format("{} {}", pl.lit(verifier), outcome))


def sft(require: Sequence[str]) -> pl.Expr:
    """Every required verifier verified it, and nobody put a flaw into it."""
    seeded = pl.when(pl.col("flaw_index").is_not_null()).then(pl.lit("seeded flaw"))
    return pl.coalesce(*(_not_verified(verifier) for verifier in require), seeded)


def process(_require: Sequence[str]) -> pl.Expr:
    """Its steps have labels: all entailed, or all entailed up to the first one refuted, where a seeded flaw also sits.

    A refuted answer without a refuted step labels nothing: some step is wrong, and it is not known which.
    """
    outcome = pl.col("steps.outcome").fill_null("missing")
    refuted, entailed = pl.col("steps.first_refuted"), pl.col("steps.entailed_prefix")
    all_right = refuted.is_null() & (entailed == pl.col("n_steps")) & (outcome == "verified")
    right_until = (refuted == entailed) & (refuted < pl.col("n_steps")) & (outcome == "refuted")
    labelled = (pl.col("n_steps") > 0) & (all_right | right_until)
    answer_only = refuted.is_null() & (pl.col("answer.outcome") == "refuted")
    return (
        pl.when(~outcome.is_in(["verified", "refuted"]))
        .then(pl.format("steps {}", outcome))
        .when(~labelled.fill_null(False) | answer_only.fill_null(False))
        .then(pl.lit("no step labels"))
        .when(pl.col("flaw_index").is_not_null() & pl.col("flaw_index").ne_missing(refuted))
        .then(pl.lit("flaw not confirmed"))
    )


def rlvr(_require: Sequence[str]) -> pl.Expr:
    """Its answer was reached and verified, so the problem can be solved and its check works."""
    return _not_verified("answer")


VIEWS: dict[str, View] = {
    "sft": View(sft, unit="trace"),
    "process": View(
        process, unit="trace", needs="steps", also_reads=("answer",), duplicates_by=("steps.first_refuted",)
    ),
    "rlvr": View(rlvr, unit="problem", needs="answer"),
}


def refuse_unjudged(views: Sequence[str], verifiers: Sequence[str]) -> None:
    """Raises:
    UsageError: a view that nothing can enter, since no verifier says what it is chosen by.
    """
    for view in views:
        needed = VIEWS[view].needs
        if needed is not None and needed not in verifiers:
            raise UsageError(
                f"the view {view!r} is chosen by what the verifier {needed!r} says, and only {', '.join(verifiers)} "
                f"would judge; add {needed!r} to verify.also, or take {view!r} out of `views`"
            )
