"""The view `budget`: one problem at several efforts, each with its shortest verified solution and how often that effort
is enough, for TRL's SFT trainer: a model learns to think as much as it is told to, and as much as it takes.

Efforts go from the least to the greatest: `off`, `tokens N` by N, `low`, `medium`, `high`, `dynamic`, `wait N` by N.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import polars as pl
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from tracemill.asking.effort import Rendering, number_in, rendering
from tracemill.records import Verdict
from tracemill.records.trace import DERIVED
from tracemill.views import sft
from tracemill.views.columns import FLAG, INT, LONG, MESSAGE, NUMBER, TEXT, may, need, view_schema
from tracemill.views.groups import EachEffort
from tracemill.views.policies import not_right
from tracemill.views.view import RowGroup, View, ViewRow

Controls = Literal["qwen3", "gpt_oss", "nemotron", "easy_hard"]
ENOUGH = 0.5
"""An effort is sufficient for a problem from this pass rate on."""
_LEVELS = ("off", "tokens", "low", "medium", "high", "dynamic", "wait")


def _schema(messages: pa.DataType) -> pa.Schema:
    return view_schema(
        [
            need("messages", messages, "as in `sft`, with the control in the prompt"),
            need("thinking", FLAG, "whether there is reasoning before the reply"),
            may("control", TEXT, "the prompt has none", "the control as written, such as `[Easy]` or `/no_think`"),
            need("effort", TEXT, "the effort's name"),
            need("effort_rank", INT, "0 is the least effort at which this problem was tried"),
            need("efforts", INT, "at how many efforts this problem was tried"),
            may("budget_tokens", LONG, "no budget was given", "the budget in tokens"),
            may("pass_rate", NUMBER, "not measured", "share of samples whose answer was verified at this effort"),
            may(
                "sufficient",
                FLAG,
                "not measured",
                "whether this is the least effort at which at least half of the samples have a verified answer",
            ),
        ]
    )


SCHEMA = _schema(pa.list_(MESSAGE))


class BudgetConfig(BaseModel):
    """`controls`: how the prompt says how much to think: in the words of a family of models (see `asking/effort`), such
    as `/think` and `/no_think` for `qwen3`, `[Easy]` and `[Hard]` for `easy_hard`; null says nothing. An effort for
    which the family has no words says nothing either. `reasoning`: as for `sft`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["budget"]
    controls: Controls | None = "easy_hard"
    reasoning: Literal["inline", "reasoning_content"] = "inline"


def policy(require: Sequence[str]) -> pl.Expr:
    """An independent sample that was asked for at some effort, and that every required verifier and `answer` verified.
    Its rank does not count: the best of all samples has one effort."""
    return pl.coalesce(
        pl.when(pl.col("effort").is_null()).then(pl.lit("no effort stated")),
        pl.when(pl.col("relation").is_in(DERIVED)).then(pl.format("a {}", "relation")),
        not_right(tuple(dict.fromkeys((*require, "answer")))),
    )


def row(group: RowGroup, config: BudgetConfig) -> ViewRow:
    """The first trace, beside what all of them say of the efforts. `trace_ids` has them all.

    Raises:
        ValueError: no verifier verified the first trace, it was asked for at no effort, or its answer was not judged.
    """
    shown = group.traces[0]
    if shown.effort is None:
        raise ValueError(f"view 'budget': trace {shown.id} states no effort")
    rates = _rates(group)
    efforts = sorted(rates, key=order_of)
    if shown.effort not in rates:
        raise ValueError(f"view 'budget': the answer of trace {shown.id} was not decided")
    sufficient = next((one for one in efforts if rates[one] >= ENOUGH), None)
    control = _control(config.controls, shown.effort)
    alone = replace(group, traces=group.traces[:1], verdicts=group.verdicts[:1])
    found = sft.row(alone) if config.reasoning == "inline" else sft.row_with_reasoning_content(alone)
    return {
        **found,
        "messages": _controlled(found["messages"], control),
        "thinking": any(turn.reasoning for turn in shown.turns),
        "control": "".join((control.system, control.before, control.after)).strip() or None,
        "effort": shown.effort,
        "effort_rank": efforts.index(shown.effort),
        "efforts": len(efforts),
        "budget_tokens": shown.budget_tokens,
        "pass_rate": rates[shown.effort],
        "sufficient": shown.effort == sufficient,
        "trace_ids": [trace.id for trace in group.traces],
    }


def order_of(effort: str) -> tuple[int, int]:
    """Where an effort stands among others."""
    return _LEVELS.index(effort.split(" ", maxsplit=1)[0]), number_in(effort) or 0


def _rates(group: RowGroup) -> dict[str, float]:
    """By effort, the share of the decided answers that were verified."""
    found: dict[str, list[bool]] = {}
    for trace, verdicts in zip(group.traces, group.verdicts, strict=True):
        right = _right(verdicts)
        if trace.effort is not None and right is not None:
            found.setdefault(trace.effort, []).append(right)
    return {effort: sum(some) / len(some) for effort, some in found.items()}


def _right(verdicts: Mapping[str, Verdict]) -> bool | None:
    outcome = verdicts["answer"].outcome if "answer" in verdicts else None
    return outcome == "verified" if outcome in ("verified", "refuted") else None


def _control(family: Controls | None, effort: str) -> Rendering:
    if family is None:
        return Rendering()
    try:
        return rendering(family, "", effort)
    except ValueError:
        return Rendering()


def _controlled(messages: Sequence[Mapping[str, Any]], control: Rendering) -> list[dict[str, Any]]:
    """The messages as the model would get them for this effort."""
    found: list[dict[str, Any]] = [dict(message) for message in messages]
    blank: dict[str, Any] = dict.fromkeys(found[0])
    if control.system and found[0]["role"] == "system":
        found[0]["content"] = f"{control.system}\n\n{found[0]['content']}"
    elif control.system:
        found.insert(0, {**blank, "role": "system", "content": control.system})
    asked = next(message for message in found if message["role"] == "user")
    asked["content"] = f"{control.before}{asked['content']}{control.after}"
    return found


def _configured(config: BudgetConfig) -> View:
    with_reasoning = config.reasoning == "reasoning_content"
    messages = sft.SCHEMA_WITH_REASONING_CONTENT.field("messages").type if with_reasoning else pa.list_(MESSAGE)
    return replace(VIEW, schema=_schema(messages), row=partial(row, config=config))


VIEW = View(
    version="2",
    schema=SCHEMA,
    grouping=EachEffort(),
    policy=policy,
    row=partial(row, config=BudgetConfig(kind="budget")),
    needs=("answer",),
    Config=BudgetConfig,
    configured=_configured,
    use="supervised fine-tuning of how long to think: by a control in the prompt, or as little as it takes",
    snippet=(
        "from datasets import load_dataset\nfrom trl import SFTTrainer\n\n{load}\n"
        "# To learn the least effort that is enough, keep those rows alone:\n"
        '# rows = rows.filter(lambda row: row["sufficient"])\n'
        'SFTTrainer(model="MODEL", train_dataset=rows).train()'
    ),
)
