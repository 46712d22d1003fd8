"""How much a model is to think, in the words of its family."""

from __future__ import annotations

import pytest
from tracemill.asking.effort import Rendering, family_of, rendering
from tracemill.asking.effort.families import _RENDER


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("Qwen/Qwen3-8B", "qwen3"),
        ("qwen3.5:27b", "qwen3"),
        ("openai/gpt-oss-120b", "gpt_oss"),
        ("o3", "o_series"),
        ("o4-mini", "o_series"),
        ("openai/gpt-5.1", "o_series"),
        ("gpt-4o-mini", "plain"),
        ("gemini-2.5-flash", "gemini"),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1", "nemotron"),
        ("nvidia/OpenReasoning-Nemotron-32B", "plain"),
        ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "plain"),
        ("HuggingFaceTB/SmolLM2-135M-Instruct", "plain"),
    ],
)
def test_the_family_is_read_from_the_models_name(model, family):
    assert family_of(model) == family


THINKING = {"chat_template_kwargs": {"enable_thinking": True}}
SILENT = {"chat_template_kwargs": {"enable_thinking": False}}


def google(**config):
    return {"extra_body": {"google": {"thinking_config": {**config, "include_thoughts": True}}}}


@pytest.mark.parametrize(
    ("model", "effort", "said"),
    [
        ("Qwen/Qwen3-8B", "off", Rendering(SILENT, after=" /no_think")),
        ("Qwen/Qwen3-8B", "dynamic", Rendering(THINKING, after=" /think")),
        ("Qwen/Qwen3-8B", "tokens 512", Rendering({**THINKING, "thinking_token_budget": 512}, after=" /think")),
        ("Qwen/Qwen3-8B", "wait 2", Rendering(THINKING, after=" /think", waits=2)),
        ("Qwen/Qwen3.5-9B", "off", Rendering(SILENT)),
        ("Qwen/Qwen3-4B-Instruct-2507", "off", Rendering()),
        ("Qwen/Qwen3-4B-Thinking-2507", "tokens 9", Rendering({"thinking_token_budget": 9})),
        ("openai/gpt-oss-20b", "low", Rendering({"reasoning_effort": "low"}, system="Reasoning: low")),
        ("o4-mini", "high", Rendering({"reasoning_effort": "high"})),
        ("gpt-5.1", "off", Rendering({"reasoning_effort": "none"})),
        ("gemini-2.5-flash", "off", Rendering(google(thinking_budget=0))),
        ("gemini-2.5-flash-lite", "off", Rendering(google(thinking_budget=0))),
        ("google/gemini-2.5-pro", "tokens 128", Rendering(google(thinking_budget=128))),
        ("gemini-2.5-flash", "tokens 2048", Rendering(google(thinking_budget=2048))),
        ("gemini-2.5-flash", "dynamic", Rendering(google(thinking_budget=-1))),
        ("gemini-2.5-flash", "medium", Rendering({"reasoning_effort": "medium"})),
        ("gemini-3-flash-preview", "low", Rendering(google(thinking_level="low"))),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1", "dynamic", Rendering(system="detailed thinking on")),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1", "off", Rendering(system="detailed thinking off")),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1_5", "off", Rendering(system="/no_think")),
        ("nvidia/NVIDIA-Nemotron-Nano-9B-v2", "dynamic", Rendering(system="/think")),
        ("nvidia/nemotron-3-nano-30b-a3b", "off", Rendering(SILENT)),
        ("deepseek-ai/DeepSeek-R1", "tokens 100", Rendering(thought=100)),
        ("deepseek-ai/DeepSeek-R1", "wait 1", Rendering(waits=1)),
    ],
)
def test_what_a_request_gets_for_an_effort(model, effort, said):
    assert rendering(family_of(model), model, effort) == said


@pytest.mark.parametrize(("effort", "tag"), [("low", "[Easy] "), ("high", "[Hard] ")])
def test_tags_stand_before_the_question(effort, tag):
    assert rendering("easy_hard", "any", effort) == Rendering(before=tag)


@pytest.mark.parametrize(
    ("model", "effort", "can"),
    [
        ("Qwen/Qwen3-8B", "medium", "it can: off, dynamic, tokens N, wait N"),
        ("openai/gpt-oss-20b", "off", "it can: low, medium, high"),
        ("o3", "off", "it can: low, medium, high"),
        ("o3", "tokens 50", "it can: low, medium, high"),
        ("gemini-2.5-flash", "wait 1", "it can: off, low, medium, high, dynamic, tokens N"),
        ("google/gemini-2.5-pro", "off", r"it can: low, medium, high, dynamic, tokens N \(N from 128 on\)"),
        ("gemini-2.5-pro", "tokens 127", r"it can: low, medium, high, dynamic, tokens N \(N from 128 on\)"),
        ("gemini-2.5-flash-lite", "tokens 511", r"it can: off, low, medium, high, dynamic, tokens N \(N from 512 on\)"),
        ("gemini-3-pro-preview", "off", "it can: low, medium, high, dynamic, tokens N"),
        ("any", "low", "it can: dynamic, tokens N, wait N"),
    ],
)
def test_a_level_that_a_family_has_not_is_refused_with_those_it_has(model, effort, can):
    with pytest.raises(ValueError, match=f"cannot be told to think '{effort}'; {can}"):
        rendering(family_of(model), model, effort)


@pytest.mark.parametrize("family", _RENDER)
def test_every_family_has_some_level(family):
    with pytest.raises(ValueError, match=r"it can: [^n]"):
        rendering(family, "any", "no such level")
