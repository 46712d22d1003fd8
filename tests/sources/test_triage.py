from __future__ import annotations

import pytest
from tracemill.records import Check, Decision, Problem, Source
from tracemill.sources.golds import read_golds
from tracemill.sources.triage import AnswerPolicy, kind_of_reason, triaged

SOURCE = Source("toy", "1", "MIT", 4, 0)


def problem(answer: str, kind: str = "symbolic") -> Problem:
    return Problem("p" * 20, "g", "a.b.c.d", "What is it?", answer, Check(kind), SOURCE)


KINDS = {
    "empty": ["", "  "],
    "not_found": ["not found", "Not Found.", "N/A", "null", "None", "nan", "?", "No answer was found", "TBD"],
    "proof": [
        "proof",
        "Proof.",
        "\\text{Proof}",
        "see solution",
        "Proved",
        "Q.E.D.",
        "\\blacksquare",
        "the claim is proved",
    ],
    "several_parts": ["(a) 3, (b) 5", "a) 3\nb) 5", "1) $x=2$; 2) $x=3$", "(i) 1 (ii) 2", "Part A: 3. Part B: 4"],
    "essay": ["The heron, which stands on one leg all day long, is happiest when the marsh is quiet and cold."],
    "unreadable": ["3 +", "\\frac{1}{"],
}
USABLE = ("3", "\\frac{1}{2}", "1.2, 2.3", "(1, 2)", "1:2", "[0, 1)", "x = 3", "a + b", "\\{1, 2\\}", "-7")


@pytest.mark.parametrize(("kind", "answer"), [(kind, answer) for kind, some in KINDS.items() for answer in some])
def test_what_is_no_answer_is_told_apart(kind: str, answer: str) -> None:
    found = triaged(problem(answer))
    assert found is not None and found.kind == kind, found


@pytest.mark.parametrize("answer", USABLE)
def test_an_answer_that_a_check_can_use_is_let_be(answer: str) -> None:
    assert triaged(problem(answer)) is None


def test_words_are_answers_where_texts_are_compared() -> None:
    assert triaged(problem("proof", "exact")) is None
    empty = triaged(problem("", "exact"))
    assert empty is not None and empty.kind == "empty"


def test_the_config_says_what_becomes_of_each_kind() -> None:
    policy = AnswerPolicy(proof="keep_unverified")
    kept, gone, whole = read_golds([problem("proof"), problem("N/A"), problem("3")], policy)
    assert isinstance(kept, Problem) and not kept.has_answer and kept.answer == ""
    assert kept.metadata == {"answer": "unknown", "triage": "proof"}
    assert isinstance(gone, Decision) and (gone.reason, gone.detail) == (
        "the answer says that there is none",
        "toy:5: N/A",
    )
    assert whole == problem("3")


@pytest.mark.parametrize("kind", KINDS)
def test_a_rejection_says_its_kind(kind: str) -> None:
    (gone,) = read_golds([problem(KINDS[kind][0])])
    assert isinstance(gone, Decision) and kind_of_reason(gone.reason) == kind
    assert kind_of_reason("not JSON") is None
