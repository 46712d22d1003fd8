"""How families of models are told how much to think.

    family     how                                                               levels
    qwen3      `enable_thinking` of the chat template, and `/think`, `/no_think`  off, dynamic, tokens N, wait N
    gpt_oss    `reasoning_effort`, and `Reasoning: low` in the system prompt      low, medium, high
    o_series   `reasoning_effort` (o3, gpt-5, …)                                  low, medium, high; off since gpt-5.1
    gemini     `thinking_budget` 0, N or -1; levels by name                       all but wait N; off of some
    nemotron   `detailed thinking on`, `/think` or `enable_thinking`              off, dynamic, tokens N, wait N
    easy_hard  `[Easy]` or `[Hard]` before the question                           low, high
    plain      nothing is said; a thought that is too long is ended (s1)          dynamic, tokens N, wait N

`tokens N` is `thinking_token_budget` of vLLM for qwen3 and nemotron; its server needs `--reasoning-config`. For plain
models, which know of no budget, the thought is cut after N tokens and the model asked for its answer, as s1 does
(arXiv:2501.19393); `wait N` is s1's too. Both want a server that can continue a message: vLLM, SGLang.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tracemill.asking.effort.levels import FORM, number_in

ModelFamily = Literal["qwen3", "gpt_oss", "o_series", "gemini", "nemotron", "easy_hard", "plain"]


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a request gets for an effort: further keys of its `body`; the first line of its `system` message; what
    stands `before` and `after` the user's last message. `thought`: tokens after which a thought is ended; `waits`: how
    often one is continued that has ended."""

    body: Mapping[str, Any] = field(default_factory=dict)
    system: str = ""
    before: str = ""
    after: str = ""
    thought: int | None = None
    waits: int = 0


_NAMES: tuple[tuple[str, ModelFamily], ...] = (
    # Trained from models of these families, without their switches.
    (r"deepseek|openreasoning|acereason", "plain"),
    (r"gpt-oss", "gpt_oss"),
    (r"(?:^|/)(?:o[1-9](?:-|$)|gpt-[5-9])", "o_series"),
    (r"gemini", "gemini"),
    (r"nemotron", "nemotron"),
    (r"qwen-?3", "qwen3"),
)


def family_of(model: str) -> ModelFamily:
    """The family that a model's name speaks of; `plain` where it speaks of none.

    >>> family_of("Qwen/Qwen3-8B")
    'qwen3'
    """
    return next((family for pattern, family in _NAMES if re.search(pattern, model.lower())), "plain")


LEVELS = ("off", "low", "medium", "high", "dynamic", "tokens N", "wait N")


def rendering(family: ModelFamily, model: str, effort: str) -> Rendering:
    """What a request to a model of the family gets, so that it thinks so much.

    Raises:
        ValueError: the family cannot; with the levels that it can.
    """
    render = _RENDER[family]
    if re.search(FORM, effort) and (found := render(model.lower(), effort)):
        return found
    least = _least_tokens(model.lower())
    probes = {level: level.replace("N", str(least)) for level in LEVELS}
    can = ", ".join(level for level, probe in probes.items() if render(model.lower(), probe))
    if least > 1:
        can += f" (N from {least} on)"
    raise ValueError(
        f"{model!r} (family {family}) cannot be told to think {effort!r}; it can: {can or 'nothing'}. "
        "Where the model is of another family, name that under `family`"
    )


def _qwen3(model: str, effort: str) -> Rendering | None:
    if "thinking-2507" in model:
        return _ended_by_server(effort, {}, "")
    if "instruct-2507" in model or "coder" in model:
        return Rendering() if effort == "off" else None
    # Qwen3.5 and later know the template's switch alone; for others it goes before the words.
    words = not re.search(r"qwen-?3\.[5-9]", model)
    switch = {"chat_template_kwargs": {"enable_thinking": effort != "off"}}
    if effort == "off":
        return Rendering(body=switch, after=" /no_think" if words else "")
    return _ended_by_server(effort, switch, " /think" if words else "")


def _ended_by_server(effort: str, body: Mapping[str, Any], after: str, system: str = "") -> Rendering | None:
    """With thought, which vLLM ends after so many tokens."""
    number = number_in(effort)
    if effort.startswith("tokens"):
        return Rendering({**body, "thinking_token_budget": number}, system, after=after)
    if effort.startswith("wait"):
        return Rendering(body, system, after=after, waits=number or 0)
    return Rendering(body, system, after=after) if effort == "dynamic" else None


def _gpt_oss(_: str, effort: str) -> Rendering | None:
    if effort not in ("low", "medium", "high"):
        return None
    return Rendering({"reasoning_effort": effort}, system=f"Reasoning: {effort}")


def _o_series(model: str, effort: str) -> Rendering | None:
    if effort in ("low", "medium", "high"):
        return Rendering({"reasoning_effort": effort})
    return (
        Rendering({"reasoning_effort": "none"})
        if effort == "off" and re.search(r"gpt-(?:5\.[1-9]|[6-9])", model)
        else None
    )


_GEMINI_THINKS_ALWAYS = r"gemini-(?:2\.5-pro|[3-9])"
"""Google: 'Reasoning cannot be turned off for Gemini 2.5 Pro or 3 models' (its page on compatibility with OpenAI)."""
_LEAST_TOKENS = {"gemini-2.5-pro": 128, "gemini-2.5-flash-lite": 512}
"""The smallest budgets for a thought that these models take."""


def _least_tokens(model: str) -> int:
    return next((least for name, least in _LEAST_TOKENS.items() if name in model), 1)


def _gemini(model: str, effort: str) -> Rendering | None:
    if effort in ("low", "medium", "high"):
        if re.search(r"gemini-[3-9]", model):
            return _thinking({"thinking_level": effort})
        return Rendering({"reasoning_effort": effort})
    budget = {"off": 0, "dynamic": -1}.get(effort, number_in(effort))
    if effort.startswith("wait") or (effort == "off" and re.search(_GEMINI_THINKS_ALWAYS, model)):
        return None
    if effort.startswith("tokens") and (budget or 0) < _least_tokens(model):
        return None
    return _thinking({"thinking_budget": budget})


def _thinking(config: Mapping[str, Any]) -> Rendering:
    """Google's own keys stand within a key `extra_body` of the request. Thoughts come in the content, between tags."""
    return Rendering({"extra_body": {"google": {"thinking_config": {**config, "include_thoughts": True}}}})


def _nemotron(model: str, effort: str) -> Rendering | None:
    on = effort != "off"
    body: Mapping[str, Any] = {}
    if re.search(r"nemotron-[3-9]", model):
        body, system = {"chat_template_kwargs": {"enable_thinking": on}}, ""
    elif "llama" in model and not re.search(r"v1[._-]5", model):
        system = f"detailed thinking {'on' if on else 'off'}"
    else:
        system = "/think" if on else "/no_think"
    return _ended_by_server(effort, body, "", system) if on else Rendering(body, system)


def _easy_hard(_: str, effort: str) -> Rendering | None:
    tag = {"low": "[Easy] ", "high": "[Hard] "}.get(effort)
    return Rendering(before=tag) if tag else None


def _plain(_: str, effort: str) -> Rendering | None:
    if effort.startswith("tokens"):
        return Rendering(thought=number_in(effort))
    return _ended_by_server(effort, {}, "")


_RENDER: Mapping[ModelFamily, Callable[[str, str], Rendering | None]] = {
    "qwen3": _qwen3,
    "gpt_oss": _gpt_oss,
    "o_series": _o_series,
    "gemini": _gemini,
    "nemotron": _nemotron,
    "easy_hard": _easy_hard,
    "plain": _plain,
}
