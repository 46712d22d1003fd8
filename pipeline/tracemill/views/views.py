"""Rows of the views `sft`, `process` and `rlvr`: pure functions of a problem, its traces and their verdicts.

What to include is the selection's decision. These functions refuse (`ValueError`) a row that the verdicts do not
carry, so that a hole in the selection cannot become a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracemill.records import STRENGTHS, Problem, Strength, Trace, Turn, Verdict, canonical_json
from tracemill.verifiers.counting import counting_verdicts
from tracemill.verifiers.labels import step_labels

Row = dict[str, Any]
Verdicts = Mapping[str, Sequence[Verdict]]
"""Trace id to its verdicts."""


def sft(problem: Problem, traces: Sequence[Trace], verdicts: Verdicts, stage: str) -> Row:
    """A verified solution as a conversation, its reasoning within `<think>…</think>`.

    Raises:
        ValueError: no verifier verified the trace, or it calls tools (the view `tools` is for those).
    """
    trace = _single("sft", traces)
    counting = counting_verdicts(trace, verdicts.get(trace.id, ()))
    _require_verified("sft", trace, counting)
    messages = _prompt(problem)
    messages.extend(_message(trace, turn) for turn in trace.turns)
    return {"messages": messages, **_common(problem, traces, [counting], stage)}


def process(problem: Problem, traces: Sequence[Trace], verdicts: Verdicts, stage: str) -> Row:
    """A solution cut into steps, each labelled, up to and including the first wrong one.

    Raises:
        ValueError: the verdicts do not label the steps, see `step_labels`.
    """
    trace = _single("process", traces)
    counting = counting_verdicts(trace, verdicts.get(trace.id, ()))
    labels, first_wrong = step_labels(trace, counting)
    answer = counting.get("answer")
    flaw = trace.flaw if first_wrong is not None else None
    return {
        "prompt": f"{problem.system}\n\n{problem.prompt}" if problem.system else problem.prompt,
        "completions": [trace.step_text(step) for step in trace.steps[: len(labels)]],
        "labels": labels,
        "first_wrong": first_wrong,
        "label_source": "entailed" if first_wrong is None else "refuted",
        "reason": None if first_wrong is None else _refutation(counting["steps"], first_wrong),
        "flaw_kind": flaw.kind if flaw else None,
        "flaw_explanation": flaw.explanation if flaw else None,
        "values": None,
        "rollouts": None,
        "answer_correct": answer.outcome == "verified" if answer and _decided(answer) else None,
        **_common(problem, traces, [counting], stage),
        "strength": counting["steps"].strength,
    }


def rlvr(problem: Problem, traces: Sequence[Trace], verdicts: Verdicts, stage: str) -> Row:
    """A problem with what is needed to score an answer to it, in verl's columns. `traces` are its verified ones: they
    show that the expected answer can be reached.

    Raises:
        ValueError: no trace, or one that no verifier verified.
    """
    if not traces:
        raise ValueError(f"view 'rlvr' needs a verified trace of problem {problem.id}")
    counting = [counting_verdicts(trace, verdicts.get(trace.id, ())) for trace in traces]
    for trace, found in zip(traces, counting, strict=True):
        _require_verified("rlvr", trace, found)
    truth: dict[str, Any] = {
        "answer": problem.answer,
        "check": {"kind": problem.check.kind, "spec": problem.check.spec},
    }
    if problem.check.kind == "symbolic":
        # The question itself equals its answer: without it, a reward could not tell a copy from a solution.
        truth["prompt"] = problem.prompt
    task = ".".join(problem.domain.split(".")[:3])
    return {
        "data_source": f"tracemill/{task}",
        "prompt": _prompt(problem),
        "ability": task.split(".", 1)[0],
        "reward_model": {
            "style": "rule",
            "ground_truth": canonical_json(truth),
        },
        "extra_info": {
            "split": problem.split,
            "index": problem.source.index,
            "problem_id": problem.id,
            "group_id": problem.group_id,
            "domain": problem.domain,
            "stage": stage,
            "difficulty": problem.difficulty,
        },
        "tools": canonical_json(problem.tools) if problem.tools else None,
        "pass_rate": None,
        "pass_rate_samples": None,
        **_common(problem, traces, counting, stage),
    }


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


def _single(view: str, traces: Sequence[Trace]) -> Trace:
    if len(traces) != 1:
        raise ValueError(f"view {view!r} makes a row of one trace, not of {len(traces)}")
    return traces[0]


def _decided(verdict: Verdict) -> bool:
    return verdict.outcome in ("verified", "refuted")


def _require_verified(view: str, trace: Trace, counting: Mapping[str, Verdict]) -> None:
    if not any(verdict.outcome == "verified" for verdict in counting.values()):
        found = ", ".join(f"{name} {verdict.outcome}" for name, verdict in sorted(counting.items()))
        raise ValueError(f"view {view!r}: no verifier verified trace {trace.id} ({found or 'no verdict'})")


def _prompt(problem: Problem) -> list[dict[str, str]]:
    user = {"role": "user", "content": problem.prompt}
    return [{"role": "system", "content": problem.system}, user] if problem.system else [user]


def _message(trace: Trace, turn: Turn) -> dict[str, str]:
    if turn.role == "tool" or turn.tool_calls:
        raise ValueError(f"view 'sft': trace {trace.id} calls tools; the view 'tools' is for those")
    if turn.role == "assistant" and turn.reasoning:
        return {"role": "assistant", "content": f"<think>\n{turn.reasoning}\n</think>\n\n{turn.content}"}
    return {"role": turn.role, "content": turn.content}


def _refutation(steps: Verdict, index: int) -> str:
    for found in steps.steps:
        if found.step == index and found.outcome == "refuted":
            return found.reason
    return steps.reason


def _common(
    problem: Problem, traces: Sequence[Trace], counting: Sequence[Mapping[str, Verdict]], stage: str
) -> dict[str, Any]:
    decided = [verdict for found in counting for verdict in found.values() if _decided(verdict)]
    return {
        "problem_id": problem.id,
        "trace_ids": [trace.id for trace in traces],
        "domain": problem.domain,
        "skill": traces[0].skill,
        "stage": stage,
        "difficulty": problem.difficulty,
        "verifiers": sorted({f"{verdict.verifier}@{verdict.version}" for verdict in decided}),
        "strength": _weakest(verdict.strength for verdict in decided if verdict.outcome == "verified"),
        "coverage": _coverage(counting),
        "tokens": _tokens(traces),
        "licence": licence_expression(
            [problem.source.licence, *(trace.metadata["licence"] for trace in traces if "licence" in trace.metadata)]
        ),
    }


def _weakest(strengths: Iterable[Strength | None]) -> Strength | None:
    return max((strength for strength in strengths if strength), key=STRENGTHS.index, default=None)


def _coverage(counting: Sequence[Mapping[str, Verdict]]) -> float | None:
    """The least coverage of steps among the traces; none if one of them was not judged step by step."""
    least = 1.0
    for found in counting:
        steps = found.get("steps")
        if steps is None or steps.coverage_steps is None:
            return None
        least = min(least, steps.coverage_steps)
    return least


def _tokens(traces: Sequence[Trace]) -> int | None:
    total = 0
    for trace in traces:
        if trace.completion_tokens is None:
            return None
        total += trace.completion_tokens
    return total
