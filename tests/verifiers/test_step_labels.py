"""Labels of steps: one function, and the policy of the view `process`, which must take just what has labels."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import polars as pl
import pytest
from tracemill.records import Claim, Flaw, Outcome, Trace, Verdict
from tracemill.tasks.task import Line, Solution
from tracemill.verifiers.step_labels import step_labels
from tracemill.views.process import VIEW

SOLUTION = Solution((Line("First."), Line("Second."), Line("Third.")), "Answer: 17")
TRACE = Trace(
    *("t", "d", "p", "skills", "symbolic", "single", 0, "0", (SOLUTION.turn(),), "stop"), steps=SOLUTION.steps()
)


def verdict(verifier: str, outcome: Outcome, **evidence: Any) -> Verdict:
    return Verdict(verifier, "t", "d", verifier, "1", "steps", outcome, "proof", "", evidence=evidence)


def steps(entailed: int | None, first: int | None, outcome: Outcome) -> Verdict:
    return verdict("steps", outcome, first_refuted=first, entailed_prefix=entailed)


def labels(trace: Trace, *verdicts: Verdict) -> tuple[list[bool], int | None]:
    return step_labels(trace, {one.verifier: one for one in verdicts})


def test_every_step_is_right_where_every_step_is_entailed() -> None:
    assert labels(TRACE, steps(3, None, "verified")) == ([True, True, True], None)


@pytest.mark.parametrize("first", [0, 1, 2])
def test_labels_end_at_the_first_wrong_step(first: int) -> None:
    assert labels(TRACE, steps(first, first, "refuted")) == ([True] * first + [False], first)


def test_a_trace_without_steps_or_without_their_verdict_has_no_labels() -> None:
    with pytest.raises(ValueError, match="no steps"):
        labels(replace(TRACE, steps=()), steps(3, None, "verified"))
    with pytest.raises(ValueError, match="no verdict"):
        labels(TRACE, verdict("answer", "verified"))


def test_a_refuted_answer_with_no_refuted_step_has_no_labels() -> None:
    with pytest.raises(ValueError, match="refuted answer"):
        labels(TRACE, steps(3, None, "verified"), verdict("answer", "refuted"))
    assert labels(TRACE, steps(1, 1, "refuted"), verdict("answer", "refuted")) == ([True, False], 1)


@pytest.mark.parametrize("found", [steps(3, None, "verified"), steps(2, 2, "refuted")])
def test_a_seeded_flaw_that_was_not_refuted_where_it_is_gives_no_labels(found: Verdict) -> None:
    with pytest.raises(ValueError, match="seeded at step 1"):
        labels(replace(TRACE, flaw=Flaw(1, "sign_lost", "")), found)


@pytest.mark.parametrize("found", [steps(None, None, "verified"), steps(None, 2, "refuted"), steps(2, 2, "refuted")])
def test_a_trace_that_takes_steps_back_has_no_labels(found: Verdict) -> None:
    back = replace(TRACE.steps[2], claim=Claim("retraction", {"steps": [1]}))
    with pytest.raises(ValueError, match="takes steps of its own back"):
        labels(replace(TRACE, steps=(*TRACE.steps[:2], back)), found)


def test_the_view_process_takes_just_the_traces_that_have_labels() -> None:
    numbers = (None, 0, 1, 2, 3)
    outcomes: tuple[Outcome, ...] = ("verified", "refuted", "unknown", "error")
    cases = list(product(outcomes, numbers, numbers, (None, 1), (None, *outcomes)))
    rows = [
        {
            "steps.outcome": outcome,
            "steps.first_refuted": first,
            "steps.entailed_prefix": entailed,
            "flaw_index": flaw,
            "answer.outcome": answer,
            "n_steps": len(TRACE.steps),
            "rank": None,
            "relation": None,
        }
        for outcome, first, entailed, flaw, answer in cases
    ]
    schema = {name: pl.String if name.endswith(("outcome", "relation")) else pl.Int64 for name in rows[0]}
    against = pl.DataFrame(rows, schema=schema).select(VIEW.policy(["answer", "steps"])).to_series()
    labelled = 0
    for case, reason in zip(cases, against, strict=True):
        outcome, first, entailed, flaw, answer = case
        trace = replace(TRACE, flaw=None if flaw is None else Flaw(flaw, "sign_lost", ""))
        found = [steps(entailed, first, outcome), *([verdict("answer", answer)] if answer else [])]
        try:
            labels(trace, *found)
        except ValueError:
            assert reason is not None, case
        else:
            assert reason is None, case
            labelled += 1
    assert labelled > 10
