"""Contradictory answers: one question, but for case and spacing, that stands several times with different answers.

No rule can say which of them is right, so none is kept, or all of them are, as the config says. That two answers differ
is decided by the verifier `answer`, as it would judge one against the other: `1/2` and `0.5` are the same. Where it
cannot tell, the problems are left to the search for duplicates, which keeps one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TypeAlias

import polars as pl

from tracemill.records import Check, Problem, Source, Turn
from tracemill.settings.errors import TracemillError, TroubleError
from tracemill.tasks.task import Solution, as_trace
from tracemill.verifiers.answer.verifier import AnswerVerifier

Again: TypeAlias = Callable[[pl.Series], pl.DataFrame]
"""From ids of problems to these problems: id, prompt, answer, check (kind, spec as JSON)."""


def contradicted(rows: pl.DataFrame, again: Again) -> pl.DataFrame:
    """The problems whose question has contradictory answers: id, question, first (the smallest id of the question's).

    `rows`: id, question (a hash), exact (a hash of question and answer). Only questions with several answers as they
    are written are read `again`, and compared with the first of them.

    Raises:
        TracemillError: trouble of the machine; the build can be run again.
    """
    several = rows.filter(pl.col("exact").n_unique().over("question") > 1).sort("question", "id")
    several = several.with_columns(first=pl.col("id").first().over("question"))
    written = several.unique(["question", "exact"], keep="first", maintain_order=True)
    answers = written.select("id", "question").join(again(written["id"]), on="id").sort("question", "id")
    with closing(AnswerVerifier()) as verifier:
        found = [question for question, some in _by_question(answers) if _contradict(verifier, some)]
    wanted = pl.Series("question", found, dtype=pl.UInt64).implode()
    return several.filter(pl.col("question").is_in(wanted)).select("id", "question", "first")


def _by_question(answers: pl.DataFrame) -> Iterator[tuple[int, list[Problem]]]:
    for (question,), rows in answers.group_by("question", maintain_order=True):
        yield int(str(question)), [_problem(row) for row in rows.iter_rows(named=True)]


def _problem(row: dict[str, object]) -> Problem:
    check = row["check"]
    assert isinstance(check, dict)
    return Problem(
        id=str(row["id"]),
        group_id="",
        domain="",
        prompt=str(row["prompt"]),
        answer=str(row["answer"]),
        check=Check(check["kind"], json.loads(check["spec"])),
        source=Source("", "", "", 0, 0),
    )


def _contradict(verifier: AnswerVerifier, problems: Sequence[Problem]) -> bool:
    first, *others = problems
    return any(_refutes(verifier, first, other) and _refutes(verifier, other, first) for other in others)


def _refutes(verifier: AnswerVerifier, gold: Problem, other: Problem) -> bool:
    """Whether the other's answer, put forward as an answer to `gold`, is judged wrong."""
    trace = as_trace(gold, Solution((), ""), other.id)
    for said in (f"Answer: {other.answer}", f"\\boxed{{{other.answer}}}"):
        try:
            ruling = verifier.rule(gold, replace(trace, turns=(Turn("assistant", content=said),)))
        except ValueError:
            # An expected answer that cannot be read: it stands in a build from before they were read.
            return False
        except TroubleError as exc:
            raise TracemillError(f"two answers could not be compared ({exc}); run the build again") from exc
        if ruling.outcome != "refuted":
            return False
    return True
