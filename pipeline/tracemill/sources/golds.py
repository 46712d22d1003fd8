"""Expected answers, read where problems come from: one that cannot be read would make every verdict an error, and a
reward raise in the middle of a training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracemill.records import Decision, Problem


def read_golds(records: Iterable[Problem | Decision]) -> Iterator[Problem | Decision]:
    """The records, with a rejection in the place of each problem whose expected answer does not fit its check. A
    problem without one passes: nobody knows its answer.

    Its detail begins with the place in the source, counted from 1: `gsm8k:17: …`.
    """
    for record in records:
        if isinstance(record, Problem) and record.has_answer:
            try:
                _read(record)
            except ValueError as exc:
                yield _rejected(record, exc)
                continue
        yield record


def _read(problem: Problem) -> None:
    """
    Raises:
        ValueError: the check or the expected answer makes no sense.
    """
    if problem.check.kind == "code":
        from tracemill.verifiers.code.spec import read_spec

        read_spec(problem.check)
        return
    from tracemill.verifiers.answer.check import check_gold

    check_gold(problem.check, problem.answer, problem.prompt)


def _rejected(problem: Problem, exc: ValueError) -> Decision:
    reason = f"the answer does not fit check {problem.check.kind!r}"
    detail = f"{problem.source.name}:{problem.source.index + 1}: {exc}"
    return Decision(problem.id, "problem", False, reason, detail[:500], problem_id=problem.id)
