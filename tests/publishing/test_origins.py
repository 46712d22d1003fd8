"""What the card says of the teacher."""

from __future__ import annotations

from typing import Any

from tracemill.publishing.figures.origins import card


def shown(**teacher: Any) -> str:
    return card({"sources": [], "notices": [], "unnoticed": [], "languages": [], "teacher": teacher})


def test_the_card_says_when_code_of_the_model_was_run():
    assert "Teacher: org/tiny (`vllm`)" in shown(kind="vllm", name="org/tiny")
    assert "ran code that came with" not in shown(kind="vllm", name="org/tiny")
    assert "It ran code that came with the model." in shown(kind="vllm", name="org/tiny", remote_code=True)
