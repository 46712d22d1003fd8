from __future__ import annotations

from scripted import Rolled, ScriptedTeacher, problem
from tracemill.asking.strategies.best_of_n import BestOfNConfig

CONFIG = BestOfNConfig(kind="best_of_n", samples=6)


def test_all_samples_are_kept_and_ranked_verified_first_then_shorter():
    found = Rolled(CONFIG, [problem(1)])
    ranked = sorted(found.traces, key=lambda trace: trace.metadata["rank"])
    assert [trace.metadata["rank"] for trace in ranked] == list(range(6))
    order = [(found.outcome(trace) == "refuted", trace.completion_tokens, trace.sample_index) for trace in ranked]
    assert order == sorted(order) and {refuted for refuted, *_ in order} == {True, False}


def test_no_rank_is_written_while_a_call_is_missing():
    one = problem(1)
    first = Rolled(CONFIG, [one], fails=("problem 1/solve/2",))
    assert first.done == [] and [trace.finish_reason for trace in first.traces] == ["error"]
    ScriptedTeacher.calls.clear()
    again = Rolled(CONFIG, [one], first.completions)
    assert [name for name, _ in ScriptedTeacher.calls] == ["problem 1/solve/2"]
    assert sorted(trace.metadata["rank"] for trace in again.traces) == list(range(6)) and again.done == [one.id]
