"""What the common columns rest on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from solved import ANSWER, TRACE, group, steps, verdict
from tracemill.views.row_parts import common_columns, licence_expression
from tracemill.views.sft import row as row_of


def test_only_verifiers_that_decided_are_named_and_only_those_that_verified_give_strength() -> None:
    found = (
        ANSWER,
        steps(1, 1, "refuted", strength="tested"),
        verdict("lean", "unknown"),
        verdict("reward", "verified", version="2", strength="judged"),
    )
    row = row_of(group(*found))
    assert row["verifiers"] == ["answer@1", "reward@2", "steps@1"]
    assert row["strength"] == "judged"
    assert row_of(group(ANSWER, steps(1, 1, "refuted", strength="tested")))["strength"] == "exact"


def test_a_verdict_on_another_digest_does_not_count() -> None:
    with pytest.raises(ValueError, match="no verdict"):
        row_of(group(replace(ANSWER, trace_digest="other")))


def test_coverage_and_tokens_are_null_where_they_are_not_known() -> None:
    row = row_of(group(ANSWER, traces=(replace(TRACE, completion_tokens=None),)))
    assert (row["coverage"], row["tokens"]) == (None, None)


def test_the_licence_joins_source_and_teacher() -> None:
    trace = replace(TRACE, metadata={"licence": "MIT OR CC-BY-4.0"})
    row = row_of(group(ANSWER, traces=(trace,)))
    assert row["licence"] == "Apache-2.0 AND (MIT OR CC-BY-4.0)"


def test_a_licence_that_source_and_teacher_share_is_named_once() -> None:
    assert licence_expression(["MIT", "MIT"]) == "MIT"
    assert licence_expression(["MIT OR ISC"]) == "MIT OR ISC"


@pytest.mark.parametrize("licences", [[], [""], ["MIT", " "]])
def test_a_row_without_a_licence_is_refused(licences: list[str]) -> None:
    with pytest.raises(ValueError, match="licence"):
        licence_expression(licences)


def test_a_row_of_two_solutions_counts_the_tokens_of_both_and_the_lesser_coverage() -> None:
    other = replace(TRACE, id=TRACE.id[:-1] + "1", completion_tokens=9)
    found = (
        steps(3, None, "verified", coverage_steps=0.75),
        replace(steps(1, None, "unknown", coverage_steps=0.5), trace_id=other.id),
    )
    columns = common_columns(group(*found, traces=(TRACE, other)))
    assert (columns["tokens"], columns["coverage"]) == (40, 0.5)
