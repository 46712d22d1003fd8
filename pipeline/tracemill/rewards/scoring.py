"""Judges a response to a row of `rlvr` in this process.

What a model thinks is not its answer: `records/reasoning.py` says how the two are told apart. A thought that never ends
leaves no answer, which is wrong. Where the prompt opens the thought, pass `opened_in_prompt=True`: a response that is
cut off within it looks like an answer otherwise.

May be called from any thread, in forked, spawned and daemonic processes and in Ray's workers. Everything it needs is
imported with it: a fork while another thread imports would leave a lock behind that nobody opens.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Check, Outcome, Problem, Source, Strength, Trace, Turn
from tracemill.records.reasoning import opens_thought, split_reasoning
from tracemill.settings.errors import TroubleError
from tracemill.verifiers.answer.check import check_gold
from tracemill.verifiers.answer.verifier import CHILDREN, AnswerVerifier
from tracemill.verifiers.code.spec import KIND as PROGRAMS
from tracemill.verifiers.code.spec import read_spec
from tracemill.verifiers.code.verifier import CodeVerifier

_ANSWERS = AnswerVerifier()
_PROGRAMS = CodeVerifier()
"""For checks of kind `code`; all others are for `answer`."""
_ATTEMPTS = 3
"""For what fails by trouble of the machine."""
_LOG = logging.getLogger(__name__)


class NotJudged(Exception):
    """Whether the answer is right is not known; the message says why."""


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What is known of a response. `reward`: 1.0 where it is `verified`, 0.0 where `refuted`, else None. `verifier` and
    `version` are empty where none was asked, as for a row that cannot be read."""

    reward: float | None
    outcome: Outcome
    reason: str
    verifier: str = ""
    version: str = ""
    strength: Strength | None = None
    isolation: str | None = None


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
    try:
        return _score(solution_str, ground_truth, prompt_in(extra_info), opened_in_prompt)
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
    truths = truths_of(ground_truth, reward_model)

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


def truths_of(ground_truth: Sequence[Any] | None, reward_model: Sequence[Any] | None) -> Sequence[Any]:
    """Raises: ValueError: the dataset has neither column."""
    if ground_truth is not None:
        return ground_truth
    if reward_model is None:
        raise ValueError("no column 'ground_truth' or 'reward_model'; train on the view 'rlvr'")
    return [_truth_in(one) for one in reward_model]


def prompt_in(extra_info: Any) -> Any:
    return extra_info.get("prompt") if isinstance(extra_info, Mapping) else None


def same_length(**columns: Sequence[Any] | None) -> None:
    """Raises: ValueError: columns of several lengths, which would leave rows without a score."""
    lengths = {name: len(column) for name, column in columns.items() if column is not None}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
        raise ValueError(f"columns of several lengths: {said}; give one of each for every response")


def _in_threads(one: Callable[..., Any], **columns: Sequence[Any] | None) -> list[Any]:
    """`one` of each row, in order; None is a column of Nones. Threads, since the processes that compare what is hard
    are several.

    Raises:
        ValueError: columns of several lengths.
    """
    same_length(**columns)
    with ThreadPoolExecutor(CHILDREN) as threads:
        return list(threads.map(one, *(repeat(None) if column is None else column for column in columns.values())))


def judge_row(response: Any, ground_truth: Any, prompt: Any = None, *, opened_in_prompt: bool = False) -> RowVerdict:
    """The verdict on one response: a text, a message or a list of messages. Never raises for what it is given.

    `ground_truth`: as for `compute_score`. `prompt`: the row's, where it is at hand.

    Example:
        >>> judge_row("It is \\boxed{42}.", '{"answer": "42", "check": {"kind": "numeric", "spec": {}}}').reward
        1.0
    """
    try:
        answer = _answer_of(response, opened_in_prompt or _opens_thought(prompt))
        truth = _truth(ground_truth, _question(prompt))
    except NotJudged as exc:
        return RowVerdict(None, "error", str(exc))
    try:
        verifier = _PROGRAMS if truth.problem.check.kind == PROGRAMS else _ANSWERS
        if answer is None:
            ruling = Ruling("refuted", "a thought that never ends", strength="exact")
        else:
            ruling = _ruling(verifier, truth, answer)
    except Exception as exc:  # noqa: BLE001  see `_trouble`
        return RowVerdict(None, "error", _trouble(exc))
    decided = ruling.outcome in ("verified", "refuted")
    return RowVerdict(
        reward=float(ruling.outcome == "verified") if decided else None,
        outcome=ruling.outcome,
        reason=ruling.reason,
        verifier=verifier.name,
        version=verifier.version,
        strength=ruling.strength if decided else None,
        isolation=ruling.isolation,
    )


def _score(response: Any, ground_truth: Any, prompt: Any, opened_in_prompt: bool) -> float:
    """
    Raises:
        NotJudged
    """
    verdict = judge_row(response, ground_truth, prompt, opened_in_prompt=opened_in_prompt)
    if verdict.reward is None:
        raise NotJudged(verdict.reason)
    return verdict.reward


def _ruling(verifier: AnswerVerifier | CodeVerifier, truth: _Truth, answer: str) -> Ruling:
    """Raises: whatever the verifier raises; trouble of the machine only where it came `_ATTEMPTS` times."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            if isinstance(verifier, AnswerVerifier):
                return verifier.rule_by(truth.pattern, truth.problem, _trace(answer))
            return verifier.rule(truth.problem, _trace(answer))
        except (TroubleError, OSError):
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("there is at least one attempt")


def _trouble(exc: Exception) -> str:
    """Why nothing can be said. A fault of ours must neither end a training run nor enter it as a wrong answer."""
    if isinstance(exc, TroubleError | OSError):
        return f"trouble of the machine, {_ATTEMPTS} times: {exc}"
    _LOG.error("a verifier failed", exc_info=exc)
    return f"the verifier failed: {type(exc).__name__}: {exc}"


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
        if check.kind == PROGRAMS:
            read_spec(check)
        else:
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
