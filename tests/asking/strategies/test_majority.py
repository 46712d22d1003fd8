from __future__ import annotations

from dataclasses import replace

import pytest
from scripted import Rolled, ScriptedTeacher, problem
from tracemill.asking.strategies.majority import Majority, MajorityConfig, Votes
from tracemill.asking.strategies.single import SingleConfig
from tracemill.asking.strategies.strategy import noted
from tracemill.records import Check, Turn
from tracemill.settings.plugins import load
from tracemill.verifiers.answer.verifier import AnswerVerifier
from tracemill.verifiers.audit import audit_verifier, findings_on_canaries
from tracemill.verifiers.vote import VoteConfig, VoteVerifier

CONFIG = MajorityConfig(kind="majority", samples=8)


def test_a_vote_that_cannot_change_is_settled_before_all_are_asked():
    found = Rolled(CONFIG, [problem(1)], rate=1.0)
    assert len(found.traces) == 5
    assert [trace.metadata.get("stopped") for trace in found.traces] == [None] * 4 + ["vote_settled"]
    assert found.traces[0].metadata["vote"] == {
        "answer": "1", "votes": 5, "samples": 5, "share": 1.0, "tied": False, "agrees": True,
    }  # fmt: skip


def test_the_expected_answer_is_not_looked_at():
    known, unknown = problem(1), replace(problem(1), answer="", metadata={"answer": "unknown"})
    traces = Rolled(SingleConfig(kind="single", samples=5), [known], rate=0.6).traces
    counted = []
    for one in (known, unknown):
        votes = Votes(one, AnswerVerifier())
        votes.count(traces)
        counted.append([votes.of(index) for index in range(5)])
    assert counted[0] == counted[1] and {vote["agrees"] for vote in counted[0]} == {True, False}


def test_a_split_vote_asks_to_the_end_and_the_verifier_says_who_won():
    found = Rolled(CONFIG, [problem(number) for number in range(1, 9)], rate=0.4)
    by_stop = {}
    for trace in found.traces:
        vote = trace.metadata["vote"]
        expected = "unknown" if vote["share"] < 0.5 else "verified" if vote["agrees"] else "refuted"
        assert found.outcome(trace, "vote") == expected
        by_stop.setdefault(trace.metadata.get("stopped"), []).append(vote["samples"])
    assert set(by_stop["bound"]) == {8} and max(by_stop["vote_settled"]) < 8


@pytest.mark.parametrize(
    ("texts", "votes"),
    [
        (["\\boxed{1/2}", "\\boxed{0.5}", "\\boxed{\\frac{2}{4}}", "\\boxed{3}"], 3),
        (["\\boxed{1} or \\boxed{2}", "no idea", "\\boxed{2}"], 1),
        (["\\boxed{7}", "\\boxed{8}"], 1),
    ],
)
def test_answers_are_the_same_where_the_verifier_says_so(texts, votes):
    one = replace(problem(1), check=Check("symbolic"))
    [trace] = Rolled(SingleConfig(kind="single"), [one]).traces
    counted = Votes(one, AnswerVerifier())
    counted.count([replace(trace, turns=(Turn("assistant", text),)) for text in texts])
    assert counted.of(0)["votes"] == votes


@pytest.mark.parametrize("texts", [["7", "8"], ["7", "8", "7", "8"], ["7", "8", "9", "no idea"]])
def test_a_tie_has_no_winner_and_the_verifier_says_nothing(texts):
    """Else the answer that came first would win, and the other half be refuted."""
    one = problem(1)
    [trace] = Rolled(SingleConfig(kind="single"), [one]).traces
    votes = Votes(one, AnswerVerifier())
    traces = [replace(trace, turns=(Turn("assistant", f"\\boxed{{{text}}}"),)) for text in texts]
    votes.count(traces)
    assert (votes.of(0)["tied"], votes.of(0)["answer"]) == (True, None)
    ruled = [VoteVerifier().rule(one, noted(each, vote=votes.of(at))).outcome for at, each in enumerate(traces)]
    assert set(ruled) == {"unknown"}


def test_the_fewest_votes_that_can_settle_it_are_asked_for():
    """By trying out all that the others could say."""
    for left in range(1, 6):
        for ahead in range(4):
            votes = Votes(problem(1), AnswerVerifier(), ["a", "b"], [0] * ahead)
            needed = next((j for j in range(left + 1) if ahead + j > left - j), left)
            assert votes.least(left) == needed


def test_a_kill_repeats_no_answered_call():
    one = problem(1)
    whole = Rolled(CONFIG, [one])
    for kept in range(len(whole.completions)):
        ScriptedTeacher.calls.clear()
        again = Rolled(CONFIG, [one], whole.completions[:kept])
        assert len(ScriptedTeacher.calls) == len(whole.traces) - kept and again.traces == whole.traces


def test_the_canaries_of_the_vote_hold():
    found = findings_on_canaries(VoteVerifier(), None)
    assert found.counts["canaries_passed"] == found.counts["canaries_total"] == 6


def test_a_trace_on_which_no_vote_was_taken_does_not_concern_it():
    """So the audit's cases, which no strategy made, are not listed as what it left undecided."""
    report = audit_verifier(VoteVerifier(VoteConfig()), [load("task", "planning.classical.blocks_world")()], 1, seed=1)
    assert report.not_concerned > 0 and not report.gold_n and not report.gold_undecided and report.passed


def test_samples_cannot_grow_since_written_rows_have_a_share():
    assert Majority.grows == frozenset()
