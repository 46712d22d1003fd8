from __future__ import annotations

import pytest
from tracemill.sources.replies import reply_text

ASKED = {"role": "user", "content": "6 * 7?"}
THOUGHT = "<think>\n6 * 7\n</think>\n\n42"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("42", "42"),
        ([ASKED, {"role": "assistant", "content": "42"}], "42"),
        ({"role": "assistant", "content": "42", "reasoning_content": "6 * 7"}, THOUGHT),
        ([ASKED, {"role": "assistant", "content": "42", "reasoning": "6 * 7"}], THOUGHT),
        ([{"from": "human", "value": "6 * 7?"}, {"from": "gpt", "value": "42"}], "42"),
        ([{"role": "assistant", "content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}], "42"),
        (
            {
                "role": "assistant",
                "content": [{"type": "thinking", "thinking": "6 * 7"}, {"type": "text", "text": "42"}],
            },
            THOUGHT,
        ),
        (
            {
                "role": "assistant",
                "content": [{"thinking": [{"type": "text", "text": "6 * 7"}]}, {"type": "text", "text": "42"}],
            },
            THOUGHT,
        ),
        ({"role": "assistant", "content": None, "reasoning_content": "6 * 7"}, "<think>\n6 * 7\n</think>\n\n"),
    ],
)
def test_a_reply_is_read_in_the_usual_forms(value: object, text: str) -> None:
    assert reply_text(value) == text


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        [ASKED],
        ["42", "43"],
        [{"role": "assistant", "content": "1"}, ASKED, {"role": "assistant", "content": "2"}],
        [{"role": "assistant", "content": "", "tool_calls": [{"name": "run"}]}],
    ],
)
def test_what_is_not_one_reply_is_none(value: object) -> None:
    assert reply_text(value) is None
