from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from itertools import pairwise

import pytest
from pydantic import ValidationError
from scripted import Rolled, ScriptedTeacher, problem
from tracemill.asking.strategies.guides import last_score
from tracemill.asking.strategies.search_tree import ends_solution
from tracemill.asking.strategies.step_search import SearchConfig
from tracemill.claims.claim_checker import Ruling
from tracemill.verifiers.answer.verifier import AnswerVerifier

BEAM = SearchConfig(kind="search", beam=2, branch=3, rollouts=4, expansions=12)
TREE = SearchConfig(kind="search", beam=None, branch=3, rollouts=4, expansions=12)


def final(found):
    return [trace for trace in found.traces if "rollout" not in trace.path]


@pytest.mark.parametrize("config", [BEAM, TREE])
def test_a_solution_is_found_that_single_samples_seldom_reach(config):
    """Each of four steps is good with 0.6: one sample in eight is right."""
    problems = [problem(number) for number in range(1, 11)]
    found = Rolled(replace_config(config, branch=4, rollouts=6), problems, rate=0.6, steps=4)
    solved = {trace.problem_id for trace in found.traces if found.outcome(trace) == "verified"}
    assert len(solved) >= 8 and sorted(found.done) == sorted(one.id for one in problems)


def test_values_of_rollouts_become_soft_labels_of_the_steps_and_no_verdicts():
    found = Rolled(BEAM, [problem(number) for number in range(1, 7)], rate=0.6)
    labelled = [trace for trace in found.traces if "rollout_values" in trace.metadata]
    assert labelled
    for trace in labelled:
        text = trace.turns[0].text
        for value in trace.metadata["rollout_values"]:
            assert set(value) == {"end", "value", "rollouts"} and text[: value["end"]].endswith(("good", "bad"))
            # After a bad step no rollout is right.
            if "bad" in text[: value["end"]]:
                assert value["value"] == 0.0
    assert {verdict.verifier for verdict in found.tables["verdicts"]} == {"answer", "vote"}


def test_a_trace_is_the_whole_path_and_names_its_calls_and_scores():
    found = Rolled(BEAM, [problem(1)], rate=0.8)
    calls = {one.id: one for one in found.completions}
    for trace in found.traces:
        begun = ""
        for one in trace.call_ids:
            assert calls[one].turn.text.startswith(begun)
            begun = calls[one].turn.text
        assert trace.turns[0].text == begun
        assert trace.completion_tokens == sum(calls[one].completion_tokens for one in trace.call_ids)
        assert trace.relation == "continuation" and trace.metadata["search"]["scores"] is not None


def test_each_stop_has_its_reason():
    def reason(config, **script):
        traces = Rolled(config, [problem(1)], **script).traces
        assert not any("stopped" in trace.metadata for trace in traces[:-1])
        return traces[-1].metadata["stopped"]

    assert reason(BEAM, rate=1.0) == "enough"
    assert reason(replace_config(TREE, expansions=3), rate=0.0) == "bound"
    assert reason(replace_config(BEAM, depth=2), rate=0.0, steps=2) == "hopeless"


def replace_config(config, **changes):
    return config.model_copy(update=changes)


def test_the_tree_goes_back_where_a_score_drops():
    """Best first: some beginning is continued after a longer one."""
    problems = [problem(number) for number in range(1, 9)]
    found = Rolled(replace_config(TREE, expansions=30), problems, rate=0.35, steps=5)
    went_back = False
    for one in {trace.problem_id for trace in found.traces}:
        paths = [call.call for call in found.completions if call.problem_id == one and "rollout" not in call.call]
        depths = [path.count("/") for path in paths]
        went_back |= any(later < earlier for earlier, later in pairwise(depths))
    assert went_back


def test_a_step_that_a_verifier_refutes_is_not_continued(monkeypatch):
    real = AnswerVerifier.rule

    def rule(self, problem, trace):
        if trace.finish_reason == "length":
            bad = "bad" in trace.turns[0].text
            return Ruling("refuted" if bad else "unknown", "a bad step", strength="exact")
        return real(self, problem, trace)

    monkeypatch.setattr(AnswerVerifier, "rule", rule)
    monkeypatch.setattr(AnswerVerifier, "scope", "steps")
    config = replace_config(TREE, guide="verdicts", expansions=40, branch=4)
    found = Rolled(config, [problem(number) for number in range(1, 6)], rate=0.5)
    continued = [call.sampling.get("prefix", "") for call in ScriptedTeacher.questions]
    assert len(continued) > 20 and not any("bad" in prefix for prefix in continued)
    assert {found.outcome(trace) for trace in final(found)} >= {"verified"}
    kept = {trace.id for trace in found.traces}
    assert all(verdict.trace_id in kept for verdict in found.tables["verdicts"])


@pytest.mark.parametrize("config", [BEAM, TREE])
def test_a_kill_repeats_no_answered_call(config):
    one = problem(2)
    whole = Rolled(config, [one], rate=0.2)
    total = len(whole.completions)
    assert total > 20
    for kept in range(0, total, 7):
        ScriptedTeacher.calls.clear()
        again = Rolled(config, [one], whole.completions[:kept], rate=0.2)
        assert len(ScriptedTeacher.calls) == total - kept and again.traces == whole.traces


def test_a_failed_call_is_asked_again_and_nothing_else():
    one = problem(2)
    first = Rolled(BEAM, [one], fails=("problem 2/rollout/1",))
    assert first.done == [] and {trace.finish_reason for trace in first.traces} == {"error"}
    ScriptedTeacher.calls.clear()
    again = Rolled(BEAM, [one], first.completions)
    assert again.done == [one.id] and ScriptedTeacher.calls[0][0] == "problem 2/rollout/1"
    asked = {seed for _, seed in ScriptedTeacher.calls}
    assert len(asked) == len(again.completions) == len(ScriptedTeacher.calls)


def test_what_states_an_answer_ends_a_solution():
    assert ends_solution("So \\boxed{3}") and ends_solution("#### 12") and ends_solution("Answer: 4")
    assert not ends_solution("The answer is found by adding.") and not ends_solution("First, 3 + 4 = 7.")


def test_a_scorer_without_an_address_is_refused():
    with pytest.raises(ValidationError, match="needs scorer_url and scorer_model"):
        SearchConfig(kind="search", guide="scorer")


@pytest.mark.parametrize(
    ("data", "score"), [([[0.9, 0.1], [0.2, 0.8]], 0.8), ([0.4, 0.7], 0.7), ([[0.3]], 0.3), (0.5, 0.5)]
)
def test_the_score_is_that_of_the_last_step(data, score):
    assert last_score({"data": [{"data": data}]}) == score


def test_a_reply_without_a_score_says_so():
    with pytest.raises(ValueError, match="no score in the reply"):
        last_score({"data": []})


@contextmanager
def pooling_server(seen, said=None):
    """vLLM's pooling API on loopback: a step is right with the share of words `good` in the conversation. `said`: what
    it answers instead, whatever it is asked."""
    from aiohttp import web

    async def pool(request):
        body = await request.json()
        seen.append(body)
        if said is not None:
            return web.Response(body=said, content_type="application/json")
        steps = body["messages"][-1]["content"].split("<extra_0>")[:-1]
        rows = [[float("bad" in step), 1 - float("bad" in step)] for step in steps]
        return web.json_response({"data": [{"data": rows}], "usage": {"prompt_tokens": 12}})

    loop = asyncio.new_event_loop()
    app = web.Application()
    app.router.add_post("/pooling", pool)
    runner = web.AppRunner(app)
    loop.run_until_complete(runner.setup())
    site = web.TCPSite(runner, "127.0.0.1", 0)
    loop.run_until_complete(site.start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_scorer_behind_the_pooling_api_guides_and_its_scores_are_journaled():
    seen = []
    one = problem(3)
    with pooling_server(seen) as url:
        config = replace_config(TREE, guide="scorer", scorer_url=f"{url}/v1", scorer_model="prm", expansions=20)
        found = Rolled(config, [one], rate=0.5)
    assert "verified" in {found.outcome(trace) for trace in found.traces} and seen[0]["model"] == "prm"
    scores = [call for call in found.completions if call.call.endswith("/score")]
    assert scores and {call.author for call in scores} == {"prm"}
    # The server is gone: what it said is in the journal.
    ScriptedTeacher.calls.clear()
    again = Rolled(config, [one], found.completions, rate=0.5)
    assert again.traces == found.traces and ScriptedTeacher.calls == []


def test_a_scorer_that_is_gone_is_trouble_and_the_problem_is_asked_again():
    config = replace_config(TREE, guide="scorer", scorer_url="http://127.0.0.1:9", scorer_model="prm")
    found = Rolled(config, [problem(3)], rate=0.5)
    assert found.done == [] and "ClientConnectorError" in found.traces[0].error


@pytest.mark.parametrize("usage", ["null", "[1]", '{"prompt_tokens": "12"}', '{"prompt_tokens": 1e30}'])
def test_a_scorer_that_counts_no_tokens_scores_all_the_same(usage):
    with pooling_server([], b'{"data": [{"data": [0.2, 0.8]}], "usage": %s}' % usage.encode()) as url:
        config = replace_config(TREE, guide="scorer", scorer_url=url, scorer_model="prm", expansions=3)
        found = Rolled(config, [problem(3)], rate=0.5)
    scores = [call for call in found.completions if call.call.endswith("/score")]
    assert scores and {(call.metadata["score"], call.prompt_tokens) for call in scores} == {(0.8, None)}


@pytest.mark.parametrize(
    "said", [b'{"data": [{"data": [0.1, NaN]}]}', b'{"data": [{"data": [1e999]}]}', b"[]", b"null"]
)
def test_a_score_that_is_no_number_is_a_failed_call(said):
    with pooling_server([], said) as url:
        config = replace_config(TREE, guide="scorer", scorer_url=url, scorer_model="prm", expansions=3)
        found = Rolled(config, [problem(3)], rate=0.5)
    assert found.done == [] and "no score in the reply of the pooling API" in found.traces[0].error
