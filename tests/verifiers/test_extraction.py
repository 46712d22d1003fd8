from __future__ import annotations

import pytest
from tracemill.verifiers.answer.finding.extraction import MOST, find_statements
from tracemill.verifiers.answer.finding.hedges import hedged


def found(text: str, *, multiline: bool = False, letter: bool = True) -> list[tuple[str, str]]:
    statements = find_statements(text, multiline=multiline, letter=letter)
    for one in statements:
        assert text[one.start : one.end] == one.text
    return [(one.rule, one.text) for one in statements]


@pytest.mark.parametrize(
    ("text", "rule", "answer"),
    [
        (r"so \boxed{42}.", "boxed", "42"),
        (r"so \boxed {\frac{1}{2}}", "boxed", r"\frac{1}{2}"),
        (r"\fbox{a\}b}", "boxed", r"a\}b"),
        ("work\nA: 42", "line", "42"),
        ("Answer: 42", "line", "42"),
        ("**Final Answer:** 42", "line", "42"),
        ("  > The answer: 42", "line", "42"),
        ("Answer:\n\n42\n", "line", "42"),
        ("work\n#### 42\n", "hash", "42"),
        ("work <answer> 42 </answer>", "tag", "42"),
        ("<answer>x < 3</answer>", "tag", "x < 3"),
        ("<answer>\nAnswer: 42\n</answer>", "line", "42"),
        (r"<answer>It is \boxed{42}.</answer>", "boxed", "42"),
        ("So the answer is 42.", "prose", "42"),
        ("The final answer is: $1,234.50. Good.", "prose", "$1,234.50"),
        ("The answer is 3.5", "prose", "3.5"),
    ],
)
def test_each_rule_finds_its_statement(text: str, rule: str, answer: str) -> None:
    assert found(text) == [(rule, answer)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "It is 42.",
        "What is the answer?",
        "An answer can be found.",
        "TA: 42",
        "The answer isn't 42.",
        "####42",
        r"\text{boxed 42}",
    ],
)
def test_a_mere_mention_is_no_statement(text: str) -> None:
    assert found(text) == []


def test_every_statement_is_found_in_order() -> None:
    text = "The answer is 1.\n\\boxed{2} \\boxed{3}\nAnswer: 4\n#### 5"
    assert found(text) == [("prose", "1"), ("boxed", "2"), ("boxed", "3"), ("line", "4"), ("hash", "5")]


@pytest.mark.parametrize("text", [r"Answer: $\boxed{42}$", r"The answer is 40+2 = \boxed{42}.", r"#### \boxed{42}"])
def test_what_introduces_a_box_is_no_statement_of_its_own(text: str) -> None:
    assert found(text) == [("boxed", "42")]


def test_only_the_outermost_of_nested_boxes_counts() -> None:
    assert found(r"\boxed{1 \boxed{2}}") == [("boxed", r"1 \boxed{2}")]


def test_a_box_that_is_never_closed_is_marked() -> None:
    (statement,) = find_statements(r"\boxed{42", multiline=False, letter=True)
    assert not statement.closed


def test_prose_and_headings_are_weak() -> None:
    text = "#### Step 1\nThe answer is near.\n#### 42"
    strong = {one.text: one.strong for one in find_statements(text, multiline=False, letter=True)}
    assert strong == {"Step 1": False, "near": False, "42": True}


def test_choices_are_no_answers() -> None:
    assert found("A: 4\nB: 5") == []
    assert found("A: 4", letter=False) == []
    assert found("A: 4\nB: 5\nAnswer: 5") == [("line", "5")]


def test_a_multiline_answer_runs_to_the_end_of_the_text() -> None:
    assert found("Answer:\nmove a\nmove b\n", multiline=True) == [("line", "move a\nmove b")]
    text = "Answer: first\n\nmore\n\nAnswer: second\n\nthird"
    assert found(text, multiline=True) == [("line", "first"), ("line", "second\n\nthird")]


@pytest.mark.parametrize(
    "text",
    [
        r"It is \boxed{42} or 43.",
        r"It is \boxed{42}, or maybe something else.",
        r"Perhaps \boxed{42}.",
        r"It is either 41 or \boxed{42}.",
        r"41 or $\boxed{42}$",
        r"\boxed{42}, 43",
        r"\boxed{42} and $43",
        r"\boxed{42} or more.",
        r"\boxed{42}. On second thought, no.",
        r"\boxed{42}. It could also be 43.",
        "Answer: 42\nBut I may be wrong.",
        "I doubt the answer is 42.",
        r"It is not \boxed{42}.",
        r"It is $\text{not }\boxed{42}$.",
        r"The answer isn't $\boxed{42}$.",
        r"Rather than \boxed{42} it is 43.",
        r"$x \neq \boxed{42}$",
        r"\boxed{42} is wrong.",
        r"\boxed{42} apples, which is clearly incorrect; it is 43.",
        r"\boxed{42} can't be right.",
        r"\boxed{42}. Wait, it is 43.",
        r"\boxed{42}. Hmm, no: 43.",
        "The answer is 42. No, it is 43.",
        r"\boxed{42}. Actually, 43.",
        r"\boxed{42}. Actually it's 43.",
        r"\boxed{42}. That's wrong, it is 43.",
        r"\boxed{42}. Oops: 43.",
        r"\boxed{42}. Correction: 43.",
        "Answer: 42\nI made a mistake above.",
        "Answer: 42\nLet me recompute this.",
        "Answer: 42\nThe answer should be 43.",
        "Answer: 42\nor 43",
        "Answer: 42\n\n(or 43)",
        "If the answer is 42, then fine.",
    ],
)
def test_hedges_are_seen(text: str) -> None:
    statement = find_statements(text, multiline=False, letter=True)[-1]
    assert hedged(text, statement, lambda other: False)


@pytest.mark.parametrize(
    "text",
    [
        r"With two or three apples the most he could earn is \boxed{42}.",
        r"For either side we get \boxed{42}. This is right.",
        r"By either one or the other method we get \boxed{42}.",
        r"Maybe we should add first. So we get \boxed{42} apples, red or green.",
        r"Perhaps 40? No. \boxed{42}",
        "Answer: 42\nI hope this helps, or at least amuses.",
        "If we add them, the answer is 42.",
        r"It is not 41 but \boxed{42}.",
        r"Since 7 is not even, the answer is \boxed{42}.",
        r"Not bad: \boxed{42}",
        r"Why not add? We get \boxed{42}, which is not a prime.",
        r"\boxed{42} is the right answer. It is impossible to do with less.",
        r"Wait, I made a mistake, it is not 41. So \boxed{42}.",
        "Answer: 42\nActually, there is another way to see this, without a pencil.",
        "Answer: 42\nIs 41 even? No. Let me know if you have more questions.",
        "Answer: 42\nThe answer must be positive, and it is.",
    ],
)
def test_ordinary_sentences_are_no_hedges(text: str) -> None:
    statement = find_statements(text, multiline=False, letter=True)[-1]
    assert not hedged(text, statement, lambda other: False)


@pytest.mark.parametrize("heading", ["### Answer", "**Final Answer**", "## **The final answer**", "__Answer__"])
def test_the_line_after_a_heading_is_a_weak_statement(heading: str) -> None:
    (statement,) = find_statements(f"We add.\n\n{heading}\n\n42\nDone.", multiline=False, letter=True)
    assert (statement.rule, statement.text, statement.strong) == ("heading", "42", False)
    assert found(f"{heading}\nIt is \\boxed{{42}}.") == [("boxed", "42")]
    assert found(f"{heading}\nmove a\nmove b", multiline=True) == [("heading", "move a\nmove b")]


@pytest.mark.parametrize(
    "text", ["The answer is 42. My final answer: **43**", "So, the final answer: 43", "My answer: 43"]
)
def test_an_answer_announced_with_a_colon_is_a_statement(text: str) -> None:
    assert [answer.strip("*") for _, answer in found(text)][-1] == "43"


def test_an_empty_box_states_nothing() -> None:
    assert found(r"I write it as \boxed{} or \boxed{\ldots}. \boxed{42}") == [("boxed", "42")]
    assert found("Answer:\n") == []
    assert found("I answer in <answer></answer>. <answer>42</answer>") == [("tag", "42")]


@pytest.mark.parametrize(
    "text",
    [
        "\\boxed{" * 200_000,
        "\\boxed{" * 100_000 + "}" * 100_000,
        "\\boxed{1}" * 100_000,
        "A:" * 500_000,
        "A: 1\n" * 200_000,
        "The answer is " * 70_000,
        "#### 1\nThe answer is 2\n" * 40_000,
        "Answer: \\boxed{1}\n" * 50_000,
        "Answer:" + "\n" * 1_000_000 + "1",
        "\\boxed{1} either " + "or " * 300_000,
        " " * 500_000 + "\nAnswer: 1" + " " * 500_000,
        "\\boxed{1} " + "it is " * 200_000,
        "\\boxed{1}" + "\n" * 500_000,
        "\\boxed{1} " + "actually, let me no wait " * 50_000,
        "not really " * 100_000 + "\\boxed{1}",
        "### Answer\n" * 100_000,
        "<answer>1" * 100_000,
        "<answer>" + "< " * 400_000,
        "final answer: " * 80_000,
    ],
    ids=lambda text: text[:16],
)
def test_hostile_texts_are_searched_in_linear_time(text: str) -> None:
    statements = find_statements(text, multiline=False, letter=True)
    assert len(statements) < 1000
    assert isinstance(hedged(text, statements[-1], lambda other: False), bool)


def test_what_comes_after_many_statements_is_not_overlooked() -> None:
    for text in ("The answer is \\boxed{1}. " * 150, "A: 1\n" * 150, "the answer is " * 150 + "\\boxed{1}"):
        assert len(find_statements(text, multiline=False, letter=True)) > MOST
