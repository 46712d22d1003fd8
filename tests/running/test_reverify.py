"""What a new or changed claim checker costs: only the verdicts that it would give are given again."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tracemill.claims.claim_checker import Canary, ClaimChecker, Ruling
from tracemill.claims.entailment.checker import EntailmentChecker
from tracemill.claims.state.checker import StateChecker
from tracemill.cli.command_line import main
from tracemill.records import Problem, Step
from tracemill.running.executors.in_process import LocalExecutor
from tracemill.running.phases.judge_traces import JudgeTraces
from tracemill.running.phases.make_problems import MakeProblems
from tracemill.settings.plugins import TABLE, installed
from tracemill.store.journal import Journal
from tracemill.store.run import Run
from tracemill.store.store import Store
from tracemill.verifiers.answer import canaries
from workplace import CONFIG, Workplace


class Unused(ClaimChecker):
    """Of a kind that no trace claims; its canaries would fail every audit that ran them."""

    kind: ClassVar[str] = "unused"
    version: ClassVar[str] = "1"
    entails: ClassVar[bool] = True

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        raise AssertionError("nobody claims this")

    def canaries(self) -> Iterator[Canary]:
        raise AssertionError("nobody needs these")


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Audits without the answers that hang until their deadline."""
    monkeypatch.setattr(canaries, "_CASES", tuple(case for case in canaries._CASES if "hang" not in case[0]))
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.fixture
def copied(finished: Workplace, workplace: Workplace) -> Workplace:
    """A finished build of one's own: traces of one task claim `entailment`, those of the other `state`."""
    shutil.copytree(finished.out, workplace.out)
    return workplace


def install(monkeypatch: pytest.MonkeyPatch, kind: str, place: str | None) -> None:
    """Under this kind, the checker at that place; none at all where there is no place."""
    if place is None:
        monkeypatch.delitem(TABLE["claim"], kind)
    else:
        monkeypatch.setitem(TABLE["claim"], kind, place)
    installed.cache_clear()


def rows(out: str, table: str, *columns: str) -> list[dict[str, Any]]:
    store = Store(out)
    commit = store.latest()
    assert commit is not None
    return [row for batch in store.scan(commit, table, columns) for row in batch.to_pylist()]


def verdicts(out: str) -> dict[str, dict[str, Any]]:
    columns = ("id", "trace_id", "verifier", "judge", "outcome", "attempt")
    return {row["id"]: row for row in rows(out, "verdicts", *columns)}


def tasks(out: str) -> dict[str, str]:
    """By trace, the task of its problem."""
    domains = {row["id"]: row["domain"].rpartition(".")[0] for row in rows(out, "problems", "id", "domain")}
    return {row["id"]: domains[row["problem_id"]] for row in rows(out, "traces", "id", "problem_id")}


PLANS = "planning.classical.blocks_world"


def of_plans(out: str) -> set[str]:
    return {trace for trace, task in tasks(out).items() if task == PLANS}


def test_a_verdict_names_the_checkers_of_its_own_trace_alone(finished: Workplace) -> None:
    found = Counter(
        (tasks(finished.out)[row["trace_id"]], *json.loads(row["judge"])["checkers"])
        for row in verdicts(finished.out).values()
        if row["verifier"] == "steps"
    )
    assert set(found) == {("math.algebra.linear_system", "entailment"), (PLANS, "state")}


def test_a_new_checker_that_no_trace_needs_makes_nothing_stale(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, commit = verdicts(copied.out), Store(copied.out).latest()
    install(monkeypatch, "unused", f"{__name__}:Unused")
    assert copied.build() == 0
    assert "nothing to do" in capsys.readouterr().out
    assert main(["reverify", copied.out]) == 0
    assert verdicts(copied.out) == before
    assert Store(copied.out).latest() == commit


def test_a_build_with_a_checker_that_nothing_needs_does_not_audit_it(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, "unused", f"{__name__}:Unused")
    assert workplace.build("sources.0.select=[planning.*]", "sources.0.per_task=4") == 0


def test_a_changed_checker_judges_again_just_the_traces_that_use_it(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, plans = verdicts(copied.out), of_plans(copied.out)
    monkeypatch.setattr(StateChecker, "version", "next")
    assert main(["reverify", copied.out]) == 0
    added = [row for name, row in verdicts(copied.out).items() if name not in before]
    assert {row["trace_id"] for row in added} == plans
    assert {row["verifier"] for row in added} == {"steps"}
    assert len(added) == len(plans) < len(tasks(copied.out))
    assert {json.loads(row["judge"])["checkers"]["state"]["version"] for row in added} == {"next"}
    after = verdicts(copied.out)
    assert main(["reverify", copied.out]) == 0
    assert copied.build() == 0
    assert verdicts(copied.out) == after


def test_a_checker_that_rules_otherwise_changes_what_is_selected(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a plain `build`, and though the old verdicts stay in the table."""

    def rule(self: StateChecker, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> dict[int, Ruling]:
        return dict.fromkeys(wanted, Ruling("unknown", "looked away"))

    monkeypatch.setattr(StateChecker, "version", "next")
    monkeypatch.setattr(StateChecker, "rule", rule)
    monkeypatch.setattr(StateChecker, "canaries", lambda self: ())
    assert copied.build("views=[rlvr]", "verify.require=[answer]", "verify.also=[steps]") == 0
    manifest = json.loads((Path(copied.out) / "manifest.json").read_text())
    assert manifest["verifiers"]["steps"]["outcomes"]["unknown"] == len(of_plans(copied.out))


class StopHereError(BaseException):
    pass


def interrupted(copied: Workplace, monkeypatch: pytest.MonkeyPatch, chunks: int | None) -> None:
    """A `reverify` that dies when so many chunks of verdicts are journaled; all where no number is given."""
    append, commit, appended = Journal.append, Run.commit, 0

    def dying_append(self: Journal, *args: Any) -> None:
        nonlocal appended
        appended += self.phase == "verdicts"
        if chunks is not None and appended > chunks:
            raise StopHereError
        append(self, *args)

    def dying_commit(self: Run, name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "verdicts":
            raise StopHereError
        return commit(self, name, *args, **kwargs)

    with monkeypatch.context() as patched, pytest.raises(StopHereError):
        patched.setattr(Journal, "append", dying_append)
        patched.setattr(Run, "commit", dying_commit)
        main(["reverify", copied.out])


def killed(copied: Workplace, phase: type, *overrides: str) -> None:
    """A `build` that dies as soon as the phase begins, before it has changed anything."""
    with pytest.MonkeyPatch.context() as patched, pytest.raises(StopHereError):
        patched.setattr(phase, "work", lambda *_: (_ for _ in ()).throw(StopHereError))
        copied.build(*overrides)


def test_the_config_of_a_later_run_that_failed_counts_where_the_traces_are_its_own(copied: Workplace) -> None:
    killed(copied, JudgeTraces, "verify.require=[{kind: answer, seconds: 0.5}, steps]")
    assert (Path(copied.out) / "manifest.json").exists()
    assert main(["reverify", copied.out]) == 0
    manifest = json.loads((Path(copied.out) / "manifest.json").read_text())
    assert manifest["config"]["verify"]["require"][0]["seconds"] == 0.5


def test_the_config_of_the_dataset_counts_where_a_later_run_that_failed_wanted_other_traces(
    copied: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = copied.shards()
    killed(copied, MakeProblems, "sources.0.per_task=99")
    assert main(["reverify", copied.out]) == 0
    said = capsys.readouterr().err
    assert "the latest run's config does not fit the traces" in said and "reverify only judges" in said
    assert copied.shards() == before


@pytest.mark.parametrize("last", ["second", "third"])
@pytest.mark.parametrize("chunks", [0, None])
def test_a_resumed_run_ends_with_the_verdicts_of_the_present_checker(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch, chunks: int | None, last: str
) -> None:
    before, plans = verdicts(copied.out), of_plans(copied.out)
    monkeypatch.setattr(StateChecker, "version", "second")
    interrupted(copied, monkeypatch, chunks)
    monkeypatch.setattr(StateChecker, "version", last)
    assert main(["reverify", copied.out]) == 0
    added = [row for name, row in verdicts(copied.out).items() if name not in before]
    by_version = Counter(json.loads(row["judge"])["checkers"]["state"]["version"] for row in added)
    assert by_version[last] == len(plans)
    assert {row["trace_id"] for row in added} == plans
    assert {row["attempt"] for row in added} == {0}


def test_a_kind_that_had_no_checker_is_judged_when_it_gets_one(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        {
            "question": f"What is {n}+{n}?",
            "answer": str(2 * n),
            "solution": f"It is {n}+{n} = <<{n}+{n}={2 * n}>>{2 * n}.",
        }
        for n in range(20, 26)
    ]
    path = workplace.folder / "sums.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    fields = {
        "prompt": "question",
        "answer": "answer",
        "references": [{"text": "solution", "author": "a person"}],
    }
    source = {"kind": "jsonl", "path": str(path), "name": "sums", "licence": "MIT", "domain": "math.test.sums.plain"}
    source |= {"check": {"kind": "numeric"}, "marks": "gsm8k", "fields": fields}
    config = {**CONFIG, "sources": [source], "teacher": {"kind": "replay"}, "strategy": {"kind": "single"}}
    config["verify"] = {"require": ["answer"], "also": ["steps"], "audit": 2, "leakage": None}
    workplace.config({**config, "views": ["sft"]})
    with monkeypatch.context() as without:
        install(without, "equation", None)
        assert workplace.build() == 0
    installed.cache_clear()
    before = verdicts(workplace.out)
    steps = [row for row in before.values() if row["verifier"] == "steps"]
    assert [(row["outcome"], json.loads(row["judge"])["checkers"]) for row in steps] == [
        ("unknown", {"equation": None})
    ] * len(lines)
    assert main(["reverify", workplace.out]) == 0
    added = [row for name, row in verdicts(workplace.out).items() if name not in before]
    assert [(row["verifier"], row["outcome"]) for row in added] == [("steps", "verified")] * len(lines)


def test_a_checker_that_changes_between_two_steps_of_growing_a_build(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New traces are judged by the new checker as they come; those that were there before, afterwards."""
    before, plans = verdicts(copied.out), of_plans(copied.out)
    monkeypatch.setattr(StateChecker, "version", "next")
    assert copied.build("sources.0.per_task=16") == 0
    after = verdicts(copied.out)
    by_trace = Counter(row["trace_id"] for name, row in after.items() if row["verifier"] == "steps")
    assert {trace for trace, count in by_trace.items() if count == 2} == plans
    assert set(before) <= set(after)
    assert of_plans(copied.out) > plans


def test_traces_of_a_batch_are_judged_at_once(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    many = StateChecker.rule_many

    def counted(self: StateChecker, cases: Sequence[Any]) -> Sequence[Mapping[int, Ruling]]:
        sizes.append(len(cases))
        return many(self, cases)

    monkeypatch.setattr(StateChecker, "version", "next")
    monkeypatch.setattr(StateChecker, "rule_many", counted)
    monkeypatch.setattr(LocalExecutor, "roll", None)
    assert main(["reverify", copied.out]) == 0
    assert max(sizes) > 1


class Wrong(EntailmentChecker):
    """Takes every claim for right, so that it fails its audit."""

    version: ClassVar[str] = "0"

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        return dict.fromkeys(wanted, Ruling("verified", "looks right", strength="proof"))


def test_a_build_that_failed_its_audit_is_judged_again_once_the_checker_is_mended(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:
        install(broken, "entailment", f"{__name__}:Wrong")
        assert workplace.build() == 1
        assert main(["reverify", workplace.out]) == 1
        assert capsys.readouterr().err.count("steps failed the audit and cannot select data") == 2
    installed.cache_clear()
    wrong = verdicts(workplace.out)
    assert main(["reverify", workplace.out]) == 0
    assert "dataset" in capsys.readouterr().out
    assert any(row["outcome"] == "refuted" and trace not in wrong for trace, row in verdicts(workplace.out).items())


def test_what_is_no_build_is_not_judged_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reverify", str(tmp_path)]) == 2
    assert "there is no build at" in capsys.readouterr().err


def test_a_build_whose_traces_were_never_finished_is_to_be_built_first(
    workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workplace.build(flags=("--until", "problems")) == 0
    assert main(["reverify", workplace.out]) == 2
    assert "run `tracemill build` with that config first" in capsys.readouterr().err
