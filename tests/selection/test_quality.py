from __future__ import annotations

import polars as pl
import pytest
from tracemill.selection.quality import flaws, repeated_share
from tracemill.selection.select_config import Quality
from tracemill.selection.tokens import tokenise

PLAIN = """Let x be the price of an apple and y that of a pear. From the first purchase, 3x + 2y = 19, and from the
second, x + 2y = 9. Subtracting the second equation from the first leaves 2x = 10, so x = 5. Putting this back into
the second equation gives 5 + 2y = 9, hence 2y = 4 and y = 2. Check: 3·5 + 2·2 = 15 + 4 = 19 — as it should be."""


def found(reasoning: str = PLAIN, content: str = "Answer: x = 5, y = 2", finish: str = "stop") -> tuple[str, str]:
    frame = pl.DataFrame({"finish_reason": [finish], "reasoning": [reasoning], "content": [content]})
    [row] = flaws(frame, tokenise([f"{reasoning}\n\n{content}"]), Quality()).rows()
    return row


def test_an_ordinary_solution_is_sound():
    assert found() == ("", "")
    assert found(reasoning="") == ("", "")
    assert found(content=PLAIN + "\n\n" + PLAIN) == ("", "")  # a draft, a check and the final text


@pytest.mark.parametrize("finish", ["length", "budget", "error", "content_filter", "tool_calls"])
def test_62_whatever_did_not_stop_by_itself_is_truncated(finish: str):
    assert found(finish=finish) == ("truncated", finish)


@pytest.mark.parametrize(
    "text",
    [PLAIN + " Wait, let me check this once more from the start." * 30, "no " * 100, PLAIN * 4],
)
def test_a_loop_is_found_in_the_text(text: str):
    reason, detail = found(text)
    assert reason == "looping"
    assert detail.endswith("of its 16-grams occur 4 times or more")


def test_a_loop_that_the_teacher_reports_is_one():
    assert found(finish="loop") == ("looping", "finish reason loop")


def test_the_share_counts_what_occurs_four_times():
    texts = ["a b c d e f g h", "", "a " * 3, "a " * 19, "a " * 18]
    assert repeated_share(tokenise(texts)).tolist() == [0, 0, 0, 1, 0]
    half = " ".join(f"u{i}" for i in range(20)) + " x" * 35
    assert repeated_share(tokenise([half])).tolist() == [20 / 40]


@pytest.mark.parametrize("content", ["", " \n\t"])
def test_63_no_content_is_empty(content: str):
    assert found(content=content) == ("empty", "no content")


def test_two_languages_are_mixed_and_symbols_are_none():
    assert found("所以我们得到 x 等于五。" + PLAIN[:60], "Answer: 5")[0] == "mixed language"
    assert found("Следовательно, цена яблока равна пяти монетам. Then the pears", "5")[0] == "mixed language"
    assert found("所以我们得到这个方程的解，等于五。", "x = 5") == ("", "")
    assert found(r"由题意得 $\frac{1}{2}x + \sqrt{y} = 7$，因此x等于8，$y = 9$。", r"\boxed{x = 8}") == ("", "")
    assert found("由题意得方程，因此 the answer follows at once", "8")[0] == "mixed language"
    assert found(PLAIN + " α + β ≤ γ, 𝑥 → ∞, naïve café", "Answer: 5") == ("", "")


@pytest.mark.parametrize("tag", ["<think>", "</think>", "</THINKING>", "<think >"])
def test_a_think_tag_in_the_text_is_malformed(tag: str):
    assert found(content=f"done {tag} Answer: 5") == ("malformed", f"a stray {tag}")
    assert found(reasoning=f"{tag} first")[0] == "malformed"
    assert found(content="we think a < b, then c > d. Answer: 5") == ("", "")


def test_the_first_reason_counts():
    assert found(content="", finish="length") == ("truncated", "length")
    assert found(reasoning="<think> " + "no " * 100, content="") == (
        "looping",
        "97% of its 16-grams occur 4 times or more",
    )


def test_rows_keep_their_places():
    frame = pl.DataFrame(
        {
            "finish_reason": ["stop", "length", "stop", "stop"],
            "reasoning": ["so x = 5", "then y = 2", "Это решение задачи and now", "thus 5"],
            "content": ["5", "5", "5", ""],
        }
    )
    texts = frame.select(pl.col("reasoning") + "\n\n" + pl.col("content")).to_series().to_list()
    assert flaws(frame, tokenise(texts), Quality())["reason"].to_list() == ["", "truncated", "mixed language", "empty"]
