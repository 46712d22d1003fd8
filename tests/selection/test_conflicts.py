from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from tracemill.records import Check
from tracemill.selection.screen import REJECTED, screen
from tracemill.selection.select_config import SelectConfig
from tracemill.settings.errors import TracemillError, TroubleError
from tracemill.verifiers.answer.verifier import AnswerVerifier

QUESTION = "A ladder of 5 metres leans against a wall with its foot 3 metres away from it. How high does it reach?"
ANOTHER = "How many of the 20 first numbers have a prime factor that is larger than 10, and which of them are primes?"
NUMERIC = Check("numeric")
PARAPHRASE = QUESTION.replace("A ladder of 5 metres leans", "Some ladder of 5 metres leans")


class Outcome(NamedTuple):
    rejected: pl.DataFrame
    conflicts: dict[str, int]


def screened(*answers: str, check: Check = NUMERIC, **more: Any) -> Outcome:
    """What becomes of problems `0`, `1`, … that ask the same, with these answers."""
    return of([(QUESTION if k % 2 else QUESTION.upper(), answer) for k, answer in enumerate(answers)], check, **more)


def of(problems: Sequence[tuple[str, str]], check: Check = NUMERIC, **select: Any) -> Outcome:
    spec = {"kind": check.kind, "spec": json.dumps(check.spec)}
    common = {"source": "s", "licence": "MIT", "domain": "a.b.c.d", "split": "train", "group_id": "g", "check": spec}
    rows = [common | {"id": str(k), "prompt": prompt, "answer": said} for k, (prompt, said) in enumerate(problems)]
    frame = pl.DataFrame(rows)

    def again(ids: pl.Series) -> pl.DataFrame:
        return frame.filter(pl.col("id").is_in(ids.implode())).select("id", "prompt", "answer", "check")

    with tempfile.TemporaryDirectory() as folder:
        found = screen([frame.drop("check")], SelectConfig.model_validate(select), again, None, Path(folder))
        return Outcome(pl.concat([REJECTED.to_frame(), *found.rejected]), found.conflicts)


def test_contradictory_answers_to_one_question_are_all_rejected_and_counted() -> None:
    found = screened("4", "5", "4")
    assert found.rejected.rows() == [(str(k), "contradictory answers", "as of 0") for k in range(3)]
    assert found.conflicts == {"questions": 1, "problems": 3}


def test_or_all_kept_but_for_exact_duplicates() -> None:
    found = screened("4", "5", "4", conflicts="keep")
    assert found.rejected.rows() == [("2", "exact duplicate", "of 0")]
    assert found.conflicts == {"questions": 1, "problems": 3}


def test_a_question_like_a_contradicted_one_is_still_a_near_duplicate() -> None:
    found = of([(QUESTION, "4"), (QUESTION, "5"), (PARAPHRASE, "4")], conflicts="keep")
    assert [row[:2] for row in found.rejected.rows()] == [("2", "near duplicate")]
    rejecting = of([(QUESTION, "4"), (QUESTION, "5"), (PARAPHRASE, "4")])
    assert [row[:2] for row in rejecting.rejected.rows()] == [(k, "contradictory answers") for k in "01"]


@pytest.mark.parametrize(
    ("one", "other", "check"),
    [
        ("1/2", "0.5", Check("numeric")),
        ("12", "12 apples", Check("numeric")),
        ("x^2-1", "(x-1)(x+1)", Check("symbolic")),
        ("Paris", "paris", Check("exact")),
        ("1000000", "10^6", Check("numeric")),
    ],
)
def test_one_answer_written_twice_is_no_conflict_but_a_near_duplicate(one: str, other: str, check: Check) -> None:
    found = screened(one, other, check=check)
    assert found.conflicts == {"questions": 0, "problems": 0}
    assert [row[:2] for row in found.rejected.rows()] in ([("1", "near duplicate")], [("1", "exact duplicate")])


@pytest.mark.parametrize(
    ("one", "other", "check"),
    [
        ("1/2", "0.55", Check("numeric")),
        ("x^2-1", "x^2+1", Check("symbolic")),
        ("Paris", "London", Check("exact")),
        ("A", "B", Check("choice", {"choices": {"A": "one", "B": "two"}})),
        ('{"x": 1}', '{"x": 2}', Check("structured", {"fields": {"x": "numeric"}})),
    ],
)
def test_answers_of_every_kind_can_contradict_each_other(one: str, other: str, check: Check) -> None:
    assert screened(one, other, check=check).conflicts == {"questions": 1, "problems": 2}


def test_what_cannot_be_compared_is_no_conflict_and_trouble_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(error: Exception) -> None:
        def rule(*_: object) -> None:
            raise error

        monkeypatch.setattr(AnswerVerifier, "rule", rule)

    raising(ValueError("an expected answer that cannot be read"))
    assert screened("4", "5").conflicts == {"questions": 0, "problems": 0}
    raising(TroubleError("a process died"))
    with pytest.raises(TracemillError, match=r"could not be compared \(a process died\); run the build again"):
        screened("4", "5")


def test_other_questions_are_not_touched() -> None:
    found = of([(QUESTION, "4"), (ANOTHER, "5"), (QUESTION, "5"), (ANOTHER, "5")])
    assert [row[:2] for row in found.rejected.rows()] == [
        ("0", "contradictory answers"),
        ("2", "contradictory answers"),
        ("3", "exact duplicate"),
    ]
