"""Rows say what the trace and the verdicts say, and nothing that they do not carry becomes a label."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tracemill.records import Check, Flaw, Outcome, Problem, Source, Step, StepVerdict, ToolCall, Trace, Turn, Verdict
from tracemill.tasks.task import Line, Solution
from tracemill.views import view_schema
from tracemill.views.views import licence_expression, process, rlvr, sft

LINES = ("Subtract the second purchase from the first.", "That leaves one apple for the difference.", "So I have it.")
SOLUTION = Solution(tuple(Line(text) for text in LINES), "An apple costs \\boxed{17}.")
PROBLEM = Problem(
    id="p" * 20,
    group_id="g",
    domain="math.algebra.linear_system.market",
    prompt="What does an apple cost?",
    answer="8675309",
    check=Check("numeric", {"tolerance": "0"}),
    source=Source("domains", "3", "Apache-2.0", 42, 7),
    difficulty=0.25,
)
TRACE = Trace(
    id=PROBLEM.id + "-" + "0" * 12,
    digest="d",
    problem_id=PROBLEM.id,
    skill="skills",
    teacher="symbolic",
    strategy="single",
    sample_index=0,
    path="0",
    turns=(SOLUTION.turn(),),
    finish_reason="stop",
    steps=SOLUTION.steps(),
    completion_tokens=31,
)


def verdict(verifier: str, outcome: Outcome, **changes: Any) -> Verdict:
    known: dict[str, Any] = {
        "id": f"{TRACE.id}-{verifier}",
        "trace_id": TRACE.id,
        "trace_digest": "d",
        "verifier": verifier,
        "version": "1",
        "scope": "steps" if verifier == "steps" else "answer",
        "outcome": outcome,
        "strength": "exact" if outcome in ("verified", "refuted") else None,
        "reason": "",
    }
    return Verdict(**{**known, **changes})


def steps(entailed: int, first: int | None, outcome: Outcome, **changes: Any) -> Verdict:
    evidence = {"first_refuted": first, "entailed_prefix": entailed}
    return verdict("steps", outcome, **{"evidence": evidence, "coverage_steps": 1.0, "strength": "proof", **changes})


RIGHT = steps(3, None, "verified")
ANSWER = verdict("answer", "verified")


def verdicts(*found: Verdict) -> dict[str, list[Verdict]]:
    return {TRACE.id: list(found)}


def assert_fits(view: str, row: dict[str, Any]) -> None:
    assert view_schema.encode(view, [row]).to_pylist() == [row]


# sft


def test_an_sft_row_is_the_conversation_with_its_reasoning_in_think_tags() -> None:
    row = sft(replace(PROBLEM, system="Be exact."), [TRACE], verdicts(ANSWER, RIGHT), "warm_up")
    assert row["messages"] == [
        {"role": "system", "content": "Be exact."},
        {"role": "user", "content": "What does an apple cost?"},
        {
            "role": "assistant",
            "content": "<think>\n" + "\n\n".join(LINES) + "\n</think>\n\nAn apple costs \\boxed{17}.",
        },
    ]
    assert_fits("sft", row)


def test_an_sft_row_says_what_was_checked_by_whom_and_how_strongly() -> None:
    row = sft(PROBLEM, [TRACE], verdicts(RIGHT, ANSWER), "warm_up")
    del row["messages"]
    assert row == {
        "problem_id": PROBLEM.id,
        "trace_ids": [TRACE.id],
        "domain": "math.algebra.linear_system.market",
        "skill": "skills",
        "stage": "warm_up",
        "difficulty": 0.25,
        "verifiers": ["answer@1", "steps@1"],
        "strength": "exact",
        "coverage": 1.0,
        "tokens": 31,
        "licence": "Apache-2.0",
    }


def test_there_is_no_system_message_and_no_think_tag_without_text_for_them() -> None:
    trace = replace(TRACE, turns=(Turn("assistant", "17"),), steps=())
    row = sft(PROBLEM, [trace], verdicts(ANSWER), "warm_up")
    assert [message["content"] for message in row["messages"]] == ["What does an apple cost?", "17"]


def test_each_turn_of_a_longer_conversation_keeps_its_role() -> None:
    turns = (SOLUTION.turn(), Turn("user", "Are you sure?"), Turn("assistant", "Yes: 17.", "Again: 17."))
    row = sft(PROBLEM, [replace(TRACE, turns=turns)], verdicts(ANSWER), "warm_up")
    assert [message["role"] for message in row["messages"]] == ["user", "assistant", "user", "assistant"]
    assert row["messages"][3]["content"] == "<think>\nAgain: 17.\n</think>\n\nYes: 17."


@pytest.mark.parametrize("outcome", ["refuted", "unknown", "error"])
def test_an_sft_row_needs_a_verifier_that_verified(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match=f"answer {outcome}"):
        sft(PROBLEM, [TRACE], verdicts(verdict("answer", outcome)), "warm_up")


def test_an_sft_row_is_not_made_of_a_trace_that_calls_tools() -> None:
    turn = Turn("assistant", tool_calls=(ToolCall("c", "run"),))
    with pytest.raises(ValueError, match="tools"):
        sft(PROBLEM, [replace(TRACE, turns=(turn,))], verdicts(ANSWER), "warm_up")


def test_an_sft_row_is_made_of_one_trace() -> None:
    with pytest.raises(ValueError, match="not of 2"):
        sft(PROBLEM, [TRACE, TRACE], verdicts(ANSWER), "warm_up")


# What the common columns rest on.


def test_only_verifiers_that_decided_are_named_and_only_those_that_verified_give_strength() -> None:
    found = verdicts(
        ANSWER,
        steps(1, 1, "refuted", strength="tested"),
        verdict("lean", "unknown"),
        verdict("reward", "verified", version="2", strength="judged"),
    )
    row = sft(PROBLEM, [TRACE], found, "warm_up")
    assert row["verifiers"] == ["answer@1", "reward@2", "steps@1"]
    assert row["strength"] == "judged"
    assert (
        sft(PROBLEM, [TRACE], verdicts(ANSWER, steps(1, 1, "refuted", strength="tested")), "s")["strength"] == "exact"
    )


def test_a_verdict_on_another_digest_does_not_count() -> None:
    with pytest.raises(ValueError, match="no verdict"):
        sft(PROBLEM, [TRACE], verdicts(replace(ANSWER, trace_digest="other")), "warm_up")


def test_coverage_and_tokens_are_null_where_they_are_not_known() -> None:
    row = sft(PROBLEM, [replace(TRACE, completion_tokens=None)], verdicts(ANSWER), "warm_up")
    assert (row["coverage"], row["tokens"]) == (None, None)


def test_the_licence_joins_source_and_teacher() -> None:
    trace = replace(TRACE, metadata={"licence": "MIT OR CC-BY-4.0"})
    row = sft(PROBLEM, [trace], verdicts(ANSWER), "warm_up")
    assert row["licence"] == "Apache-2.0 AND (MIT OR CC-BY-4.0)"


def test_a_licence_that_source_and_teacher_share_is_named_once() -> None:
    assert licence_expression(["MIT", "MIT"]) == "MIT"
    assert licence_expression(["MIT OR ISC"]) == "MIT OR ISC"


@pytest.mark.parametrize("licences", [[], [""], ["MIT", " "]])
def test_a_row_without_a_licence_is_refused(licences: list[str]) -> None:
    with pytest.raises(ValueError, match="licence"):
        licence_expression(licences)


# process


def test_a_solution_whose_every_step_is_entailed_has_true_labels_only() -> None:
    row = process(PROBLEM, [TRACE], verdicts(RIGHT, ANSWER), "warm_up")
    assert row["prompt"] == PROBLEM.prompt
    assert row["completions"] == list(LINES)
    assert row["labels"] == [True, True, True]
    assert (row["first_wrong"], row["label_source"], row["reason"]) == (None, "entailed", None)
    assert row["answer_correct"] is True
    assert_fits("process", row)


def test_labels_and_completions_stop_at_the_first_wrong_step() -> None:
    trace = replace(TRACE, flaw=Flaw(1, "sign_lost", "The sign is lost."))
    found = StepVerdict(1, 0, 0, 1, None, "refuted", "does not follow")
    wrong = steps(1, 1, "refuted", steps=(found,), reason="1 of 3 refuted")
    row = process(PROBLEM, [trace], verdicts(wrong, verdict("answer", "refuted")), "warm_up")
    assert row["completions"] == list(LINES[:2])
    assert row["labels"] == [True, False]
    assert (row["first_wrong"], row["label_source"], row["reason"]) == (1, "refuted", "does not follow")
    assert (row["flaw_kind"], row["flaw_explanation"]) == ("sign_lost", "The sign is lost.")
    assert row["answer_correct"] is False
    assert_fits("process", row)


def test_strength_in_process_is_that_of_the_verdict_on_the_steps() -> None:
    wrong = steps(0, 0, "refuted", strength="exhaustive")
    assert process(PROBLEM, [TRACE], verdicts(wrong), "s")["strength"] == "exhaustive"
    weak = verdict("answer", "verified", strength="judged")
    assert process(PROBLEM, [TRACE], verdicts(RIGHT, weak), "s")["strength"] == "proof"


def test_an_unseeded_mistake_has_no_flaw() -> None:
    row = process(PROBLEM, [TRACE], verdicts(steps(0, 0, "refuted", reason="false")), "warm_up")
    assert row["labels"] == [False]
    assert (row["reason"], row["flaw_kind"], row["flaw_explanation"]) == ("false", None, None)
    assert row["answer_correct"] is None


def test_an_undecided_answer_is_neither_correct_nor_wrong() -> None:
    assert process(PROBLEM, [TRACE], verdicts(RIGHT, verdict("answer", "unknown")), "s")["answer_correct"] is None


def test_the_system_text_stands_before_the_prompt() -> None:
    row = process(replace(PROBLEM, system="Be exact."), [TRACE], verdicts(RIGHT), "warm_up")
    assert row["prompt"] == "Be exact.\n\nWhat does an apple cost?"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (steps(2, None, "verified"), "2 of 3 entailed"),
        (steps(2, None, "unknown"), "says unknown"),
        (steps(0, 1, "refuted"), "0 of 3 entailed"),
        (steps(3, None, "unknown"), "says unknown"),
        (steps(3, None, "error", evidence={}), "says error"),
        (steps(3, 3, "refuted"), "first refuted 3"),
        (steps(1, 1, "unknown"), "says unknown"),
        (steps(1, 1, "verified"), "1 of 3 entailed"),
        (steps(3, None, "refuted"), "steps refuted"),
    ],
)
def test_what_is_neither_entailed_nor_refuted_gets_no_label(found: Verdict, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        process(PROBLEM, [TRACE], verdicts(found), "warm_up")


def test_a_refuted_answer_with_no_refuted_step_has_no_step_labels() -> None:
    with pytest.raises(ValueError, match="refuted answer"):
        process(PROBLEM, [TRACE], verdicts(RIGHT, verdict("answer", "refuted")), "warm_up")


@pytest.mark.parametrize("found", [RIGHT, steps(2, 2, "refuted")])
def test_a_seeded_flaw_that_the_checker_did_not_find_where_it_is_gives_no_labels(found: Verdict) -> None:
    trace = replace(TRACE, flaw=Flaw(1, "sign_lost", ""))
    with pytest.raises(ValueError, match="seeded at step 1"):
        process(PROBLEM, [trace], verdicts(found), "warm_up")


def test_steps_of_a_later_turn_are_cut_from_that_turn() -> None:
    turns = (Turn("assistant", "First try."), Turn("user", "Again."), Turn("assistant", "Second try."))
    trace = replace(TRACE, turns=turns, steps=(Step(0, 0, 5), Step(2, 7, 10)))
    assert process(PROBLEM, [trace], verdicts(steps(2, None, "verified")), "s")["completions"] == ["First", "try"]


# rlvr


def test_an_rlvr_row_carries_what_verl_reads() -> None:
    row = rlvr(PROBLEM, [TRACE], verdicts(ANSWER), "warm_up")
    assert row["data_source"] == "tracemill/math.algebra.linear_system"
    assert row["prompt"] == [{"role": "user", "content": "What does an apple cost?"}]
    assert row["ability"] == "math"
    assert row["reward_model"]["style"] == "rule"
    assert json.loads(row["reward_model"]["ground_truth"]) == {
        "answer": "8675309",
        "check": {"kind": "numeric", "spec": {"tolerance": "0"}},
    }
    assert row["extra_info"] == {
        "split": "train",
        "index": 42,
        "problem_id": PROBLEM.id,
        "group_id": "g",
        "domain": PROBLEM.domain,
        "stage": "warm_up",
        "difficulty": 0.25,
    }
    assert row["tools"] is None
    assert_fits("rlvr", row)


def test_the_ground_truth_of_an_expression_holds_the_question_which_may_be_copied() -> None:
    expression = replace(PROBLEM, check=Check("symbolic"))
    truth = json.loads(rlvr(expression, [TRACE], verdicts(ANSWER), "warm_up")["reward_model"]["ground_truth"])
    assert truth == {"answer": "8675309", "check": {"kind": "symbolic", "spec": {}}, "prompt": PROBLEM.prompt}


def test_an_rlvr_row_sums_up_all_its_traces() -> None:
    other = replace(TRACE, id=TRACE.id[:-1] + "1", completion_tokens=9)
    found = {
        TRACE.id: [ANSWER, steps(3, None, "verified", coverage_steps=0.75)],
        other.id: [replace(ANSWER, strength="tested"), steps(1, None, "unknown", coverage_steps=0.5)],
    }
    row = rlvr(PROBLEM, [TRACE, other], found, "warm_up")
    assert row["trace_ids"] == [TRACE.id, other.id]
    assert (row["strength"], row["coverage"], row["tokens"]) == ("tested", 0.5, 40)
    del found[other.id][1]
    assert rlvr(PROBLEM, [TRACE, other], found, "warm_up")["coverage"] is None


def test_an_rlvr_row_needs_traces_that_are_all_verified() -> None:
    other = replace(TRACE, id=TRACE.id[:-1] + "1")
    with pytest.raises(ValueError, match="verified trace"):
        rlvr(PROBLEM, [], {}, "warm_up")
    with pytest.raises(ValueError, match=other.id):
        rlvr(PROBLEM, [TRACE, other], verdicts(ANSWER), "warm_up")


def test_the_tools_of_a_problem_are_one_json_text() -> None:
    row = rlvr(replace(PROBLEM, tools=({"name": "run"},)), [TRACE], verdicts(ANSWER), "warm_up")
    assert row["tools"] == '[{"name":"run"}]'


# All of them.


def test_text_to_train_on_holds_the_expected_answer_only_where_the_trace_says_it() -> None:
    """The expected answer (8675309) is not in this trace; only the ground truth of rlvr may hold it."""
    found = verdicts(RIGHT, ANSWER)
    assert PROBLEM.answer not in json.dumps(sft(PROBLEM, [TRACE], found, "s"))
    assert PROBLEM.answer not in json.dumps(process(PROBLEM, [TRACE], found, "s"))
    row = rlvr(PROBLEM, [TRACE], found, "s")
    assert PROBLEM.answer in row.pop("reward_model")["ground_truth"]
    assert PROBLEM.answer not in json.dumps(row)
