"""Text of others can do nothing to a terminal or a card but be read."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracemill.settings.encoders import markdown_code, markdown_text, terminal_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]52;c;aGk=\x07", r"\x1b]52;c;aGk=\x07"),
        ("\x9b31mred", r"\x9b31mred"),
        ("done\rFAIL", r"done\x0dFAIL"),
        ("a\x08b", r"a\x08b"),
        ("x\u202eoops", r"x\u202eoops"),
        ("\ud800", r"\ud800"),
        ("two\n\tlines, × and 中 and 🙂", "two\n\tlines, × and 中 and 🙂"),
    ],
)
def test_a_terminal_gets_nothing_to_obey(text: str, shown: str) -> None:
    assert terminal_text(text) == shown


@settings(deadline=None)
@given(st.text())
def test_no_control_character_is_left_for_a_terminal(text: str) -> None:
    shown = terminal_text(text)
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t"]
    shown.encode()


@pytest.mark.parametrize(
    "text",
    [
        "MIT",
        "Apache-2.0 AND (BSD-3-Clause OR MIT)",
        "math.algebra.linear_system.market",
        "sha256:ab12",
        "steps@4",
        "GSM8K annotators, 3 of 240 (0.4% to 3.6%)",
        "",
    ],
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert markdown_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[free](https://evil.example)",
        "![x](y)",
        "https://evil.example",
        "see www.evil.example",
        "me@evil.example",
        "*bold*",
        "_emphasis_ ",
        "&lt;b&gt;",
        "# a heading",
        "- an item",
        "1. an item",
        "a | b",
    ],
)
def test_what_would_be_markup_is_a_code_span(text: str) -> None:
    assert markdown_text(text) == f"`{text.strip()}`"


def test_a_code_span_ends_where_its_text_ends() -> None:
    assert markdown_code("a`b") == "``a`b``"
    assert markdown_code("`") == "`` ` ``"
    assert markdown_code("a ``` b\n<b>") == "````a ``` b <b>````"


@settings(deadline=None)
@given(st.text(alphabet="`<>a_*[]()!\\\n|&;:/#-="))
def test_nothing_but_text_and_code_comes_out_of_a_reader_of_markdown(text: str) -> None:
    from markdown_it import MarkdownIt

    shown = MarkdownIt("commonmark").render(f"{markdown_text(text)}\n\nafter {markdown_code(text)} all")
    assert set(re.findall("<[^>]*>", shown)) <= {"<p>", "</p>", "<code>", "</code>"}
