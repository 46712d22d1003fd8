"""Each strategy in a build: the rows that come of it, and what a death in the middle costs."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
import scripted
from scripted import ScriptedTeacher, build_place
from test_build_lives import DeadError, dying
from tracemill.records import fingerprint
from tracemill.settings import plugins
from tracemill.store.journal import open_again, recover
from tracemill.store.store import Store
from workplace import CONFIG, Workplace

STRATEGIES = {
    "single": {"kind": "single", "samples": 4, "efforts": ["low", "high"]},
    "best_of_n": {"kind": "best_of_n", "samples": 4},
    "majority": {"kind": "majority", "samples": 6},
    "adaptive": {"kind": "adaptive", "samples": 12},
    "adaptive with a budget": {"kind": "adaptive", "samples": 12, "tokens": 1000},
    "refine": {"kind": "refine", "samples": 2},
    "search": {"kind": "search", "beam": 2, "branch": 2, "rollouts": 2, "expansions": 6},
}


@pytest.fixture(autouse=True)
def scripted_teacher(monkeypatch):
    scripted.install(monkeypatch)
    yield
    plugins.installed.cache_clear()


def rows(out, table, *columns):
    store = Store(out)
    return [row for batch in store.scan(store.latest(), table, columns or None) for row in batch.to_pylist()]


def durable(out: str) -> set[int]:
    """The seeds of the calls whose answers are committed or in the journal; a seed derives from the completion's id."""
    store = Store(out)
    latest = store.latest()
    committed = latest is not None and "completions" in latest.tables
    found = {row["id"] for row in rows(out, "completions", "id")} if committed else set()
    for segment in recover(store.files, "traces", None).segments:
        if "completions" in segment.extents:
            for batch in open_again(store.files, segment).batches("completions"):
                found.update(batch.column("id").to_pylist())
    return {int(fingerprint(one, digits=12), 16) for one in found}


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_build_that_dies_on_the_way_asks_for_nothing_that_it_has(tmp_path, name, capsys):
    place = build_place(tmp_path, STRATEGIES[name], count=10, teacher={"kind": "scripted_here"})
    reference = str(tmp_path / "reference")
    assert place.build(out=reference) == 0, capsys.readouterr().err
    wanted = {seed for _, seed in ScriptedTeacher.calls}
    assert len(wanted) == len(ScriptedTeacher.calls)
    rng, deaths = random.Random(7), Counter()
    asked: set[int] = set()
    for _ in range(40):
        ScriptedTeacher.calls.clear()
        known = durable(place.out) if deaths else set()
        try:
            with dying(rng.randint(10, 16)):
                place.build(flags=("--until", "traces"))
        except DeadError:
            deaths["inside"] += bool(ScriptedTeacher.calls)
        else:
            break
        finally:
            seeds = {seed for _, seed in ScriptedTeacher.calls}
            assert not seeds & known
            asked |= seeds
    assert place.build() == 0  # what is left after the traces
    assert deaths["inside"] >= 2 and asked == wanted
    assert place.shards() == place.shards(reference)


@pytest.mark.parametrize("writes", [13, 16])
def test_rounds_that_go_on_say_how_many_samples_are_kept(tmp_path, writes, capsys):
    place = build_place(tmp_path, STRATEGIES["adaptive"], count=10, teacher={"kind": "scripted_here"})
    with pytest.raises(DeadError), dying(writes):
        place.build(flags=("--until", "traces"))
    kept = len(durable(place.out))
    assert kept > 0 and "samples of earlier runs" not in capsys.readouterr().err
    assert place.build(flags=("--until", "traces")) == 0
    assert f"traces: {kept} samples of earlier runs are kept\n" in capsys.readouterr().err


def test_only_the_best_of_n_samples_goes_to_sft(tmp_path):
    place = build_place(tmp_path, STRATEGIES["best_of_n"])
    assert place.build() == 0
    ranks = {row["id"]: json.loads(row["metadata"])["rank"] for row in rows(place.out, "traces", "id", "metadata")}
    selection = rows(place.out, "selection", "kept", "reason", "problem_id", "trace_ids")
    kept = [row for row in selection if row["kept"]]
    assert len(kept) == len({row["problem_id"] for row in kept}) > 8
    assert {ranks[row["trace_ids"][0]] for row in kept} == {0}
    assert Counter(row["reason"] for row in selection)["not the best sample"] > 5


def test_problems_whose_answer_nobody_knows_become_data_by_a_vote(tmp_path, capsys):
    """The teacher knows the answers, since it is scripted; the build does not."""
    place = build_place(
        tmp_path, {**STRATEGIES["majority"], "samples": 8}, teacher={"kind": "scripted_here", "rate": 0.7}
    )
    overrides = ("sources.0.fields.answer=null", "verify.require=[{kind: vote, share: 0.5}]", "verify.also=[answer]")
    assert place.build(*overrides) == 0, capsys.readouterr().err
    assert {row["answer"] for row in rows(place.out, "problems", "answer")} == {""}
    found = rows(place.out, "verdicts", "verifier", "outcome", "strength")
    assert {row["outcome"] for row in found if row["verifier"] == "answer"} == {"unknown"}
    votes = Counter((row["outcome"], row["strength"]) for row in found if row["verifier"] == "vote")
    assert votes["verified", "judged"] > 20 and votes["refuted", "judged"] > 5
    selection = rows(place.out, "selection", "kept", "reason")
    assert any(row["kept"] for row in selection) and "vote refuted" in {row["reason"] for row in selection}


def test_the_rounds_of_adaptive_decide_the_same_on_ray(tmp_path, capsys):
    strategy = {"kind": "adaptive", "samples": 4, "verified": 2, "refuted": 1, "tokens": 10**6}
    source = {**CONFIG["sources"][0], "select": ["math.algebra.*"], "per_task": 8}
    place = Workplace(tmp_path)
    place.config(
        {**CONFIG, "sources": [source], "strategy": strategy, "teacher": {"kind": "symbolic", "mistakes": 0.6}}
    )
    found = {}
    for kind in ("local", "ray"):
        out = str(tmp_path / kind)
        assert place.build(f"executor.kind={kind}", out=out, flags=("--until", "traces")) == 0, capsys.readouterr().err
        found[kind] = rows(out, "traces", "id", "digest", "metadata")
    assert found["local"] == found["ray"] and len(found["ray"]) > 16


def test_pass_rates_are_measured_with_their_intervals(tmp_path):
    place = build_place(tmp_path, STRATEGIES["adaptive"], teacher={"rates": {"problem 1": 0.0, "problem 2": 1.0}})
    assert place.build() == 0
    problems = {row["id"]: row["prompt"] for row in rows(place.out, "problems", "id", "prompt")}
    found = {problems[row["problem_id"]]: row for row in rows(place.out, "estimates")}
    assert len(found) == 12 and {row["model"] for row in found.values()} == {"scripted"}
    assert (found["problem 1"]["k"], found["problem 1"]["n"]) == (0, 12)
    assert (found["problem 2"]["k"], found["problem 2"]["n"]) == (2, 2)
    assert found["problem 2"]["low"] == pytest.approx(0.1581, abs=1e-4) and found["problem 2"]["high"] == 1.0


def test_revisions_and_paths_of_a_search_are_no_samples_of_a_pass_rate(tmp_path):
    for name, most in (("refine", 2), ("search", 0)):
        folder = tmp_path / name
        folder.mkdir()
        place = build_place(folder, STRATEGIES[name], count=6)
        assert place.build() == 0
        assert {row["n"] for row in rows(place.out, "estimates")} == {most}


def test_an_embedded_teacher_has_no_pass_rate(tmp_path):
    place = build_place(tmp_path, STRATEGIES["single"], teacher={"kind": "scripted_here"})
    assert place.build() == 0
    assert rows(place.out, "estimates") == []


def test_a_budget_may_be_raised_and_the_problems_left_out_are_named(tmp_path, capsys):
    place = build_place(tmp_path, STRATEGIES["adaptive with a budget"], count=100, teacher={"kind": "scripted_here"})
    assert place.build("strategy.tokens=1500") == 0
    assert "problems were not asked; the budget of tokens went to others" in capsys.readouterr().err
    before = rows(place.out, "traces")
    ScriptedTeacher.calls.clear()
    assert place.build("strategy.tokens=4000") == 0
    after = rows(place.out, "traces")
    assert len(after) - len(before) == len(ScriptedTeacher.calls) > 50
    assert {row["id"] for row in before} < {row["id"] for row in after}
    assert place.build("strategy.tokens=3000") == 2


def test_failed_calls_are_made_again_by_the_next_run(tmp_path):
    strategy, fails = STRATEGIES["adaptive"], ["problem 3/solve/0", "problem 4/solve/1"]
    place = build_place(tmp_path, strategy, teacher={"kind": "scripted_here"})
    assert place.build(f"teacher.fails={json.dumps(fails)}", flags=("--until", "traces")) == 0
    ScriptedTeacher.calls.clear()
    assert place.build() == 0
    again = [name for name, _ in ScriptedTeacher.calls]
    assert {*fails} <= {*again} and all(name.startswith(("problem 3/", "problem 4/")) for name in again)
    # Another attempt has another seed, and may be answered otherwise.
    traces = [row for row in rows(place.out, "traces") if row["finish_reason"] == "stop"]
    last = {row["problem_id"]: row for row in sorted(traces, key=lambda row: row["sample_index"])}
    assert len(last) == 12 and all("stopped" in json.loads(row["metadata"]) for row in last.values())


def test_examples_of_a_file_are_part_of_what_a_build_rests_on(tmp_path):
    examples = tmp_path / "examples.jsonl"
    examples.write_text(json.dumps({"question": "1+1?", "answer": "\\boxed{2}"}) + "\n")
    strategy = {"kind": "single", "prompt": {"examples": str(examples)}}
    place = build_place(tmp_path, strategy, count=2, teacher={"kind": "scripted_here"})
    assert place.build() == 0
    assert [len(call.messages) for call in ScriptedTeacher.questions] == [3, 3]
    examples.write_text(json.dumps({"question": "1+2?", "answer": "\\boxed{3}"}) + "\n")
    assert place.build() == 2
