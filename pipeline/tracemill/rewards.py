"""Scores a model's response against a row of the view `rlvr`: 1.0 for the expected answer, 0.0 for a wrong one.

    compute_score     verl: one response; also for plain calls
    compute_scores    verl: a batch
    reward            TRL's GRPOTrainer: a batch

What cannot be judged is no wrong answer: an answer or a ground truth that cannot be read, a comparison that ran out of
time, a process that did not start. `reward` gives None for it, which TRL leaves out of training; the others raise
`NotJudged`, or return their argument `not_judged`.

What a model thinks is not its answer: `records/reasoning.py` says how the two are told apart. A thought that never ends
leaves no answer, which is wrong. Where the prompt opens the thought, pass `opened_in_prompt=True`: a response that is
cut off within it looks like an answer otherwise.

May be called from any thread, in forked, spawned and daemonic processes and in Ray's workers. Everything it needs is
imported with it: a fork while another thread imports would leave a lock behind that nobody opens.
`docs/rewards.md` shows how each trainer is set up.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

from tracemill.records import Check, Problem, Source, Trace, Turn
from tracemill.records.reasoning import opens_thought, split_reasoning
from tracemill.settings.errors import TroubleError
from tracemill.verifiers.answer.check import check_gold
from tracemill.verifiers.answer.verifier import CHILDREN, AnswerVerifier

_VERIFIER = AnswerVerifier()
_ATTEMPTS = 3
"""For what fails by trouble of the machine."""
_LOG = logging.getLogger(__name__)


class NotJudged(Exception):
    """Whether the answer is right is not known; the message says why."""


def compute_score(
    data_source: str,
    solution_str: Any,
    ground_truth: Any,
    extra_info: Any = None,
    *,
    opened_in_prompt: bool = False,
    not_judged: float | None = None,
    **_further: Any,
) -> float:
    """1.0 or 0.0: verl's reward of one response.

    `ground_truth` is the row's `reward_model.ground_truth`: JSON of answer and check. Where the check needs the
    question it holds that too; `extra_info["prompt"]`, where it is there, is used instead. `not_judged`: what to return
    where nothing can be said.

    Raises:
        NotJudged: nothing can be said, and `not_judged` is None.

    Example:
        >>> truth = '{"answer": "42", "check": {"kind": "numeric", "spec": {}}}'
        >>> compute_score("mine", "<think>6 * 7</think>It is \\\\boxed{42}.", truth)
        1.0
    """
    prompt = extra_info.get("prompt") if isinstance(extra_info, Mapping) else None
    try:
        return _score(solution_str, ground_truth, prompt, opened_in_prompt)
    except NotJudged as exc:
        if not_judged is None:
            raise NotJudged(f"{data_source}: {exc}") from exc
        _log_once(str(exc))
        return not_judged


def compute_scores(
    data_sources: Sequence[str],
    solution_strs: Sequence[Any],
    ground_truths: Sequence[Any],
    extra_infos: Sequence[Any] | None = None,
    **settings: Any,
) -> list[float]:
    """verl's reward of a batch, as its batch reward manager calls it; `settings` are those of `compute_score`."""

    def one(source: str, response: Any, truth: Any, extra_info: Any) -> float:
        return compute_score(source, response, truth, extra_info, **settings)

    return _in_threads(
        one,
        data_sources=data_sources,
        solution_strs=solution_strs,
        ground_truths=ground_truths,
        extra_infos=extra_infos,
    )


def reward(
    completions: Sequence[Any],
    ground_truth: Sequence[Any] | None = None,
    reward_model: Sequence[Any] | None = None,
    prompts: Sequence[Any] | None = None,
    *,
    opened_in_prompt: bool = False,
    log_metric: Callable[[str, float], None] | None = None,
    **_columns: Any,
) -> list[float | None]:
    """TRL's reward function: 1.0, 0.0, or None where nothing can be said.

    A completion is text or a list of messages; of these the last assistant message counts. The dataset has a column
    `ground_truth`, or verl's `reward_model`. Where TRL gives `log_metric`, it logs the share that was not judged.

    Raises:
        ValueError: the dataset has neither column.
    """
    if ground_truth is None and reward_model is None:
        raise ValueError("no column 'ground_truth' or 'reward_model'; train on the view 'rlvr'")
    truths = ground_truth if ground_truth is not None else [_truth_in(one) for one in reward_model or ()]

    def one(completion: Any, truth: Any, prompt: Any) -> float | None:
        try:
            return _score(completion, truth, prompt, opened_in_prompt)
        except NotJudged as exc:
            _log_once(str(exc))
            return None

    scores = _in_threads(one, completions=completions, ground_truth=truths, prompts=prompts)
    if log_metric and scores:
        log_metric("tracemill/not_judged", scores.count(None) / len(scores))
    return scores


def _in_threads(one: Callable[..., Any], **columns: Sequence[Any] | None) -> list[Any]:
    """`one` of each row, in order; None is a column of Nones. Threads, since the processes that compare what is hard
    are several.

    Raises:
        ValueError: columns of several lengths, which would leave rows without a score.
    """
    lengths = {name: len(column) for name, column in columns.items() if column is not None}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
        raise ValueError(f"columns of several lengths: {said}; give one of each for every response")
    with ThreadPoolExecutor(CHILDREN) as threads:
        return list(threads.map(one, *(repeat(None) if column is None else column for column in columns.values())))


def _score(response: Any, ground_truth: Any, prompt: Any, opened_in_prompt: bool) -> float:
    """
    Raises:
        NotJudged
    """
    answer = _answer_of(response, opened_in_prompt or _opens_thought(prompt))
    truth = _truth(ground_truth, _question(prompt))
    if answer is None:
        return 0.0
    for attempt in range(_ATTEMPTS):
        try:
            ruling = _VERIFIER.rule_by(truth.pattern, truth.problem, _trace(answer))
        except (TroubleError, OSError) as exc:
            if attempt + 1 == _ATTEMPTS:
                raise NotJudged(f"trouble of the machine, {_ATTEMPTS} times: {exc}") from exc
        except Exception as exc:
            # A fault of ours must neither end a training run nor enter it as a wrong answer.
            _LOG.exception("the verifier 'answer' failed")
            raise NotJudged(f"the verifier 'answer' failed: {type(exc).__name__}: {exc}") from exc
        else:
            break
    if ruling.outcome not in ("verified", "refuted"):
        raise NotJudged(ruling.reason)
    return 1.0 if ruling.outcome == "verified" else 0.0


class _Truth(NamedTuple):
    """What a row says of its problem. `pattern`: of the verifier that judged the dataset."""

    problem: Problem
    pattern: str | None


def _truth(ground_truth: Any, prompt: str) -> _Truth:
    if not isinstance(ground_truth, str):
        raise NotJudged(f"ground_truth is a text of JSON, not {type(ground_truth).__name__}")
    return _truth_of(ground_truth, prompt)


@lru_cache(maxsize=1024)
def _truth_of(ground_truth: str, prompt: str) -> _Truth:
    """The problem, its expected answer read once for all responses to it."""
    try:
        truth = json.loads(ground_truth)
        answer, check = truth["answer"], Check(truth["check"]["kind"], truth["check"]["spec"])
        prompt, pattern = prompt or truth.get("prompt", ""), truth.get("pattern")
        re.compile(pattern or "")
    except (re.error, ValueError, TypeError, KeyError, AttributeError, RecursionError) as exc:
        raise NotJudged(f"ground_truth is not {{answer, check: {{kind, spec}}}}: {exc!r}") from exc
    if not (isinstance(answer, str) and isinstance(prompt, str) and isinstance(check.spec, dict)):
        raise NotJudged("ground_truth: answer and prompt are texts, check.spec is an object")
    try:
        check_gold(check, answer, prompt)
    except Exception as exc:
        raise NotJudged(f"ground_truth: {exc}") from exc
    source = Source("", "", "", 0, 0)
    problem = Problem(id="", group_id="", domain="", prompt=prompt, answer=answer, check=check, source=source)
    return _Truth(problem, pattern)


def _trace(answer: str) -> Trace:
    return Trace(
        id="",
        digest="",
        problem_id="",
        skill="skills",
        teacher="policy",
        strategy="single",
        sample_index=0,
        path="0",
        turns=(Turn("assistant", content=answer),),
        finish_reason="stop",
    )


def _answer_of(response: Any, opened: bool) -> str | None:
    """The answer in a text, or in the last assistant message of a list; None in an unfinished thought.

    Raises:
        NotJudged: it is neither, which is a fault of the caller and no wrong answer.
    """
    if isinstance(response, str):
        return split_reasoning(response, opened).answer
    if isinstance(response, Mapping):
        response = [response]
    elif not isinstance(response, Iterable) or isinstance(response, bytes | bytearray):
        raise NotJudged(f"a response is a text or a list of messages, not {type(response).__name__}")
    said = [message for message in _messages(response) if message.get("role", "assistant") == "assistant"]
    if not said:
        return ""
    # Where the reasoning stands beside it, the content is the answer.
    apart = any(said[-1].get(key) for key in ("reasoning_content", "reasoning", "thinking"))
    return split_reasoning(_content(said[-1]), opened and not apart).answer


def _opens_thought(prompt: Any) -> bool:
    if isinstance(prompt, str):
        return opens_thought(prompt)
    messages = _messages(prompt)
    return bool(messages) and messages[-1].get("role") == "assistant" and opens_thought(_content(messages[-1]))


def _question(prompt: Any) -> str:
    if isinstance(prompt, str):
        return prompt
    return "\n\n".join(_content(message) for message in _messages(prompt) if message.get("role") == "user")


def _truth_in(reward_model: Any) -> Any:
    return reward_model.get("ground_truth") if isinstance(reward_model, Mapping) else None


def _messages(value: Any) -> list[Mapping[str, Any]]:
    """The messages in a list or an array of them; of anything else, none."""
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def _content(message: Mapping[str, Any]) -> str:
    """A message's text, which may come in parts."""
    content = message.get("content")
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part["text"] for part in _messages(content) if isinstance(part.get("text"), str))


@lru_cache(maxsize=256)
def _log_once(reason: str) -> None:
    _LOG.warning("not judged: %s", reason)
