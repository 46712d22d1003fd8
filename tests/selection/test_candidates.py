from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from tracemill.selection import candidates as selection
from tracemill.selection.candidates import CANDIDATES, candidates
from tracemill.selection.select_config import SelectConfig
from tracemill.settings import plugins
from tracemill.settings.errors import PluginError, UsageError

REQUIRE = ("answer", "steps")
TEXTS = (
    "Let x be the price of an apple. From 3x + 2 = 17 follows 3x = 15 and so x = 5, which is what was asked.",
    "Taking 2 from both sides leaves fifteen for three apples; dividing by three, one apple costs five coins.",
    "Suppose an apple cost 4: then 3·4 + 2 = 14, too little. With 5 the sum is 17, as it must be. So it is 5.",
)


def problem(id_: str = "p", **more: Any) -> dict[str, Any]:
    row = {"id": id_, "domain": "a.b.c.d", "difficulty": 0.3, "split": "train", "screened": False}
    return row | more


def trace(id_: str, **more: Any) -> dict[str, Any]:
    row = {"id": id_, "problem_id": id_[0], "skill": "skills", "finish_reason": "stop", "relation": None}
    text = {
        "flaw_index": None,
        "reasoning": TEXTS[0],
        "content": "Answer: 5",
        "n_steps": 4,
        "rank": None,
        "calls_tools": False,
        "stray_result": False,
    }
    return row | text | more


def verdict(trace_id: str, verifier: str, outcome: str, refuted: int | None = None, entailed: int | None = None):
    row = {"trace_id": trace_id, "verifier": verifier, "outcome": outcome}
    return row | {"first_refuted": refuted, "entailed_prefix": entailed}


def verified(trace_id: str) -> list[dict[str, Any]]:
    return [verdict(trace_id, "answer", "verified"), verdict(trace_id, "steps", "verified", None, 4)]


TEXT = ("id", "problem_id", "skill", "finish_reason", "relation", "reasoning", "content")
TRACES = dict.fromkeys(TEXT, pl.String) | dict.fromkeys(("flaw_index", "n_steps", "rank"), pl.Int64)
TRACES |= dict.fromkeys(("calls_tools", "stray_result"), pl.Boolean)
VERDICTS = dict.fromkeys(("trace_id", "verifier", "outcome"), pl.String)
VERDICTS |= {"first_refuted": pl.Int64, "entailed_prefix": pl.Int64}


def select(
    problems, traces, verdicts, *views: str, require=REQUIRE, config: SelectConfig | None = None
) -> pl.DataFrame:
    return candidates(
        pl.DataFrame(problems),
        pl.DataFrame(traces, schema=TRACES),
        pl.DataFrame(verdicts, schema=VERDICTS),
        config or SelectConfig(),
        require,
        views,
    )


def reason(view: str, given: dict[str, Any], verdicts: list[dict[str, Any]], **of_problem: Any) -> str:
    [row] = select([problem(**of_problem)], [given], verdicts, view).rows(named=True)
    assert row["kept"] == (row["reason"] == "")
    return str(row["reason"])


def test_a_verified_trace_is_kept_with_what_the_curriculum_needs():
    found = select([problem()], [trace("p-1")], verified("p-1"), "sft")
    assert found.rows() == [("sft", "p-1", "trace", "p", ["p-1"], True, "", "", "a.b.c.d", "skills", 0.3)]
    assert found.schema == CANDIDATES


@pytest.mark.parametrize("verifier", REQUIRE)
@pytest.mark.parametrize("outcome", ["unknown", "error", "refuted"])
def test_sft_takes_nothing_that_a_required_verifier_did_not_verify(verifier: str, outcome: str):
    others = [v for v in verified("p-1") if v["verifier"] != verifier]
    assert reason("sft", trace("p-1"), [*others, verdict("p-1", verifier, outcome)]) == f"{verifier} {outcome}"
    assert reason("sft", trace("p-1"), others) == f"{verifier} missing"


def test_a_verdict_of_another_trace_does_not_count():
    assert reason("sft", trace("p-1"), verified("p-2")) == "answer missing"


def test_a_verifier_that_is_not_required_does_not_matter_to_sft():
    judged = [*verified("p-1"), verdict("p-1", "lean", "refuted")]
    assert reason("sft", trace("p-1"), judged) == ""
    [row] = select([problem()], [trace("p-1")], judged, "sft", require=("lean",)).rows(named=True)
    assert row["reason"] == "lean refuted"


def test_sft_takes_no_seeded_flaw_even_if_every_verifier_missed_it():
    assert reason("sft", trace("p-1", flaw_index=2), verified("p-1")) == "seeded flaw"


def steps(outcome: str, refuted: int | None, entailed: int | None, answer: str = "verified") -> list[dict[str, Any]]:
    return [verdict("p-1", "steps", outcome, refuted, entailed), verdict("p-1", "answer", answer)]


@pytest.mark.parametrize(
    ("given", "judged", "expected"),
    [
        ({}, steps("verified", None, 4), ""),
        ({}, steps("refuted", 2, 2, "refuted"), ""),
        ({}, steps("refuted", 0, 0, "refuted"), ""),
        ({"flaw_index": 2}, steps("refuted", 2, 2, "refuted"), ""),
        ({}, steps("verified", None, 3), "no step labels"),
        ({}, steps("verified", None, None), "no step labels"),
        ({}, steps("refuted", 2, 1), "no step labels"),
        ({}, steps("refuted", 4, 4), "no step labels"),
        ({}, steps("refuted", None, 4), "no step labels"),
        ({}, steps("verified", 2, 2), "no step labels"),
        ({"n_steps": 0}, steps("verified", None, 0), "no step labels"),
        ({}, steps("verified", None, 4, "refuted"), "no step labels"),
        ({}, steps("unknown", None, 4), "steps unknown"),
        ({}, steps("error", 2, 2), "steps error"),
        ({}, [verdict("p-1", "answer", "verified")], "steps missing"),
        ({"flaw_index": 1}, steps("refuted", 2, 2), "flaw not confirmed"),
        ({"flaw_index": 2}, steps("verified", None, 4), "flaw not confirmed"),
    ],
)
def test_process_takes_only_traces_whose_steps_have_labels(given: dict[str, Any], judged: list[Any], expected: str):
    assert reason("process", trace("p-1", **given), judged) == expected


def test_a_trace_that_repairs_its_mistake_is_for_sft_and_never_for_process():
    given = trace("p-1", flaw_index=2, relation="self_correction")
    assert reason("sft", given, verified("p-1")) == ""
    assert reason("process", given, verified("p-1")) == "corrects itself"
    assert reason("process", given, steps("refuted", 2, 2)) == "corrects itself"
    assert reason("sft", given, steps("refuted", 2, 2)) == "steps refuted"


def test_a_view_of_held_out_problems_takes_those_and_no_others(monkeypatch):
    bench = replace(plugins.load("view", "sft"), split="bench")
    monkeypatch.setattr(selection, "load", lambda thing, name: bench)
    assert reason("bench", trace("p-1"), verified("p-1"), split="bench") == ""
    assert reason("bench", trace("p-1"), verified("p-1"), split="train") == "not held out"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (lambda require: None, "view 'sft' .* gave NoneType where Expr is wanted"),
        (lambda require: pl.lit(True), "the policy of view 'sft' .* gives Boolean, and not the reason"),
        (lambda require: pl.col("answer.outcom"), "the policy of view 'sft' .* cannot be evaluated: .*answer.outcom"),
    ],
)
def test_a_policy_that_says_no_reason_lets_nothing_in_and_is_named(monkeypatch, policy, said: str):
    odd = replace(plugins.load("view", "sft"), policy=policy)
    monkeypatch.setattr(selection, "load", lambda thing, name: odd)
    with pytest.raises(PluginError, match=said):
        select([problem()], [trace("p-1")], verified("p-1"), "sft")


@pytest.mark.parametrize("view", ["sft", "process", "rlvr"])
def test_held_out_and_rejected_problems_enter_no_view(view: str):
    assert reason(view, trace("p-1"), verified("p-1"), split="bench") == "held out"
    assert reason(view, trace("p-1"), verified("p-1"), split="bench", screened=True) == "problem rejected"
    assert reason(view, trace("p-1"), verified("p-1")) == ""


def test_a_flaw_of_the_text_comes_before_the_verdicts_and_keeps_its_detail():
    [row] = select([problem()], [trace("p-1", finish_reason="length")], [], "sft").rows(named=True)
    assert (row["reason"], row["detail"]) == ("truncated", "length")
    [row] = select([problem(split="bench")], [trace("p-1", finish_reason="length")], [], "sft").rows(named=True)
    assert (row["reason"], row["detail"]) == ("held out", "")


def test_rlvr_has_one_row_per_problem():
    problems = [problem(name) for name in ("a", "b", "c", "d")] + [problem("e", split="bench")]
    traces = [
        trace("a-1", reasoning=TEXTS[0]),
        trace("a-2", reasoning=TEXTS[1], skill="strategy"),
        trace("a-3", reasoning=TEXTS[2]),
        trace("b-1", finish_reason="length"),
        trace("b-2"),
        trace("d-1"),
    ]
    judged = [verdict("a-2", "answer", "verified"), verdict("a-3", "answer", "verified")]
    judged += [verdict("b-1", "answer", "verified"), verdict("b-2", "answer", "unknown")]
    judged += [verdict("a-1", "answer", "refuted"), verdict("d-1", "steps", "verified", None, 4)]
    found = select(problems, traces, judged, "rlvr")
    assert found.select("id", "trace_ids", "reason", "detail", "skill").rows() == [
        ("a", ["a-2", "a-3"], "", "", "strategy"),
        ("b", [], "no verified answer", "answer unknown, truncated", "skills"),
        ("c", [], "no trace", "", None),
        ("d", [], "no verified answer", "answer missing", "skills"),
        ("e", [], "held out", "", None),
    ]


def test_of_duplicates_of_one_problem_the_smallest_id_is_kept():
    long = " ".join(f"Then we add {n} and get {n * n}." for n in range(30))
    traces = [trace("p-3", reasoning=long), trace("p-1", reasoning=long), trace("q-1", reasoning=long)]
    traces += [trace("p-2", reasoning=long.replace("841", "eight hundred")), trace("p-4", reasoning=TEXTS[1])]
    judged = [v for t in traces for v in verified(t["id"])]
    found = select([problem("p"), problem("q")], traces, judged, "sft")
    told = {row["id"]: (row["reason"], row["detail"].split(",")[0]) for row in found.rows(named=True)}
    assert told == {
        "p-1": ("", ""),
        "p-2": ("near duplicate", "of p-1"),
        "p-3": ("exact duplicate", "of p-1"),
        "p-4": ("", ""),
        "q-1": ("", ""),
    }
    strict = SelectConfig.model_validate({"dedup": {"minhash": {"threshold": 1.0}}})
    kept = select([problem("p"), problem("q")], traces, judged, "sft", config=strict).filter("kept")["id"].to_list()
    assert kept == ["p-1", "p-2", "p-4", "q-1"]


def test_a_rejected_trace_displaces_no_other():
    judged = [*verified("p-2"), verdict("p-1", "answer", "refuted")]
    found = select([problem()], [trace("p-1"), trace("p-2")], judged, "sft")
    assert found.select("id", "kept").rows() == [("p-1", False), ("p-2", True)]


def test_process_keeps_a_wrong_twin_of_a_right_trace_but_not_two_alike():
    traces = [trace("p-1"), trace("p-2", flaw_index=2), trace("p-3", flaw_index=2)]
    wrong = [verdict(id_, "steps", "refuted", 2, 2) for id_ in ("p-2", "p-3")]
    found = select([problem()], traces, [*verified("p-1"), *wrong], "process")
    assert found.select("id", "reason").rows() == [("p-1", ""), ("p-2", ""), ("p-3", "exact duplicate")]


def test_several_views_come_in_one_table_sorted_by_view_and_id():
    traces = [trace("p-2", reasoning=TEXTS[1]), trace("p-1")]
    table = select([problem()], traces, [*verified("p-1"), *verified("p-2")], "sft", "rlvr", "process")
    expected = [("process", "p-1"), ("process", "p-2"), ("rlvr", "p"), ("sft", "p-1"), ("sft", "p-2")]
    assert table.select("view", "id").rows() == expected


def test_wrong_calls_are_refused():
    with pytest.raises(UsageError, match=r"no view 'sfd'.*did you mean 'sft'"):
        select([problem()], [trace("p-1")], [], "sfd")
    with pytest.raises(ValueError, match="no verifier is required"):
        select([problem()], [trace("p-1")], [], "sft", require=())
    with pytest.raises(ValueError, match="problems that are not in the table; the first is q-1"):
        select([problem()], [trace("q-1")], [], "sft")


def test_problems_without_traces_give_no_rows_to_views_of_traces():
    assert select([problem()], [], [], "sft").is_empty()
    assert select([problem()], [], [], "rlvr")["reason"].to_list() == ["no trace"]


def test_what_calls_tools_enters_the_views_of_such_conversations_alone():
    called = trace("p-1", calls_tools=True)
    assert reason("sft", called, verified("p-1")) == reason("process", called, verified("p-1")) == "calls tools"
    assert reason("tools", called, verified("p-1")) == ""
    assert reason("tools", trace("p-1"), verified("p-1")) == "calls no tools"
    stray = trace("p-1", calls_tools=True, stray_result=True)
    assert reason("tools", stray, verified("p-1")) == "a result answers no call"
