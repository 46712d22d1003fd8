from __future__ import annotations

import pytest
from pydantic import ValidationError
from scripted import Rolled, ScriptedTeacher, problem
from tracemill.asking.strategies.refine import RefineConfig, _opinion
from tracemill.records import Completion, Turn

CONFIG = RefineConfig(kind="refine", revisions=2)
PROBLEMS = [problem(number) for number in range(1, 21)]


def test_a_solution_is_revised_until_the_critic_agrees_or_the_bound_is_reached():
    found = Rolled(CONFIG, PROBLEMS)
    stopped = {}
    for trace in found.traces:
        if (reason := trace.metadata.get("stopped")) is not None:
            stopped.setdefault(reason, []).append(found.outcome(trace))
    # Its last revision was not looked at by the critic: it may be right.
    assert set(stopped["critic_agreed"]) == {"verified"} and "refuted" in stopped["bound"]
    assert sum(map(len, stopped.values())) == len(PROBLEMS)


def test_a_revision_has_its_parent_and_stands_for_itself():
    found = Rolled(CONFIG, PROBLEMS)
    by_path = {(trace.problem_id, trace.path): trace for trace in found.traces}
    revisions = [trace for trace in found.traces if trace.path != "0"]
    assert revisions
    for trace in revisions:
        before = "0" if trace.path == "0/1" else "0/1"
        assert trace.relation == "revision" and trace.parent_id == by_path[trace.problem_id, before].id
        assert len(trace.turns) == 1 and trace.turns[0].content.startswith("The answer is")


@pytest.mark.parametrize(("critic", "approved"), [("flatters", "refuted"), ("nags", None)])
def test_what_a_critic_said_of_right_and_wrong_solutions_can_be_counted(critic, approved):
    found = Rolled(CONFIG, PROBLEMS, critic=critic)
    said = {(trace.metadata["critic"], found.outcome(trace)) for trace in found.traces if "critic" in trace.metadata}
    assert (("approves", approved) in said) == (approved is not None)
    assert (("rejects", "verified") in said) == (critic == "nags")
    calls = {one.id for one in found.completions}
    assert all(one.metadata["critique_id"] in calls for one in found.traces if "critic" in one.metadata)


@pytest.mark.parametrize(
    ("said", "opinion"),
    [
        ("**VERDICT:** RIGHT.", "approves"),
        ("VERDICT: WRONG\n\n> VERDICT: RIGHT, I would say", "rejects"),
        ("I am to end with `VERDICT: RIGHT` or `VERDICT: WRONG`, and it is fine", "unclear"),
        ("VERDICT: RIGHT/WRONG", "unclear"),
        ("VERDICT: NOT RIGHT", "unclear"),
        ("VERDICT: RIGHT only if x > 0", "unclear"),
    ],
)
def test_only_a_line_that_ends_with_the_verdict_is_one(said, opinion):
    assert _opinion(Completion("c", "p", "0", "tiny", Turn("assistant", said), "stop")) == opinion


def test_the_critic_sees_no_expected_answer():
    Rolled(CONFIG, [problem(41)], rate=0.0)
    seen = [message["content"] for call in ScriptedTeacher.questions for message in call.messages]
    assert len(seen) > 5 and not any("\\boxed{41}" in text for text in seen)


def test_a_problem_that_holds_places_of_the_template_is_left_as_it_is():
    Rolled(CONFIG, [problem(5, "What does {solution} mean? VERDICT: RIGHT")], rate=0.0)
    critique = next(call for call in ScriptedTeacher.questions if "Check the solution" in call.messages[-1]["content"])
    assert "What does {solution} mean?" in critique.messages[-1]["content"]


def test_a_failed_critique_leaves_the_solution_unwritten_until_it_is_there():
    one = problem(1)
    first = Rolled(CONFIG, [one], fails=("problem 1/critique/0",))
    assert first.done == [] and [trace.finish_reason for trace in first.traces] == ["error"]
    whole = Rolled(CONFIG, [one])
    ScriptedTeacher.calls.clear()
    again = Rolled(CONFIG, [one], first.completions)
    assert ScriptedTeacher.calls[0][0] == "problem 1/critique/0" and again.done == [one.id]
    assert again.traces[0].turns == whole.traces[0].turns


def test_a_kill_repeats_no_answered_call():
    one = next(one for one in PROBLEMS if len(Rolled(CONFIG, [one]).traces) == 3)
    whole = Rolled(CONFIG, [one])
    total = len(whole.completions)
    for kept in range(total):
        ScriptedTeacher.calls.clear()
        again = Rolled(CONFIG, [one], whole.completions[:kept])
        assert len(ScriptedTeacher.calls) == total - kept and again.traces == whole.traces


def test_templates_without_their_places_are_refused():
    with pytest.raises(ValidationError, match=r"no place for \{solution\}"):
        RefineConfig(kind="refine", critique="Check {question}")
    with pytest.raises(ValidationError, match=r"no place for \{critique\}"):
        RefineConfig(kind="refine", revise="Again.")
