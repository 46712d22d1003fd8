r"""Scores a model's response against a row of the view `rlvr`: 1.0 where the `answer` verifier verifies it, else 0.0.

For verl, `custom_reward_function.path` is this file and `custom_reward_function.name` is `compute_score`; for TRL's
`GRPOTrainer`, `reward_funcs=reward`, over a dataset with either verl's column `reward_model` or `ground_truth`.

What a model thinks is not its answer: a part `<think>…</think>` is dropped, and a response whose thinking does not end
scores 0.0. A ground truth that makes no sense raises, for it would teach the model that nothing is right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracemill.records import Problem, Trace
    from tracemill.verifiers.answer.verifier import AnswerVerifier

_OPEN, _CLOSE = "<think>", "</think>"


def compute_score(
    data_source: str, solution_str: str, ground_truth: str, extra_info: Mapping[str, Any] | None = None
) -> float:
    """verl's custom reward. `ground_truth` is the row's `reward_model.ground_truth`: JSON of answer and check.

    For an expression it holds the question too, so that a copy of it is told from an answer; `extra_info["prompt"]`,
    where it is there, is used instead.

    Raises:
        ValueError: `ground_truth` is not what the view `rlvr` writes.
    """
    prompt = (extra_info or {}).get("prompt", "")
    return _score(solution_str, ground_truth, prompt if isinstance(prompt, str) else _user_text(prompt), data_source)


def reward(
    completions: Sequence[Any],
    ground_truth: Sequence[str] | None = None,
    reward_model: Sequence[Mapping[str, Any]] | None = None,
    prompts: Sequence[Any] = (),
    **_columns: Any,
) -> list[float]:
    """TRL's reward function. A completion is text or a list of messages, of which the last is scored; a message's
    content is text or a list of parts with texts.

    Raises:
        ValueError: neither column is there, or one is not what the view `rlvr` writes.
    """
    if ground_truth is None:
        if reward_model is None:
            raise ValueError("no column 'ground_truth' or 'reward_model'; train on the view 'rlvr'")
        ground_truth = [one["ground_truth"] for one in reward_model]
    asked = [_user_text(prompt) for prompt in prompts] or [""] * len(completions)
    return [
        _score(_last_text(completion), truth, prompt, "trl")
        for completion, truth, prompt in zip(completions, ground_truth, asked, strict=True)
    ]


def answer_part(response: str) -> str | None:
    """What follows the thinking; None where the thinking does not end. The opening tag may stand in the prompt."""
    thought, closed, answer = response.rpartition(_CLOSE)
    if _OPEN in answer:
        return None
    return answer.strip() if closed or not thought else None


def _score(response: str, ground_truth: str, prompt: str, data_source: str) -> float:
    answer = answer_part(response)
    from tracemill.verifiers.answer.check import check_gold

    problem = _problem(ground_truth, prompt, data_source)
    check_gold(problem.check, problem.answer, problem.prompt)
    if answer is None:
        return 0.0
    return 1.0 if _verifier().rule(problem, _trace(problem, answer)).outcome == "verified" else 0.0


@cache
def _verifier() -> AnswerVerifier:
    from tracemill.verifiers.answer.verifier import AnswerVerifier

    return AnswerVerifier()


def _problem(ground_truth: str, prompt: str, data_source: str) -> Problem:
    from tracemill.records import Check, Problem, Source

    try:
        truth = json.loads(ground_truth)
        answer, check = truth["answer"], Check(truth["check"]["kind"], truth["check"]["spec"])
        prompt = prompt or truth.get("prompt", "")
    except (ValueError, TypeError, KeyError) as exc:
        raise ValueError(f"ground_truth of {data_source!r} is not {{answer, check: {{kind, spec}}}}: {exc}") from exc
    if not (isinstance(answer, str) and isinstance(prompt, str) and isinstance(check.spec, dict)):
        raise ValueError(f"ground_truth of {data_source!r}: answer and prompt are texts, check.spec is an object")
    source = Source(data_source, "", "", 0, 0)
    return Problem(id="", group_id="", domain="", prompt=prompt, answer=answer, check=check, source=source)


def _trace(problem: Problem, answer: str) -> Trace:
    from tracemill.records import Trace, Turn

    return Trace(
        id="",
        digest="",
        problem_id=problem.id,
        skill="skills",
        teacher="policy",
        strategy="single",
        sample_index=0,
        path="0",
        turns=(Turn("assistant", content=answer),),
        finish_reason="stop",
    )


def _last_text(completion: Any) -> str:
    if isinstance(completion, str):
        return completion
    return _content(completion[-1]) if completion else ""


def _user_text(prompt: Any) -> str:
    if isinstance(prompt, str):
        return prompt
    return "\n\n".join(_content(message) for message in prompt if message.get("role") == "user")


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)
