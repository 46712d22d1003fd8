from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from pydantic import ValidationError
from tracemill.asking.teachers.replay import ReplayConfig, ReplayTeacher, claims_of, read_solution
from tracemill.asking.teachers.teacher import Call
from tracemill.records import Check, Problem, Reference, Source
from tracemill.records.labels import correct

TEXT = "He makes 48/2 = <<48/2=24>>24 clips.\nThat is a lot.\n\nSo 24+48 = $<<24+48=72>>72 in all.\n#### 72"


def problem(*references: Reference, marks: str | None = "gsm8k") -> Problem:
    source = Source("toy", "1", "MIT", 0, 0)
    metadata = {"marks": marks} if marks else {}
    return Problem(
        "p", "g", "a.b.c.d", "How many?", "72", Check("numeric"), source, references=references, metadata=metadata
    )


def told(text: str) -> list[tuple[str, tuple[str, str] | None]]:
    turn, steps = read_solution(text, marked=True)
    return [
        (turn.text[s.start : s.end], (s.claim.payload["lhs"], s.claim.payload["rhs"]) if s.claim else None)
        for s in steps
    ]


def test_lines_become_steps_marks_become_claims_and_the_last_line_the_content() -> None:
    turn, steps = read_solution(TEXT, marked=True)
    assert turn.content == "#### 72"
    assert turn.reasoning == "He makes 48/2 = 24 clips.\nThat is a lot.\n\nSo 24+48 = $72 in all."
    assert told(TEXT) == [
        ("He makes 48/2 = 24 clips.", ("48/2", "24")),
        ("That is a lot.", None),
        ("So 24+48 = $72 in all.", ("24+48", "72")),
    ]
    assert {step.claim.kind for step in steps if step.claim} == {"equation"}


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("It is 2*3 = <<2*3=6>>6. Then 6+1 = <<6+1=7>>7.", ["It is 2*3 = 6.", "Then 6+1 = 7."]),
        ("2*3 = <<2*3=6>>6 apples, and 6+1 = <<6+1=7>>7", ["2*3 = 6 apples, and", "6+1 = 7"]),
        ("2*3 = <<2*3=6>>6 and 6+1 = <<6+1=7>>7", ["2*3 = 6", "and 6+1 = 7"]),
        ("2*3 = <<2*3=6>>6 + 1 = <<6+1=7>>7 left", ["2*3 = 6", "+ 1 = 7 left"]),
    ],
)
def test_a_line_with_several_marks_is_cut_between_them(line: str, pieces: list[str]) -> None:
    assert told(line) == [(pieces[0], ("2*3", "6")), (pieces[1], ("6+1", "7"))]


def test_a_chain_states_each_of_its_equations() -> None:
    assert told("<<1+2=2+1=3>>3") == [("3", ("1+2", "2+1")), ("3", ("2+1", "3"))]


def test_odd_marks_state_nothing_or_are_written_out() -> None:
    assert claims_of("12") == claims_of("=12") == claims_of("12=") == []
    assert [dict(claim.payload) for claim in claims_of(" 2*1¾ = ½*7 ")] == [{"lhs": "2*(1+3/4)", "rhs": "(1/2)*7"}]
    assert [dict(claim.payload) for claim in claims_of("1 000-1=999")] == [{"lhs": "1000-1", "rhs": "999"}]
    assert told("So <<3+4\nis 7") == [("So <<3+4", None)]


def test_a_mark_without_text_of_its_own_has_an_empty_span() -> None:
    for text in ("<<1=1>>5 <<2=2>> <<3=3>>7", "abc <<1=1>> <<2=2>>"):
        _, steps = read_solution(text, marked=True)
        assert all(step.start <= step.end for step in steps)
        assert all(a.end <= b.start for a, b in pairwise(steps))


def test_line_ends_of_either_kind_give_the_same_text() -> None:
    for marked in (True, False):
        assert read_solution(TEXT.replace("\n", "\r\n"), marked) == read_solution(TEXT, marked)


def test_a_calculation_in_the_closing_line_is_a_step_of_it() -> None:
    assert told("So:\nA: <<3*4=12>>12") == [("So:", None), ("A: 12", ("3*4", "12"))]


WORK = "First 6 * 7 = 42.\nThat was easy."

ENDINGS = {
    "think tags": f"<think>\n{WORK}\n</think>\n\nIt is 42.",
    "begin of thought": f"<|begin_of_thought|>{WORK}<|end_of_thought|>\n<|begin_of_solution|>42<|end_of_solution|>",
    "box": f"{WORK}\n\nSo it is $\\boxed{{42}}$.",
    "displayed box": f"{WORK}\n\\[\n\\boxed{{42}}\n\\]",
    "Answer:": f"{WORK}\nAnswer: 42",
    "hash": f"{WORK}\n#### 42",
    "heading": f"{WORK}\n\n### Final answer\n42",
    "heading and box": f"{WORK}\n\n**Final Answer**\n\n\\[ \\boxed{{42}} \\]",
    "heading and displayed box": f"{WORK}\n### Answer:\n\\[\n\\boxed{{42}}\n\\]",
    "prose": f"{WORK}\nThe answer is 42.\n",
    "bold": f"{WORK}\n\n**42**",
    "formula": f"{WORK}\n$$\n42\n$$",
    "bare": f"{WORK}\nSo she has 42 apples.",
}


@pytest.mark.parametrize("text", ENDINGS.values(), ids=ENDINGS)
def test_the_reply_begins_where_the_answer_is_stated_however_it_is(text: str) -> None:
    turn, steps = read_solution(text, marked=False)
    assert turn.reasoning.startswith(WORK) and "42" in turn.content and "easy" not in turn.content
    assert [turn.text[one.start : one.end] for one in steps[:2]] == WORK.splitlines()
    assert "<" not in turn.text and "nswer" not in turn.reasoning
    assert turn.content.count("\\[") == turn.content.count("\\]") and turn.content.count("$$") in (0, 2)


def test_a_pattern_may_say_where_the_reply_begins() -> None:
    text = f"Mein Weg:\nErgebnis 1\n{WORK}\nErgebnis 42\nStimmt."
    teacher = ReplayTeacher(ReplayConfig(kind="replay", ending="Ergebnis"))
    reply = asyncio.run(teacher.answer(Call(problem(Reference("x", text)), (), {}, 0, 0)))
    assert reply.turn.content == "Ergebnis 42\nStimmt."
    assert teacher.fingerprint != ReplayTeacher(ReplayConfig(kind="replay")).fingerprint
    assert read_solution(f"<think>{text}</think>42", False, "Ergebnis")[0].content == "42"
    with pytest.raises(ValidationError, match="no regular expression"):
        ReplayConfig(kind="replay", ending="(")


@pytest.mark.parametrize("text", ["<think>It is 42.", "<think>It is 42.</think>\n"])
def test_a_thought_with_nothing_after_it_was_cut_off(text: str) -> None:
    teacher = ReplayTeacher(ReplayConfig(kind="replay"))
    reply = asyncio.run(teacher.answer(Call(problem(Reference("x", text)), (), {}, 0, 0)))
    assert (reply.turn.content, reply.turn.reasoning, reply.finish_reason) == ("", "It is 42.", "length")


def test_text_behind_the_last_closing_line_belongs_to_the_content() -> None:
    turn, steps = read_solution("#### 3\nNo:\n#### 4\nDone.", marked=True)
    assert (turn.reasoning, turn.content) == ("#### 3\nNo:", "#### 4\nDone.")
    assert len(steps) == 2


def test_the_teacher_plays_the_reference_of_the_sample() -> None:
    asked = problem(Reference("people", TEXT, (correct(True),)), Reference("a model", "A: 5"))
    teacher = ReplayTeacher(ReplayConfig(kind="replay"))
    assert [teacher.samples(asked, wanted) for wanted in (1, 2, 5)] == [1, 2, 2]
    replies = [asyncio.run(teacher.answer(Call(asked, (), {}, index, 0))) for index in (0, 1)]
    assert [reply.author for reply in replies] == ["people", "a model"]
    assert replies[1].turn.content == "A: 5"
    assert len(replies[0].steps) == 3
    with pytest.raises(IndexError):
        asyncio.run(teacher.answer(Call(asked, (), {}, 2, 0)))


def test_marks_are_text_where_the_problem_does_not_say_that_they_are_marks() -> None:
    teacher = ReplayTeacher(ReplayConfig(kind="replay"))
    reply = asyncio.run(teacher.answer(Call(problem(Reference("x", TEXT), marks=None), (), {}, 0, 0)))
    assert "<<48/2=24>>" in reply.turn.reasoning
    assert all(step.claim is None for step in reply.steps)
