"""The view `rlvr`: a problem with what is needed to score an answer to it, for verl and TRL's GRPO trainer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from tracemill.records import Payload, Problem, canonical_json
from tracemill.views.columns import INT, LONG, MESSAGE, NUMBER, TEXT, may, need, view_schema
from tracemill.views.groups import EachProblem
from tracemill.views.policies import verified_by_none
from tracemill.views.row_parts import common_columns, prompt_messages, require_verified
from tracemill.views.view import RowGroup, View, ViewRow

REWARD_MODEL = pa.struct(
    [
        need("style", TEXT, "`rule`"),
        need(
            "ground_truth",
            TEXT,
            'json: `{"answer": …, "check": {"kind": …, "spec": …}}`, `prompt` for checks of kind `numeric` '
            "and `symbolic`, and `pattern` where the verifier `answer` had one",
        ),
    ]
)
EXTRA_INFO = pa.struct(
    [
        need("split", TEXT, "the problem's split"),
        need("index", LONG, "the problem's index within its source"),
        need("problem_id", TEXT, "as in the common columns"),
        need("group_id", TEXT, "shared by twins and variants of the problem"),
        need("domain", TEXT, "as in the common columns"),
        need("stage", TEXT, "as in the common columns"),
        may("difficulty", NUMBER, "not known", "as in the common columns"),
    ]
)

SCHEMA = view_schema(
    [
        need("data_source", TEXT, "`tracemill/<area.field.task>`"),
        need("prompt", pa.list_(MESSAGE), "system text if there is one, and the prompt"),
        need("ability", TEXT, "the area, the first part of `domain`: `math`, `logic` …"),
        need("reward_model", REWARD_MODEL, "the rule and the expected answer"),
        need("extra_info", EXTRA_INFO, "what verl hands to the reward function"),
        may("tools", TEXT, "the problem has no tools", "json: a list of the tools' JSON schemas"),
        may(
            "pass_rate",
            NUMBER,
            "not measured",
            "share of a model's samples that were verified: of the student by whom difficulty is measured, else of the "
            "teacher",
        ),
        may("pass_rate_samples", INT, "not measured", "how many samples"),
    ]
)

_JUDGES = ("answer", "code")
"""Either says whether an answer is right; which of them depends on the kind of the problem's check."""


def policy(_require: Sequence[str]) -> pl.Expr:
    """Its answer was reached and verified, so the problem can be solved and its check works."""
    return verified_by_none(*_JUDGES)


def row(group: RowGroup) -> ViewRow:
    """A problem in verl's columns. Its traces show that the expected answer can be reached; the row holds no text of
    theirs, so it has no `tokens` and no `coverage`.

    Raises:
        ValueError: no trace, or one that neither `answer` nor `code` verified.
    """
    problem = group.problem
    if not group.traces:
        raise ValueError(f"view 'rlvr' needs a verified trace of problem {problem.id}")
    for trace, verdicts in zip(group.traces, group.verdicts, strict=True):
        require_verified("rlvr", trace, verdicts, _JUDGES)
    judges = [one["answer"].judge for one in group.verdicts if "answer" in one]
    return {
        "data_source": f"tracemill/{problem.task}",
        "prompt": prompt_messages(problem),
        "ability": problem.area,
        "reward_model": {"style": "rule", "ground_truth": ground_truth(problem, judges)},
        "extra_info": _extra_info(group),
        "tools": canonical_json(problem.tools) if problem.tools else None,
        **_pass_rate(group),
        **common_columns(group),
        "coverage": None,
        "tokens": None,
    }


def ground_truth(problem: Problem, judges: Sequence[Payload]) -> str:
    """What scoring a response needs, as JSON. `judges`: the parameters of the verifier `answer` in verdicts on it."""
    truth: dict[str, Any] = {
        "answer": problem.answer,
        "check": {"kind": problem.check.kind, "spec": problem.check.spec},
    }
    if problem.check.kind in ("numeric", "symbolic"):
        # The question says whether a percentage is meant, and in which units; and where it is itself equal to its
        # answer, a copy of it is no solution.
        truth["prompt"] = problem.prompt
    if pattern := next((judge["pattern"] for judge in judges if "pattern" in judge), None):
        # Without it a response that ends as the config says would count as one without an answer.
        truth["pattern"] = pattern
    return canonical_json(truth)


def _pass_rate(group: RowGroup) -> dict[str, Any]:
    measured = group.estimate if group.estimate and group.estimate.n else None
    return {
        "pass_rate": measured and measured.k / measured.n,
        "pass_rate_samples": measured and measured.n,
    }


def _extra_info(group: RowGroup) -> dict[str, Any]:
    problem = group.problem
    return {
        "split": problem.split,
        "index": problem.source.index,
        "problem_id": problem.id,
        "group_id": problem.group_id,
        "domain": problem.domain,
        "stage": group.stage,
        "difficulty": problem.difficulty,
    }


VIEW = View(
    version="4",
    schema=SCHEMA,
    grouping=EachProblem(least=1, otherwise="no verified answer"),
    policy=policy,
    row=row,
    needs=_JUDGES,
    task="reinforcement-learning",
    use="reinforcement learning with answers that `tracemill.rewards` checks",
    snippet=(
        "from datasets import load_dataset\nfrom tracemill.rewards import reward\nfrom trl import GRPOTrainer\n\n"
        "{load}\n"
        'GRPOTrainer(model="MODEL", reward_funcs=reward, train_dataset=rows).train()'
    ),
)
