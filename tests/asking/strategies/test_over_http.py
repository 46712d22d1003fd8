"""Strategies over the teacher that speaks HTTP, against a server on loopback."""

from __future__ import annotations

import pytest
from scripted import problem
from servers.chat_server import ChatServer, Said
from tracemill.asking.asking_config import AskingConfig
from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.rollouts_here import roll_here
from tracemill.asking.strategies.adaptive import AdaptiveConfig
from tracemill.asking.strategies.refine import RefineConfig
from tracemill.asking.strategies.single import SingleConfig
from tracemill.asking.strategies.step_search import SearchConfig
from tracemill.asking.teachers.openai.openai_teacher import OpenAIConfig
from tracemill.records.codec import decode


def rolled(strategy, script, prompt="problem 7"):
    one = problem(7, prompt)
    found = {"traces": [], "completions": []}
    with ChatServer(script) as server:
        teacher = OpenAIConfig(kind="openai", urls=(server.url,), model="tiny", sampling={"temperature": 0.7})
        plan = RolloutPlan(teacher, strategy, (("answer", {}),), AskingConfig(in_flight=4))
        for chunk in roll_here(plan, [Order(one)]):
            for table in found:
                if table in chunk.tables:
                    found[table] += decode(table, chunk.tables[table])
    return sorted(found["traces"], key=lambda trace: (trace.sample_index, trace.path)), server.seen


def test_a_search_continues_the_beginning_that_the_server_gave():
    """One step a call, as a server does that stops at a blank line; an empty continuation where nothing is left."""
    steps = ["First, 3 + 4 = 7.", "So it is seven."]

    def script(body, count):
        begun = body["messages"][-1]["content"] if body["messages"][-1]["role"] == "assistant" else ""
        left = [step for step in steps if step not in begun]
        if "stop" not in body:
            return Said("\n\n".join([*left, "\\boxed{7}"]))
        return Said((left[0] if left else "\\boxed{7}") + " " * count)

    config = SearchConfig(kind="search", beam=1, branch=2, rollouts=1, solutions=99, expansions=4)
    traces, seen = rolled(config, script)
    final = next(trace for trace in traces if "rollout" not in trace.path)
    assert final.turns[0].content == "\n\n".join([*steps, "\\boxed{7}"])
    assert [value["value"] for value in final.metadata["rollout_values"]] == [1.0, 1.0]
    continued = [one.body for one in seen if one.body["messages"][-1]["role"] == "assistant"]
    assert continued and all(body["continue_final_message"] for body in continued)


def test_a_search_ends_where_the_model_has_no_more_to_say():
    def script(body, count):
        begun = body["messages"][-1]["role"] == "assistant"
        return Said("", reasoning="") if begun else Said("It is 7")

    config = SearchConfig(kind="search", beam=1, branch=2, guide="verdicts")
    traces, _ = rolled(config, script)
    assert [trace.turns[0].content for trace in traces] == ["It is 7"]


def test_a_critic_behind_http_is_asked_in_a_conversation_of_its_own():
    def script(body, count):
        if "Check the solution" in body["messages"][-1]["content"]:
            right = "\\boxed{7}" in body["messages"][-1]["content"]
            return Said(f"VERDICT: {'RIGHT' if right else 'WRONG'}", reasoning="Let me see.")
        return Said("\\boxed{8}" if len(body["messages"]) == 1 else "\\boxed{7}")

    traces, seen = rolled(RefineConfig(kind="refine"), script)
    assert [trace.metadata.get("critic") for trace in traces] == ["rejects", "approves"]
    assert traces[1].turns[0].content == "\\boxed{7}" and traces[1].metadata["stopped"] == "critic_agreed"
    assert [len(one.body["messages"]) for one in seen] == [1, 1, 3, 1]


def test_samples_of_one_problem_have_seeds_of_their_own():
    _, seen = rolled(AdaptiveConfig(kind="adaptive", samples=6), lambda body, count: Said("\\boxed{8}"))
    seeds = [one.body["seed"] for one in seen]
    assert len(seeds) == len(set(seeds)) == 6


@pytest.mark.parametrize("status", [503, 429])
def test_trouble_of_a_server_is_no_wrong_answer(status):
    script = [Said(status=status, headers={"Retry-After": "0"})] * 2 + [Said("\\boxed{7}")]
    traces, _ = rolled(AdaptiveConfig(kind="adaptive", samples=6), script)
    assert [trace.finish_reason for trace in traces] == ["stop", "stop"]


def test_a_search_goes_on_where_some_beginnings_say_nothing():
    """A model may begin with the blank line at which a step ends."""
    calls = iter(range(100))

    def script(body, count):
        return Said("" if next(calls) == 0 else "It is \\boxed{7}", usage={"completion_tokens": 1})

    config = SearchConfig(kind="search", beam=1, branch=2, guide="verdicts")
    traces, _ = rolled(config, script)
    assert [(trace.finish_reason, trace.turns[0].content) for trace in traces] == [("stop", "It is \\boxed{7}")]


@pytest.mark.parametrize(
    "said", [Said(status=400, raw=b'{"error": {"message": "cut in a smile \\ud83d"}}'), Said(raw=b'{"\\ud83d": 1}')]
)
def test_half_a_character_in_an_error_is_a_row_that_can_be_stored(said):
    """As a server leaves it that cuts its messages after so many UTF-16 units."""
    traces, _ = rolled(SingleConfig(kind="single"), said)
    assert [trace.finish_reason for trace in traces] == ["error"] and "\\ud83d" in traces[0].error
