"""What the manifest and the card say of a build: only what is known of all of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tracemill.asking.teachers.symbolic import SymbolicTeacher
from tracemill.publishing import all_figures
from tracemill.publishing.figure import Figure
from workplace import CONFIG


def manifest(out: str) -> dict[str, Any]:
    return json.loads((Path(out) / "manifest.json").read_text())


def card(out: str) -> str:
    return (Path(out) / "dataset" / "README.md").read_text()


def counting(monkeypatch: pytest.MonkeyPatch, measured) -> None:
    """A teacher whose replies say of their cost what `measured` gives for the problem's index."""
    answer = SymbolicTeacher.answer

    async def counted(self, call):
        return replace(await answer(self, call), **measured(call.problem.source.index))

    monkeypatch.setattr(SymbolicTeacher, "answer", counted)


def test_a_cost_that_is_known_of_every_trace_is_summed(workplace, monkeypatch):
    counting(monkeypatch, lambda index: {"joules": 2.5, "completion_tokens": 10})
    assert workplace.build("sources.0.per_task=4") == 0
    found = manifest(workplace.out)
    amounts, verified = found["costs"]["amounts"], found["verified_traces"]
    assert amounts["joules"]["total"] == 2.5 * found["counts"]["traces"] == 40
    per_verified = round(160 / verified, 1)
    assert amounts["completion_tokens"] == {"total": 160, "calls": 16, "per_trace": 10, "per_verified": per_verified}
    assert "| joules of GPUs | 40 | 2.5 |" in card(workplace.out)
    # What nobody measured is not there, and nothing was paid.
    assert set(amounts) == {"prompt_tokens", "reasoning_tokens", "completion_tokens", "joules"}
    assert "seconds of calls" not in card(workplace.out) and "money" not in card(workplace.out)


def test_a_cost_that_some_calls_lack_is_a_lower_bound(workplace, monkeypatch):
    counting(monkeypatch, lambda index: {"joules": 2.5} if index else {"completion_tokens": None})
    assert workplace.build("sources.0.per_task=4") == 0
    found = manifest(workplace.out)
    assert found["costs"]["amounts"]["joules"]["calls"] == found["costs"]["amounts"]["completion_tokens"]["calls"] == 12
    assert "| joules of GPUs | at least 30 |" in card(workplace.out)
    assert "| 12 of 16 calls |" in card(workplace.out)
    assert {one["verified_per_1000_tokens"] for one in found["solving"]} == {None}


def test_each_task_says_what_it_is_solved_for(workplace, monkeypatch, capsys):
    counting(monkeypatch, lambda index: {"completion_tokens": 500, "seconds": 2.0})
    assert workplace.build("sources.0.per_task=4") == 0
    algebra, planning = manifest(workplace.out)["solving"]
    assert (algebra["task"], algebra["strategy"]) == ("math.algebra.linear_system", "single")
    assert planning["task"] == "planning.classical.blocks_world"
    for one in (algebra, planning):
        assert one["traces"] == 8 and one["accuracy"] == one["verified"] / 8
        assert one["verified_per_1000_tokens"] == one["verified"] / 4
        assert one["steps_per_second"] > 0.5
    amounts = manifest(workplace.out)["costs"]["amounts"]
    each = [amounts[name]["per_verified"] for name in ("completion_tokens", "seconds")]
    assert "cost       {:,g} tokens, {:g} s for each verified trace\n".format(*each) in capsys.readouterr().out


def test_a_critic_is_held_against_the_verdicts(workplace, monkeypatch):
    """The first of four problems is rejected by the critic in all its solutions, the others are approved of."""
    counting(monkeypatch, lambda index: {"metadata": {"critic": "approves" if index else "rejects"}})
    assert workplace.build("sources.0.per_task=4", "teacher.mistakes=1.0") == 0
    found = manifest(workplace.out)
    critics, traces = found["critics"], found["counts"]["traces"]
    assert sum(sum(said.values()) for said in critics["opinions"].values()) == traces == 16
    refuted = critics["opinions"]["refuted"]
    assert critics["sycophancy"]["count"] == refuted["approves"] > 0
    assert critics["sycophancy"]["of"] == refuted["approves"] + refuted["rejects"]
    assert critics["false_alarms"]["count"] == critics["opinions"]["verified"]["rejects"] > 0
    assert "(sycophancy): " in card(workplace.out)


def test_the_card_says_how_calls_ended(workplace, monkeypatch):
    def measured(index):
        if index:
            return {"metadata": {"retries": index, "stopped": "enough"}}
        return {"finish_reason": "loop", "metadata": {"loop": {"period": 3, "at": 9, "saved_tokens": 700}}}

    counting(monkeypatch, measured)
    assert workplace.build("sources.0.per_task=4") == 0
    endings = manifest(workplace.out)["endings"]
    assert endings == {
        "calls": {"loop": 4, "stop": 12},
        "retries": 2 * 2 * (1 + 2 + 3),
        "saved_tokens": 2800,
        "stopped": {"enough": 12},
    }
    assert "had 2,800 tokens left of what they were allowed" in card(workplace.out)


def test_the_card_states_the_licence_that_the_rows_carry_for_the_teacher(finished):
    assert manifest(finished.out)["teacher"]["licence"] == "Apache-2.0"
    assert "licence of its output: Apache-2.0." in card(finished.out)


def test_72_a_problem_that_was_excluded_is_no_source_of_the_dataset(workplace, capsys):
    rows = [
        {"q": f"How much is {n} and {n}?", "a": str(2 * n), "l": "MIT" if n < 5 else "NOASSERTION AND MIT"}
        for n in range(1, 8)
    ]
    (workplace.folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    source = {
        "kind": "jsonl",
        "name": "sums",
        "path": str(workplace.folder / "rows.jsonl"),
        "domain": "math.arithmetic.sum.plain",
        "fields": {"prompt": "q", "answer": "a", "licence": "l", "references": [{"text": "a", "author": "Ann"}]},
        "check": {"kind": "numeric"},
    }
    workplace.config({**CONFIG, "sources": [source], "teacher": {"kind": "replay"}, "views": ["rlvr"]})
    assert workplace.build() == 0
    found = manifest(workplace.out)
    assert found["lines"] == {"the licence is no SPDX expression": 3}
    assert [(one["licence"], one["problems"]) for one in found["sources"]] == [("MIT", 4)]
    # No domain, so there were no labelled cases.
    unmeasured = (
        "false negatives not measured, false positives not measured, "
        "undecided of right not measured, undecided of wrong not measured"
    )
    assert capsys.readouterr().out.count(unmeasured) == 2
    assert "NOASSERTION" not in card(workplace.out)


def test_the_summary_follows_the_config_and_the_curriculum_and_needs_no_sft(workplace, capsys):
    stages = [{"name": name, "rows": {"process": 3, "rlvr": 2}, "domains": {"*": 1.0}} for name in ("zeal", "awe")]
    workplace.curriculum({"name": "named_backwards", "shortfall": "fail", "stages": stages})
    assert workplace.build("views=[rlvr, process]", "sources.0.per_task=6") == 0
    text = capsys.readouterr().out
    assert f"(load_dataset('{workplace.out}/dataset', 'rlvr', split='train'))" in text
    assert "rows       rlvr           4  (zeal 2, awe 2)\n           process        6  (zeal 3, awe 3)\n" in text
    assert "A sample, with its ledger" in text


def test_one_entry_adds_a_figure_to_manifest_card_and_summary(finished, workplace, monkeypatch, capsys):
    """Steps per trace, from the build's tables."""

    def measure(build):
        counts = [frame["steps"].list.len() for frame in build.tables.batches("traces", ("steps",))]
        return {"steps_per_trace": round(pl.concat(counts).mean(), 2)}

    figure = Figure(
        measure,
        reads=("steps_per_trace",),
        heading="Length",
        card=lambda found: f"Solutions have {found['steps_per_trace']} steps on average.",
        label="length",
        summary=lambda found: f"{found['steps_per_trace']} steps a trace",
    )
    monkeypatch.setattr(all_figures, "FIGURES", (*all_figures.FIGURES, figure))
    shutil.copytree(finished.out, workplace.out)
    assert workplace.build("name=measured") == 0
    steps = manifest(workplace.out)["steps_per_trace"]
    assert steps > 2
    assert f"\n## Length\n\nSolutions have {steps} steps on average.\n" in card(workplace.out)
    assert f"\nlength     {steps} steps a trace\n" in capsys.readouterr().out


def test_two_figures_cannot_write_the_same_key(finished, workplace, monkeypatch, capsys):
    again = replace(all_figures.FIGURES[0], measure=lambda build: {"seed": 8})
    monkeypatch.setattr(all_figures, "FIGURES", (*all_figures.FIGURES, again))
    shutil.copytree(finished.out, workplace.out)
    assert workplace.build("name=twice") == 1
    assert "two figures give seed" in capsys.readouterr().err


def sums(workplace, questions: list[str], **changed: Any) -> None:
    """A config of problems from lines: the answer to each question is its last number, played back."""
    answers = {one: one.rstrip("?").split()[-1] for one in questions}
    lines = [{"q": one, "a": answers[one], "s": f"It is \\boxed{{{answers[one]}}}."} for one in questions]
    (workplace.folder / "sums.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    source = {
        "kind": "jsonl",
        "name": "sums",
        "path": str(workplace.folder / "sums.jsonl"),
        "licence": "MIT",
        "domain": "math.arithmetic.sum.plain",
        "fields": {"prompt": "q", "answer": "a", "references": [{"text": "s", "author": "Ann"}]},
        "check": {"kind": "numeric"},
    }
    settings = {"teacher": {"kind": "replay"}, "strategy": {"kind": "single"}, "split": {"bench": 0}, "views": ["rlvr"]}
    verify = {"require": ["answer"], "audit": 1, "leakage": None}
    workplace.config({**CONFIG, "sources": [source], **settings, "verify": verify, **changed})


def test_duplicates_are_counted_in_clusters_around_the_one_that_was_kept(workplace):
    alike = "In {} " + " ".join(f"lamp number {place} is lit," for place in range(30)) + " and all told there are 9"
    again = ["What is the number of hens on the farm of Ida, if there are 4"] * 3
    sums(workplace, [*again, *(alike.format(town) for town in ("Oslo", "Bern")), "Tell me how much is 12"])
    assert workplace.build() == 0
    found = manifest(workplace.out)["duplicates"]["problems"]
    assert (found["clusters"], found["rejected"], found["exact"]) == (2, 3, 2)
    assert found["sizes"] == [{"start": 2, "count": 1}, {"start": 3, "count": 1}]
    assert [one["rejected"] for one in found["largest"]] == [2, 1]
    assert "| `problems` | 2 | 3 | 2 | from 2: 1, from 3: 1 | 2, 1 |" in card(workplace.out)
    page = (Path(workplace.out) / "report.html").read_text()
    assert page.count("hens on the farm of Ida") >= 2 and "for it" in page


def test_without_duplicates_the_card_says_so(finished):
    assert manifest(finished.out)["duplicates"] == {}
    assert "No problem and no solution was rejected as a copy of another one." in card(finished.out)


def test_rows_are_counted_by_difficulty_and_by_length(finished):
    found = manifest(finished.out)
    for view, total in found["view_totals"].items():
        assert sum(one["count"] for one in found["difficulties"][view]) == total
    lengths = found["length_columns"]["sft"]
    assert sum(one["count"] for one in lengths) == found["lengths"]["sft"]["rows"]
    assert lengths[-1]["start"] <= found["lengths"]["sft"]["longest"]
    assert "Rows by difficulty, each line up to the next." in card(finished.out)


def test_pass_rates_are_those_of_a_model_only(finished):
    assert manifest(finished.out)["pass_rates"] is None
    assert "## Pass rates" not in card(finished.out)
