"""`docs/training.md` holds: with the setting that it names for a family, and its code, the family's template shows all
of the reasoning, once.

The templates are written here, in the manner of those that the families ship: they do the same with a message."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import Environment
from solved import ANSWER, LINES, RIGHT, group
from tracemill.views.view import encode, view_with
from workplace import ROOT

PAGE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
CODE: dict[str, Any] = {}
exec("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), CODE)
ROWS = [line.strip()[1:-1].split("|") for line in PAGE.splitlines() if line.startswith("| ")]
TABLE = [[cell.strip().strip("`") for cell in row] for row in ROWS]
REASONING = "\n\n".join(LINES)
SAID = "An apple costs \\boxed{17}."

QWEN3 = """
{%- for message in messages %}
{%- if message.role != "assistant" %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n
{%- else %}
{%- set thought = "" %}{%- set content = message.content %}
{%- if message.reasoning_content is string %}{%- set thought = message.reasoning_content %}
{%- elif "</think>" in content %}
{%- set thought = content.split("</think>")[0].rstrip("\n").split("<think>")[-1].lstrip("\n") %}
{%- set content = content.split("</think>")[-1].lstrip("\n") %}
{%- endif %}<|im_start|>assistant\n<think>\n{{ thought.strip("\n") }}
{{- "\n</think>\n\n" + content.lstrip("\n") }}<|im_end|>\n
{%- endif %}
{%- endfor %}"""
CHATML = "{% for one in messages %}<|im_start|>{{ one['role'] }}\n{{ one['content'] }}<|im_end|>\n{% endfor %}"
LLAMA_3 = (
    "{% for one in messages %}<|start_header_id|>{{ one['role'] }}<|end_header_id|>\n\n"
    "{{ one['content'] | trim }}<|eot_id|>{% endfor %}"
)
DEEPSEEK_R1 = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'user' -%}{{ '<｜User｜>' + message['content'] }}{%- endif -%}"
    "{%- if message['role'] == 'assistant' -%}{%- set content = message['content'] -%}"
    "{%- if '</think>' in content -%}{%- set content = content.split('</think>')[-1] -%}{%- endif -%}"
    "{{ '<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>' }}{%- endif -%}{%- endfor -%}"
)
MISTRAL = """
{%- macro shown(content) %}{%- if content is string %}{{ content }}{%- else %}{%- for block in content %}
{%- if block.type == "text" %}{{ block.text }}{%- elif block.type == "thinking" %}[THINK]{{ block.thinking }}[/THINK]
{%- else %}{{ refuse() }}{%- endif %}{%- endfor %}{%- endif %}{%- endmacro %}
{%- for message in messages %}{%- if message.role == "user" %}[INST]{{ shown(message.content) }}[/INST]
{%- else %}{{ shown(message.content) }}</s>{%- endif %}{%- endfor %}"""
GPT_OSS = """
{%- for message in messages %}{%- if message.role == "user" %}<|start|>user<|message|>{{ message.content }}<|end|>
{%- else %}{%- if "<|channel|>" in message.content %}{{ refuse() }}{%- endif %}
{%- if "thinking" in message %}{{ "<|start|>assistant<|channel|>analysis<|message|>" + message.thinking + "<|end|>" }}
{%- endif %}{{ "<|start|>assistant<|channel|>final<|message|>" + message.content + "<|return|>" }}{%- endif %}
{%- endfor %}"""
TEMPLATES = {
    "Qwen3": QWEN3,
    "ChatML": CHATML,
    "Llama 3": LLAMA_3,
    "DeepSeek-R1": DEEPSEEK_R1,
    "Magistral": MISTRAL,
    "gpt-oss": GPT_OSS,
}
BETWEEN = {
    "Qwen3": "\n</think>\n\n",
    "ChatML": "\n</think>\n\n",
    "Llama 3": "\n</think>\n\n",
    "DeepSeek-R1": "\n</think>\n\n",
    "Magistral": "[/THINK]",
    "gpt-oss": "<|end|><|start|>assistant<|channel|>final<|message|>",
}
"""What each template puts between thought and reply."""


def messages(reasoning: str) -> list[dict[str, Any]]:
    """Those of a row, as they come back from Parquet."""
    view = view_with("sft", {"reasoning": reasoning})
    return encode("sft", view.schema, [view.row(group(ANSWER, RIGHT))]).to_pylist()[0]["messages"]


def rendered(template: str, conversation: list[dict[str, Any]]) -> str:
    def refuse() -> None:
        raise ValueError("the template refuses this message")

    return (
        Environment(trim_blocks=True, lstrip_blocks=True)
        .from_string(template)
        .render(messages=conversation, refuse=refuse)
    )


def advice(family: str) -> tuple[str, Callable[[Any], Any] | None]:
    [(_, reasoning, code)] = [cells for cells in TABLE if cells[0].startswith(family)]
    return reasoning, CODE[code] if code else None


@pytest.mark.parametrize("family", TEMPLATES)
def test_all_of_the_reasoning_is_there_once_with_the_setting_of_the_page(family: str) -> None:
    reasoning, code = advice(family)
    template, conversation = TEMPLATES[family], messages(reasoning)
    if code is CODE["keep_thoughts"]:
        template = code(template)
    elif code:
        conversation = code({"messages": conversation})["messages"]
    text = rendered(template, conversation)
    assert text.count(REASONING) == text.count(SAID) == 1
    assert REASONING + BETWEEN[family] + SAID in text
    assert text.count("<think>") == text.count("</think>") == BETWEEN[family].count("</think>")
    assert "None" not in text


def test_every_line_of_the_table_has_a_template() -> None:
    families = [cells[0] for cells in TABLE[2:]]
    assert all(any(family.startswith(known) for known in TEMPLATES) for family in families)
    assert len(families) == len(TEMPLATES)


@pytest.mark.parametrize(
    ("family", "reasoning"),
    [("DeepSeek-R1", "inline"), ("ChatML", "reasoning_content"), ("Llama 3", "reasoning_content")],
)
def test_without_the_advice_of_the_page_reasoning_is_lost(family: str, reasoning: str) -> None:
    text = rendered(TEMPLATES[family], messages(reasoning))
    assert LINES[0] not in text and SAID in text


def test_a_row_may_become_prompt_and_completion() -> None:
    for reasoning in ("inline", "reasoning_content"):
        conversation = messages(reasoning)
        parted = CODE["as_completion"]({"messages": conversation})
        assert [one["role"] for one in parted["completion"]] == ["assistant"]
        assert [*parted["prompt"], *parted["completion"]] == conversation
