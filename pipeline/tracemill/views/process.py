"""The view `process`: a whole solution in steps, labelled up to its first wrong one, for process reward models."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from tracemill.records import Trace, Verdict
from tracemill.verifiers.step_labels import step_labels
from tracemill.views.columns import FLAG, FLAW_COLUMNS, INT, NUMBER, TEXT, may, need, view_schema
from tracemill.views.groups import EachTrace
from tracemill.views.policies import SELF_CORRECTION
from tracemill.views.row_parts import common_columns, is_decided
from tracemill.views.view import RowGroup, View, ViewRow

SCHEMA = view_schema(
    [
        need("prompt", TEXT, "the problem; the system text, if there is one, stands before it and a blank line"),
        need(
            "completions",
            pa.list_(TEXT),
            "every step of the solution, and then what it says after the last of them, such as its answer, if anything",
        ),
        need(
            "labels",
            pa.list_(FLAG),
            "one for each step up to and including the first wrong one; only the last can be false",
        ),
        need("first_wrong", INT, "index of the first wrong step; −1 if no step is wrong"),
        need(
            "label_source",
            TEXT,
            "`entailed`: every step follows from problem and earlier steps. `refuted`: those before the first "
            "wrong one follow, and that one was refuted. `rollout`: from `values`",
        ),
        may("reason", TEXT, "no step was refuted", "why the step was refuted"),
        *FLAW_COLUMNS,
        may(
            "values",
            pa.list_(NUMBER),
            "the source is not `rollout`",
            "share of continuations from each step that reached a verified answer",
        ),
        may("rollouts", INT, "the source is not `rollout`", "continuations from each step"),
        may("answer_correct", FLAG, "the answer was not decided", "whether the answer of the whole trace was verified"),
    ]
)


def policy(_require: Sequence[str]) -> pl.Expr:
    """Its steps have labels: all entailed, or all entailed up to the first one refuted, where a seeded flaw also sits.

    A refuted answer without a refuted step labels nothing: some step is wrong, and it is not known which. A solution
    that takes a mistake back has steps that rest on nothing, and is left to `sft`.
    """
    outcome = pl.col("steps.outcome").fill_null("missing")
    refuted, entailed = pl.col("steps.first_refuted"), pl.col("steps.entailed_prefix")
    all_right = refuted.is_null() & (entailed == pl.col("n_steps")) & (outcome == "verified")
    right_until = (refuted == entailed) & (refuted < pl.col("n_steps")) & (outcome == "refuted")
    labelled = (pl.col("n_steps") > 0) & (all_right | right_until)
    answer_only = refuted.is_null() & (pl.col("answer.outcome") == "refuted")
    return (
        pl.when(pl.col("relation").eq_missing(SELF_CORRECTION))
        .then(pl.lit("corrects itself"))
        .when(~outcome.is_in(["verified", "refuted"]))
        .then(pl.format("steps {}", outcome))
        .when(~labelled.fill_null(False) | answer_only.fill_null(False))
        .then(pl.lit("no step labels"))
        .when(pl.col("flaw_index").is_not_null() & pl.col("flaw_index").ne_missing(refuted))
        .then(pl.lit("flaw not confirmed"))
    )


def row(group: RowGroup) -> ViewRow:
    """All steps of the solution and then its closing; a label for each step up to and including the first wrong one.

    A row that ended at the mistake would betray by having no end that there is one.

    Raises:
        ValueError: the verdicts do not label the steps, see `step_labels`.
    """
    trace, verdicts = group.single()
    labels, first_wrong = step_labels(trace, verdicts)
    problem, answer = group.problem, verdicts.get("answer")
    flaw = trace.flaw if first_wrong is not None else None
    return {
        "prompt": f"{problem.system}\n\n{problem.prompt}" if problem.system else problem.prompt,
        "completions": _parts(trace),
        "labels": labels,
        "first_wrong": -1 if first_wrong is None else first_wrong,
        "label_source": "entailed" if first_wrong is None else "refuted",
        "reason": None if first_wrong is None else _refutation(verdicts["steps"], first_wrong),
        "flaw_kind": flaw.kind if flaw else None,
        "flaw_explanation": flaw.explanation if flaw else None,
        "values": None,
        "rollouts": None,
        "answer_correct": answer.outcome == "verified" if answer and is_decided(answer) else None,
        **common_columns(group),
        "strength": verdicts["steps"].strength,
        # All steps that have a label were decided. That later ones rest on a wrong step and stay open would say, in a
        # column beside the label, that there is one.
        "coverage": 1.0,
    }


def _parts(trace: Trace) -> list[str]:
    """The steps, and what the solution says after the last of them, if it says anything."""
    last = trace.steps[-1]
    rest = [trace.turns[last.turn].text[last.end :]]
    rest += [turn.text for turn in trace.turns[last.turn + 1 :] if turn.role == "assistant"]
    closing = "\n\n".join(text.strip() for text in rest if text.strip())
    return [*(trace.step_text(step) for step in trace.steps), *([closing] if closing else [])]


def _refutation(steps: Verdict, index: int) -> str:
    for found in steps.steps:
        if found.step == index and found.outcome == "refuted":
            return found.reason
    return steps.reason


VIEW = View(
    version="2",
    schema=SCHEMA,
    grouping=EachTrace(duplicates_by=("steps.first_refuted",)),
    policy=policy,
    row=row,
    needs=("steps",),
    also_reads=("answer",),
    use="training and testing process reward models, which say where a solution goes wrong",
    snippet=(
        "from datasets import load_dataset\n\n{load}\n"
        "# Labels end at the first wrong step; a trainer that wants one for each text takes as many texts:\n"
        'rows = rows.map(lambda row: {"completions": row["completions"][: len(row["labels"])]})'
    ),
)
