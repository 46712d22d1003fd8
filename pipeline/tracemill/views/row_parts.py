"""What the rows of several views share: messages, the common columns, and what a row may rest on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from tracemill.records import STRENGTHS, Problem, Strength, Trace, Verdict
from tracemill.views.view import RowGroup, ViewRow


def common_columns(group: RowGroup) -> ViewRow:
    """The columns that every view has. `coverage` and `tokens` describe a row that shows all its traces whole; a view
    whose rows do not must say otherwise.

    Raises:
        ValueError: a source or a teacher without a licence.
    """
    problem, traces = group.problem, group.traces
    decided = [verdict for found in group.verdicts for verdict in found.values() if is_decided(verdict)]
    return {
        "problem_id": problem.id,
        "trace_ids": [trace.id for trace in traces],
        "domain": problem.domain,
        "skill": traces[0].skill,
        "stage": group.stage,
        "difficulty": problem.difficulty,
        "verifiers": sorted({f"{verdict.verifier}@{verdict.version}" for verdict in decided}),
        "strength": _weakest(verdict.strength for verdict in decided if verdict.outcome == "verified"),
        "coverage": _coverage(group.verdicts),
        "tokens": _tokens(traces),
        "licence": licence_expression(
            [problem.source.licence, *(trace.metadata["licence"] for trace in traces if "licence" in trace.metadata)]
        ),
    }


def prompt_messages(problem: Problem) -> list[dict[str, str]]:
    """System text if there is one, and the prompt."""
    user = {"role": "user", "content": problem.prompt}
    return [{"role": "system", "content": problem.system}, user] if problem.system else [user]


def licence_expression(licences: Iterable[str]) -> str:
    """One SPDX expression that all of `licences` hold of, in their order, each once.

    Raises:
        ValueError: one of them is empty: such a row must not be published.
    """
    parts = list(dict.fromkeys(licences))
    if not parts or not all(part.strip() for part in parts):
        raise ValueError("a row without a licence; exclude its source or state the licence")
    if len(parts) == 1:
        return parts[0]
    return " AND ".join(f"({part})" if " OR " in part else part for part in parts)


def is_decided(verdict: Verdict) -> bool:
    return verdict.outcome in ("verified", "refuted")


def require_verified(
    view: str, trace: Trace, verdicts: Mapping[str, Verdict], by: Collection[str] | None = None
) -> None:
    """Raises: ValueError unless a verifier verified the trace; one of `by`, where some are named."""
    wanted = [verdict for name, verdict in verdicts.items() if by is None or name in by]
    if not any(verdict.outcome == "verified" for verdict in wanted):
        found = ", ".join(f"{name} {verdict.outcome}" for name, verdict in sorted(verdicts.items()))
        of = f" of {', '.join(by)}" if by is not None else ""
        raise ValueError(f"view {view!r}: no verifier{of} verified trace {trace.id} ({found or 'no verdict'})")


def _weakest(strengths: Iterable[Strength | None]) -> Strength | None:
    return max((strength for strength in strengths if strength), key=STRENGTHS.index, default=None)


def _coverage(verdicts: Iterable[Mapping[str, Verdict]]) -> float | None:
    """The least coverage of steps among the traces; None if one of them was not judged step by step."""
    least = 1.0
    for found in verdicts:
        steps = found.get("steps")
        if steps is None or steps.coverage_steps is None:
            return None
        least = min(least, steps.coverage_steps)
    return least


def _tokens(traces: Iterable[Trace]) -> int | None:
    total = 0
    for trace in traces:
        if trace.completion_tokens is None:
            return None
        total += trace.completion_tokens
    return total
