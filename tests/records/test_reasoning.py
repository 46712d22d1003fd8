from __future__ import annotations

import pytest
from tracemill.records.reasoning import opens_thought, split_reasoning

THOUGHT, ANSWER = "Six sevens: 41? No, 42.", "It is \\boxed{42}."
PAIRS = {
    "think": ("<think>", "</think>"),
    "capital": ("<Think>", "</Think>"),
    "thinking": ("<thinking>", "</thinking>"),
    "thought": ("<thought>", "</thought>"),
    "thoughts": ("<thoughts>", "</thoughts>"),
    "reasoning": ("<reasoning>", "</reasoning>"),
    "scratchpad": ("<scratchpad>", "</scratchpad>"),
    "seed": ("<seed:think>", "</seed:think>"),
    "longcat": ("<longcat_think>", "</longcat_think>"),
    "analysis": ("<analysis>", "</analysis>"),
    "reflection": ("<REFLECTION>", "</REFLECTION>"),
    "monologue": ("<inner_monologue>", "</inner_monologue>"),
    "magistral": ("[THINK]", "[/THINK]"),
    "kimi": ("◁think▷", "◁/think▷"),
    "open_thoughts": ("<|begin_of_thought|>", "<|end_of_thought|>"),
    "command": ("<|START_THINKING|>", "<|END_THINKING|>"),
    "gemma": ("<|channel>thought\n", "<channel|>"),
    "s1": ("<|im_start|>think\n", "<|im_start|>answer\n"),
    "granite": ("Here is my thought process:", "\nHere is my response:"),
    "apriel": ("Here are my reasoning steps:\n", "[BEGIN FINAL RESPONSE]"),
    "harmony": ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    "bare harmony": ("analysis", "assistantfinal"),
}
families = pytest.mark.parametrize(("opening", "closing"), PAIRS.values(), ids=PAIRS)


@families
def test_a_thought_is_parted_from_the_answer(opening: str, closing: str) -> None:
    assert split_reasoning(f"{opening}\n{THOUGHT}\n{closing}\n\n{ANSWER}\n") == (THOUGHT, ANSWER)


@families
def test_a_thought_without_an_end_has_no_answer(opening: str, closing: str) -> None:
    assert split_reasoning(f"{opening}{ANSWER}") == (ANSWER, None)


@families
def test_a_thought_that_the_prompt_opened_ends_at_its_closing_tag(opening: str, closing: str) -> None:
    expected = (THOUGHT, ANSWER)
    if opening != "analysis":
        assert split_reasoning(f"{THOUGHT}{closing}{ANSWER}", opened_in_prompt=True) == expected
        assert split_reasoning(f"{opening}{THOUGHT}{closing}{ANSWER}", opened_in_prompt=True) == expected
    if not opening.startswith(("analysis", "Here is")):
        assert split_reasoning(f"{THOUGHT}{closing}{ANSWER}") == expected


@families
def test_a_prompt_that_ends_with_an_opening_tag_opens_a_thought(opening: str, closing: str) -> None:
    if not opening.startswith(("analysis", "Here")):
        assert opens_thought(f"<|im_start|>assistant\n{opening}\n")
    assert not opens_thought(f"{opening}{THOUGHT}{closing}\n")


def test_a_text_without_tags_is_an_answer_unless_the_prompt_opened_a_thought() -> None:
    assert split_reasoning(f" {ANSWER}\n") == ("", ANSWER)
    assert split_reasoning(ANSWER, opened_in_prompt=True) == (ANSWER, None)
    assert split_reasoning("") == ("", "")


def test_an_empty_thought_is_no_reasoning() -> None:
    assert split_reasoning(f"<think>\n\n</think>\n\n{ANSWER}") == ("", ANSWER)
    assert split_reasoning("<think>a</think>") == ("a", "")


def test_the_answer_follows_the_last_thought() -> None:
    assert split_reasoning("<think>a</think> 41 <think>b</think> 42") == ("a\n\n41\n\nb", "42")
    assert split_reasoning("<think>a</think> 41 <think>b") == ("a\n\n41\n\nb", None)
    assert split_reasoning("<think>a</think> 41 </think> 42") == ("a\n\n41", "42")


def test_a_thought_ends_only_with_its_own_tag() -> None:
    assert split_reasoning("<think>a [/THINK] b </thinking> 41 <reasoning>c</reasoning> 42").answer is None
    assert split_reasoning("[THINK]a </think> b[/THINK]42") == ("a </think> b", "42")
    assert split_reasoning("<think>a <think> b</think>42") == ("a <think> b", "42")


def test_a_tag_that_is_quoted_as_code_is_none() -> None:
    assert split_reasoning("The tag `<think>` opens a thought.").answer == "The tag `<think>` opens a thought."
    assert split_reasoning("<think>A `</think>` ends it.</think>42") == ("A `</think>` ends it.", "42")


def test_marks_around_a_solution_are_dropped() -> None:
    text = "<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>\n42<|end_of_solution|><|im_end|>"
    assert split_reasoning(text) == ("a", "42<|im_end|>")
    assert split_reasoning("<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>42<|END_RESPONSE|>") == ("a", "42")


def test_of_harmony_channels_only_the_final_one_is_an_answer() -> None:
    text = (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary to=functions.add "
        "<|constrain|>json<|message|>{}<|call|><|start|>functions.add to=assistant<|channel|>commentary<|message|>3"
        "<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>"
    )
    assert split_reasoning(text) == ("a\n\n{}\n\n3", "42")
    assert split_reasoning(text.replace("final", "commentary")).answer is None
    assert split_reasoning("a<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>") == ("a", "42")


def test_an_ordinary_text_about_an_analysis_is_an_answer() -> None:
    for text in ("analysis of the data gives 42", "analysis: 42", "Analysis\n42"):
        assert split_reasoning(text) == ("", text)


def test_texts_of_tags_alone_take_linear_time() -> None:
    """Each of these takes minutes where a pattern goes back over what it has read."""
    for piece in (
        "<think>",
        "</think>",
        "\n",
        "<|channel|>a",
        "a",
        "<|end_of_solution|>",
        "<|start|>",
        "`<think>",
        "<",
    ):
        split_reasoning(piece * (1_000_000 // len(piece)))
        split_reasoning("<|channel|>" + piece * (1_000_000 // len(piece)), opened_in_prompt=True)


@pytest.mark.parametrize("name", ["analysis", "reflection"])
def test_a_look_back_after_the_answer_takes_nothing_from_it(name: str) -> None:
    for text in (f"{ANSWER} <{name}>{THOUGHT}</{name}>", f"<{name}>{ANSWER}</{name}>", f"{ANSWER} <{name}>{THOUGHT}"):
        assert split_reasoning(text) == ("", text)
    after = f"It is 41. <{name}>{THOUGHT}</{name}> {ANSWER}"
    assert split_reasoning(after) == (f"It is 41.\n\n{THOUGHT}", ANSWER)
    assert split_reasoning(f"{after} <{name}>Right.</{name}>").answer.startswith("It is 41.")


@pytest.mark.parametrize("name", ["output", "SOLUTION", "response", "final_answer"])
def test_an_answer_within_tags_of_its_own_is_what_stands_there(name: str) -> None:
    assert split_reasoning(f"<thinking>{THOUGHT}</thinking>\n<{name}>\n{ANSWER}\n</{name}>\n") == (THOUGHT, ANSWER)
    assert split_reasoning(f"<{name}>{ANSWER}") == ("", ANSWER)
    part = f"It prints <{name}>7</{name}>, so {ANSWER}"
    assert split_reasoning(part) == ("", part)


def test_a_reflection_within_a_thought_is_a_part_of_it() -> None:
    text = f"<thinking>41 <reflection>No.</reflection> 42</thinking><output>{ANSWER}</output>"
    assert split_reasoning(text) == ("41 <reflection>No.</reflection> 42", ANSWER)


def test_many_tags_are_read_in_time_that_grows_with_their_number() -> None:
    text = "<analysis>" * 20_000 + "x"
    assert split_reasoning(text).answer is None
