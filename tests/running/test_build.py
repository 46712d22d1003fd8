"""A build as a whole: what a second run does, what changes make stale, what is refused, what damage costs."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tracemill.cli.command_line import main
from tracemill.publishing import all_figures
from tracemill.records.schema import SCHEMA_VERSION
from tracemill.running.phases import audit_verifiers
from tracemill.settings.plugins import TABLE, installed
from tracemill.store.manifest import read_manifest
from tracemill.store.store import Store
from workplace import CONFIG, CURRICULUM, ROOT


def rows(out: str, table: str, columns: list[str]) -> list[dict]:
    store = Store(out)
    return [row for batch in store.scan(store.latest(), table, columns) for row in batch.to_pylist()]


@pytest.fixture
def copied(finished, workplace):
    """A finished build of one's own."""
    shutil.copytree(finished.out, workplace.out)
    return workplace


def test_every_view_row_names_traces_that_the_verifiers_verified(finished):
    verdicts = {}
    for row in rows(finished.out, "verdicts", ["trace_id", "verifier", "outcome"]):
        verdicts.setdefault(row["trace_id"], {})[row["verifier"]] = row["outcome"]
    taken = pq.read_table(Path(finished.out) / "dataset" / "sft").to_pylist()
    assert len(taken) > 10
    for row in taken:
        for trace in row["trace_ids"]:
            assert verdicts[trace] == {"answer": "verified", "steps": "verified"}


def test_flawed_traces_reach_the_process_view_with_the_flaw_as_first_wrong_step(finished):
    flaws = {row["id"]: row["flaw"] for row in rows(finished.out, "traces", ["id", "flaw"])}
    taken = pq.read_table(Path(finished.out) / "dataset" / "process").to_pylist()
    wrong = [row for row in taken if row["first_wrong"] >= 0]
    assert len(wrong) > 3
    for row in wrong:
        assert flaws[row["trace_ids"][0]]["index"] == row["first_wrong"]
        assert row["labels"] == [True] * row["first_wrong"] + [False]


def test_held_out_problems_are_in_no_training_view(workplace):
    assert workplace.build("split.bench=0.4") == 0
    splits = {row["id"]: row["split"] for row in rows(workplace.out, "problems", ["id", "split"])}
    assert 0 < list(splits.values()).count("bench") < len(splits)
    for view in ("sft", "process", "rlvr"):
        for row in pq.read_table(Path(workplace.out) / "dataset" / view).to_pylist():
            assert splits[row["problem_id"]] == "train"


def test_nothing_is_dropped_silently(finished):
    """Every trace has a decision in every view of traces, every problem in rlvr; each is kept or says why not."""
    decided = {row["id"]: row for row in rows(finished.out, "selection", ["id", "kept", "reason"])}
    for trace in rows(finished.out, "traces", ["id"]):
        for view in ("sft", "process"):
            assert decided[f"{trace['id']}@{view}"]["kept"] or decided[f"{trace['id']}@{view}"]["reason"]
    for problem in rows(finished.out, "problems", ["id"]):
        assert decided[f"{problem['id']}@rlvr"]["kept"] or decided[f"{problem['id']}@rlvr"]["reason"]


def test_a_second_build_finds_everything_done(copied, capsys):
    before = Store(copied.out).latest()
    assert copied.build() == 0
    assert "is complete: nothing to do" in capsys.readouterr().out
    assert Store(copied.out).latest() == before


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(finished, workplace):
    assert workplace.build() == 0
    assert workplace.shards() == finished.shards()
    other = str(workplace.folder / "other")
    assert workplace.build("seed=4", out=other) == 0
    assert workplace.shards(other) != finished.shards()


def test_changed_views_redo_only_selection_and_dataset(copied, capsys):
    before = Store(copied.out).latest()
    assert copied.build("views=[sft]") == 0
    after = Store(copied.out).latest()
    assert after.tables["traces"] == before.tables["traces"] and after.tables["verdicts"] == before.tables["verdicts"]
    ran = [line.split()[0] for line in capsys.readouterr().err.splitlines() if " in " in line]
    assert ran == ["selection", "dataset", "manifest"]
    assert not list((Path(copied.out) / "dataset" / "process").glob("*"))


def test_stages_in_another_order_are_written_in_that_order(copied):
    stages = [stage | {"rows": "all"} for stage in reversed(CURRICULUM["stages"])]
    copied.curriculum({**CURRICULUM, "stages": stages})
    assert copied.build() == 0
    names = [path.name for path in sorted((Path(copied.out) / "dataset" / "sft").iterdir())]
    assert [name.rpartition("-")[0] for name in names] == ["00-hard-00000", "01-easy-00000"]


def test_until_the_last_phase_finishes_the_build(copied, capsys):
    assert copied.build("views=[sft]", flags=("--until", "dataset")) == 0
    assert main(["status", copied.out]) == 0


def test_another_name_is_told_by_manifest_and_card(copied):
    assert copied.build("name=renamed") == 0
    assert json.loads((Path(copied.out) / "manifest.json").read_text())["name"] == "renamed"
    assert "renamed" in (Path(copied.out) / "dataset" / "README.md").read_text()


def test_a_missing_card_is_told_and_made_again(copied, capsys):
    card = Path(copied.out) / "dataset" / "README.md"
    text = card.read_text()
    card.unlink()
    assert main(["status", copied.out]) == 1
    assert "dataset/README.md (missing)" in capsys.readouterr().out
    assert copied.build() == 0
    assert card.read_text() == text


def test_more_problems_and_more_samples_are_added_to_what_is_there(copied):
    before = {row["id"]: row["digest"] for row in rows(copied.out, "traces", ["id", "digest"])}
    assert copied.build("sources.0.per_task=20", "strategy.samples=3") == 0
    after = {row["id"]: row["digest"] for row in rows(copied.out, "traces", ["id", "digest"])}
    assert before.items() <= after.items()
    assert len(after) >= 2 * len(before)
    fresh = str(copied.folder / "fresh")
    assert copied.build("sources.0.per_task=20", "strategy.samples=3", out=fresh) == 0
    assert copied.shards() == copied.shards(fresh)


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("seed=4", "problems.seed was 3 and is 4"),
        ("sources.0.per_task=5", "count was 12 and is 5"),
        ("sources.0.select=['planning.*']", "math.algebra.linear_system is gone"),
        ("teacher.mistakes=0.25", "traces.teacher.mistakes was 0.5 and is 0.25"),
        ("strategy.samples=1", "traces.strategy.samples was 2 and is 1"),
    ],
)
def test_case_55_changed_sources_or_teacher_are_refused_by_name(copied, capsys, override, named):
    before = Store(copied.out).latest()
    assert copied.build(override) == 2
    assert named in capsys.readouterr().err
    assert Store(copied.out).latest() == before


class StopHereError(BaseException):
    pass


def interrupted(workplace, monkeypatch, phase: str, *overrides: str, chunks: int | None = None, flags=()) -> None:
    """A build that dies before the phase is committed: when all its work is journaled, or after so many chunks."""
    from tracemill.store.journal import Journal
    from tracemill.store.run import Run

    commit, append = Run.commit, Journal.append
    appended = 0

    def dying_at_commit(self, name, *args, **kwargs):
        if name == phase:
            raise StopHereError
        return commit(self, name, *args, **kwargs)

    def dying_at_append(self, *args):
        nonlocal appended
        appended += self.phase == phase
        if chunks is not None and appended > chunks:
            raise StopHereError
        append(self, *args)

    with monkeypatch.context() as patched, pytest.raises(StopHereError):
        patched.setattr(Run, "commit", dying_at_commit)
        patched.setattr(Journal, "append", dying_at_append)
        workplace.build("asking.in_flight=4", *overrides, flags=flags)


@pytest.mark.parametrize(("phase", "override"), [("problems", "seed=4"), ("traces", "teacher.mistakes=0.25")])
def test_case_55_a_change_is_refused_though_the_phase_never_finished(workplace, monkeypatch, capsys, phase, override):
    interrupted(workplace, monkeypatch, phase)
    assert workplace.build(override) == 2
    assert f"was built from other {phase}" in capsys.readouterr().err


@pytest.mark.parametrize("phase", ["problems", "traces"])
def test_what_an_interrupted_run_began_can_be_added_to(workplace, monkeypatch, phase):
    more = ("sources.0.per_task=40", "strategy.samples=3")
    interrupted(workplace, monkeypatch, phase)
    assert workplace.build(*more) == 0
    fresh = str(workplace.folder / "fresh")
    assert workplace.build(*more, out=fresh) == 0
    assert workplace.shards() == workplace.shards(fresh)


def test_what_two_interrupted_runs_asked_for_differently_is_all_made_in_the_end(workplace, monkeypatch):
    """The second run, which wants more samples, dies before it comes to all that the first one finished."""
    interrupted(workplace, monkeypatch, "traces", "strategy.samples=1")
    interrupted(workplace, monkeypatch, "traces", "strategy.samples=2", chunks=2)
    assert workplace.build("strategy.samples=2", flags=("--until", "traces")) == 0
    samples = Counter(row["problem_id"] for row in rows(workplace.out, "traces", ["problem_id"]))
    assert samples == {row["id"]: 2 for row in rows(workplace.out, "problems", ["id"])}


def test_verdicts_of_an_interrupted_run_do_not_stand_for_those_of_a_newer_verifier(copied, monkeypatch):
    from tracemill.verifiers.answer.verifier import AnswerVerifier

    monkeypatch.setattr(AnswerVerifier, "version", "newer")
    interrupted(copied, monkeypatch, "verdicts")
    monkeypatch.setattr(AnswerVerifier, "version", "newest")
    assert copied.build(flags=("--until", "verdicts")) == 0
    judged = rows(copied.out, "verdicts", ["trace_id", "version"])
    newest = {row["trace_id"] for row in judged if row["version"] == "newest"}
    assert newest == {row["id"] for row in rows(copied.out, "traces", ["id"])}


def test_an_error_that_an_interrupted_run_met_is_tried_again(copied, monkeypatch):
    from tracemill.verifiers.answer.verifier import AnswerVerifier

    def fails(self, problem, trace):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(AnswerVerifier, "version", "next")
    with monkeypatch.context() as patched:
        patched.setattr(AnswerVerifier, "rule", fails)
        interrupted(copied, monkeypatch, "verdicts")
    for _ in range(2):
        assert copied.build(flags=("--until", "verdicts")) == 0
    judged = rows(copied.out, "verdicts", ["trace_id", "version", "outcome"])
    decided = {row["trace_id"] for row in judged if row["version"] == "next" and row["outcome"] != "error"}
    assert decided == {row["id"] for row in rows(copied.out, "traces", ["id"])}


@pytest.mark.parametrize("damage", ["flip", "delete", "truncate"])
def test_case_56_damaged_dataset_is_detected_and_rebuilt(copied, damage, capsys):
    whole = copied.shards()
    victim = next((Path(copied.out) / "dataset" / "sft").glob("*.parquet"))
    data = victim.read_bytes()
    if damage == "delete":
        victim.unlink()
    elif damage == "truncate":
        victim.write_bytes(b"")
    else:
        victim.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    assert main(["status", copied.out]) == 1
    assert victim.name in capsys.readouterr().out
    assert copied.build() == 0
    assert copied.shards() == whole
    assert main(["status", copied.out]) == 0


def test_what_others_put_into_the_dataset_stays_and_is_named(copied, capsys):
    dataset = Path(copied.out) / "dataset"
    theirs = [
        dataset / name for name in (".git/HEAD", "LICENSE", "notes.md", "sft/00-easy-00007-0123456789abcdef.parquet")
    ]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_text("theirs")
    capsys.readouterr()
    for command in (["status", copied.out], None):
        assert (main(command) if command else copied.build("views=[sft]")) == 0
        said = capsys.readouterr().out
        for name in (".git/", *(path.relative_to(dataset).as_posix() for path in theirs[1:])):
            assert f"not ours   dataset/{name}, left alone" in said
    assert all(path.read_text() == "theirs" for path in theirs)
    assert not list((dataset / "process").iterdir())


def test_a_build_from_before_names_had_digests_is_written_anew(copied, monkeypatch, capsys):
    """Its files were `00-easy-00000.parquet`, and none had a mark."""
    monkeypatch.setattr("tracemill.running.phases.write_dataset.NAMING", 1)
    monkeypatch.setattr("tracemill.publishing.shards._DIGITS", 0)
    assert copied.build() == 0
    monkeypatch.undo()
    shutil.rmtree(Path(copied.out) / "owned")
    capsys.readouterr()
    assert copied.build() == 0
    ran = [line.split()[0] for line in capsys.readouterr().err.splitlines() if " in " in line]
    assert ran == ["dataset", "manifest"]
    assert all(len(path.rpartition("-")[2]) == 24 for path in copied.shards())
    assert not (Path(copied.out) / "quarantine").exists()


def test_case_56_damaged_traces_are_named_and_redone_only_when_asked(copied, capsys):
    whole = copied.shards()
    part = Store(copied.out).latest().tables["traces"].parts[0]
    victim = Path(copied.out) / part.path
    victim.write_bytes(victim.read_bytes()[:-1])
    assert copied.build() == 1
    message = capsys.readouterr().err
    assert part.path in message and f"{part.rows} rows of traces" in message and "--repair" in message
    assert copied.build(flags=("--repair",)) == 0
    assert copied.shards() == whole


def test_case_56_a_repair_also_fills_the_problems_of_which_a_part_held_some_samples(workplace, monkeypatch):
    with monkeypatch.context() as patched:
        for name, value in {"GROUP_ROWS": 3, "PART_BYTES": 1}.items():
            patched.setattr(f"tracemill.store.parts.{name}", value)
        assert workplace.build(flags=("--until", "traces")) == 0
    before = {row["id"]: row["digest"] for row in rows(workplace.out, "traces", ["id", "digest"])}
    first, lost, *_ = Store(workplace.out).latest().tables["traces"].parts
    assert first.max_id[:20] == lost.min_id[:20]
    (Path(workplace.out) / lost.path).unlink()
    assert workplace.build(flags=("--repair", "--until", "traces")) == 0
    assert {row["id"]: row["digest"] for row in rows(workplace.out, "traces", ["id", "digest"])} == before


def test_case_55_a_change_is_refused_though_a_repair_was_interrupted(copied, monkeypatch, capsys):
    for table in ("problems", "traces"):
        (Path(copied.out) / Store(copied.out).latest().tables[table].parts[0].path).unlink()
    interrupted(copied, monkeypatch, "problems", flags=("--repair",))
    for override, named in [("seed=4", "problems.seed"), ("teacher.mistakes=0.25", "traces.teacher.mistakes")]:
        assert copied.build(override, flags=("--repair",)) == 2
        assert named in capsys.readouterr().err


def test_case_57_a_second_writer_is_refused(copied, capsys):
    with Store(copied.out).claim({"name": "first"}):
        assert copied.build("views=[sft]") == 2
    assert "holds" in capsys.readouterr().err


def test_case_73_a_card_that_is_not_what_was_written_is_found_and_written_again(copied, capsys):
    readme = Path(copied.out) / "dataset" / "README.md"
    text = readme.read_text()
    assert f"schema version {SCHEMA_VERSION}" in text
    readme.write_text(text.replace("schema version", "schema  version"))
    assert main(["status", copied.out]) == 1
    assert "damaged: dataset/README.md" in capsys.readouterr().out
    assert copied.build() == 0
    assert readme.read_text() == text
    readme.unlink()
    assert main(["status", copied.out]) == 1
    assert copied.build() == 0
    assert readme.read_text() == text


def test_case_73_a_number_on_the_card_that_the_manifest_does_not_have_fails_the_build(copied, monkeypatch, capsys):
    first, *others = all_figures.FIGURES
    wrong = replace(first, card=lambda manifest: first.card(manifest) + "\n\nChecked 271,828 times.")
    monkeypatch.setattr(all_figures, "FIGURES", (wrong, *others))
    assert copied.build("views=[sft]") == 1
    assert "the card says 271,828 under 'Rows'" in capsys.readouterr().err
    assert main(["status", copied.out]) == 1
    assert "not finished" in capsys.readouterr().out


def test_another_word_on_the_card_leaves_builds_alone_that_exist(copied, monkeypatch, capsys):
    first, *others = all_figures.FIGURES
    monkeypatch.setattr(all_figures, "FIGURES", (replace(first, card=lambda manifest: "In other words."), *others))
    assert main(["status", copied.out]) == 0
    assert copied.build() == 0
    assert "is complete: nothing to do" in capsys.readouterr().out


def test_a_build_from_before_there_was_some_figure_gets_it(copied, monkeypatch):
    monkeypatch.setattr(all_figures, "FIGURES", tuple(one for one in all_figures.FIGURES if one.heading != "Lengths"))
    assert copied.build("name=shorter") == 0
    assert "lengths" not in read_manifest(Store(copied.out))
    monkeypatch.undo()
    assert copied.build("name=shorter") == 0
    assert read_manifest(Store(copied.out))["lengths"]["sft"]["rows"] > 0


def test_reverify_judges_again_without_a_teacher_call(copied, monkeypatch):
    from tracemill.asking.teachers.symbolic import SymbolicTeacher
    from tracemill.verifiers.answer.verifier import AnswerVerifier

    before = rows(copied.out, "verdicts", ["id"])
    monkeypatch.setattr(AnswerVerifier, "version", "next")
    monkeypatch.setattr(SymbolicTeacher, "answer", None)
    assert main(["reverify", copied.out]) == 0
    after = rows(copied.out, "verdicts", ["id", "verifier", "version"])
    added = [row for row in after if row["version"] == "next"]
    assert len(after) == len(before) + len(added)
    assert {row["verifier"] for row in added} == {"answer"}
    assert len(added) == len(rows(copied.out, "traces", ["id"]))
    assert pq.read_table(Path(copied.out) / "dataset" / "sft")["verifiers"].to_pylist()[0] == ["answer@next", "steps@4"]


@pytest.mark.parametrize(
    ("override", "named"),
    [("seed=4", "problems.seed"), ("strategy.samples=3", "strategy"), ("select.dedup.minhash.threshold=0.9", "dedup")],
)
def test_reverify_does_not_take_a_change_that_needs_other_traces(copied, capsys, override, named):
    manifest = (Path(copied.out) / "manifest.json").read_text()
    assert main(["reverify", copied.out, "--set", override]) == 2
    assert named in capsys.readouterr().err
    assert (Path(copied.out) / "manifest.json").read_text() == manifest


def test_a_verifier_that_fails_its_audit_selects_nothing(workplace, monkeypatch, capsys):
    from tracemill.claims.claim_checker import Ruling
    from tracemill.verifiers.answer.verifier import AnswerVerifier

    monkeypatch.setattr(AnswerVerifier, "rule", lambda self, problem, trace: Ruling("verified", "", strength="exact"))
    assert workplace.build() == 1
    assert "answer failed the audit and cannot select data" in capsys.readouterr().err
    assert "selection" not in Store(workplace.out).latest().keys
    assert not (Path(workplace.out) / "dataset").exists()


def test_a_view_is_not_chosen_by_a_verifier_that_fails_its_audit_though_it_is_not_required(
    workplace, monkeypatch, capsys
):
    from tracemill.claims.claim_checker import Ruling
    from tracemill.verifiers.steps import StepsVerifier

    monkeypatch.setattr(StepsVerifier, "rule", lambda self, problem, trace: Ruling("verified", "", strength="proof"))
    sets = ("verify.require=[answer]", "verify.also=[steps]")
    assert workplace.build(*sets) == 1
    assert "steps failed the audit and cannot select data" in capsys.readouterr().err
    assert workplace.build(*sets, "views=[sft, rlvr]") == 0
    assert workplace.build(*sets) == 1


@pytest.fixture
def planted(workplace, monkeypatch):
    """A build from a task whose wrong steps say `oddly enough`, measured by 60 problems."""
    monkeypatch.syspath_prepend(str(ROOT / "tests/verifiers"))
    monkeypatch.setitem(TABLE["task"], "math.test.planted", "planted:Planted")
    installed.cache_clear()
    monkeypatch.setattr(audit_verifiers, "problems_measured", lambda task: 60)
    workplace.config(
        {
            **CONFIG,
            "sources": [{"kind": "domains", "select": ["math.test.planted"], "per_task": 8, "difficulty": [0.0, 1.0]}],
            "verify": {"require": ["answer"], "also": ["steps"], "audit": 2, "leakage": 0.65},
        }
    )
    yield workplace
    installed.cache_clear()


def test_a_task_whose_wording_betrays_wrong_steps_gets_into_no_view_that_labels_steps(planted, capsys):
    assert planted.build() == 1
    text = capsys.readouterr().err
    assert "the view process labels steps" in text
    assert "math.test.planted, mistake told, a step: AUC 1.00" in text
    assert "oddly" in text
    assert "verify.leakage=0.65" in text
    assert "selection" not in Store(planted.out).latest().keys
    assert planted.build("views=[sft, rlvr]") == 0
    manifest = json.loads((Path(planted.out) / "manifest.json").read_text())
    assert manifest["leakage"]["tasks"]["math.test.planted"]["mistakes"][0]["mistake"] == "told"
    assert "math.test.planted AUC 0." in capsys.readouterr().out
    assert planted.build() == 1
    capsys.readouterr()
    assert planted.build("verify.leakage=1.0") == 0
    ran = [line.split()[0] for line in capsys.readouterr().err.splitlines() if " in " in line]
    assert ran[0] == "selection"
    assert planted.build("verify.leakage=0.7") == 1


def test_what_was_measured_for_one_build_is_not_measured_for_the_next(workplace, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(audit_verifiers, "problems_measured", lambda task: 12)
    knights = [{"kind": "domains", "select": ["logic.*"], "per_task": 2, "difficulty": [0.0, 1.0]}]
    workplace.config({**CONFIG, "sources": knights, "verify": {"require": ["answer"], "audit": 2, "leakage": 1.0}})
    assert workplace.build("views=[sft]", flags=("--until", "audit")) == 0
    measured = Store(workplace.out).files.read(audit_verifiers.LEAKAGE)

    def measures_again(*_: object) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr("tracemill.verifiers.leakage.pairs_of", measures_again)
    another = str(tmp_path / "another")
    assert workplace.build("views=[sft]", out=another, flags=("--until", "audit")) == 0
    assert Store(another).files.read(audit_verifiers.LEAKAGE) == measured
    assert json.loads(measured)


def test_a_build_that_does_not_measure_wording_says_so(planted, capsys):
    assert planted.build("verify.leakage=null") == 0
    manifest = json.loads((Path(planted.out) / "manifest.json").read_text())
    assert manifest["leakage"] == {"limit": None, "tasks": {}}
    assert "not measured: verify.leakage is null" in capsys.readouterr().out
    assert "`verify.leakage` is null" in (Path(planted.out) / "dataset/README.md").read_text()
    assert planted.build() == 1


def test_the_audit_measures_the_verifier_as_the_build_configures_it(workplace, monkeypatch):
    from tracemill.verifiers.steps import StepsVerifier

    made = []
    init = StepsVerifier.__init__
    monkeypatch.setattr(
        StepsVerifier, "__init__", lambda self, config: made.append(config.coverage) or init(self, config)
    )
    assert workplace.build("verify.require=[answer,{kind: steps,coverage: 0.5}]", "views=[sft]") == 0
    assert set(made) == {0.5}


def test_the_end_of_a_build_says_where_what_and_how_sure(copied, capsys):
    assert copied.build() == 0
    text = capsys.readouterr().out
    manifest = json.loads((Path(copied.out) / "manifest.json").read_text())
    assert f"{copied.out}/dataset" in text
    for view, stages in manifest["views"].items():
        counted = ", ".join(f"{stage} {one['rows']}" for stage, one in stages.items())
        assert f"{view:<8} {sum(one['rows'] for one in stages.values()):>7,}  ({counted})" in text
    for reasons in manifest["selection"].values():
        assert all(f"{count} {reason}" in text for reason, count in reasons.items())
    for name in manifest["verifiers"]:
        audit = manifest["audit"][name]
        undecided = audit["rates"]["twin_undecided"]
        assert undecided["of"] > 0
        assert f"undecided of wrong {undecided['count']} of {undecided['of']} (" in text
        assert f"{name:<8} canaries {audit['canaries']['passed']}/{audit['canaries']['of']}" in text
    assert "A sample, with its ledger" in text and "✓  0" in text and "claims " in text


def test_until_stops_after_the_phase_and_the_next_run_goes_on(workplace, finished):
    assert workplace.build(flags=("--until", "traces")) == 0
    assert set(Store(workplace.out).latest().keys) == {"problems", "screen", "traces"}
    assert workplace.build() == 0
    assert workplace.shards() == finished.shards()


def test_dry_run_writes_nothing(workplace, capsys):
    assert workplace.build(flags=("--dry-run",)) == 0
    assert "problems   left" in capsys.readouterr().out
    assert not Path(workplace.out).exists()


def test_dry_run_says_what_was_added(copied, capsys):
    assert copied.build("sources.0.per_task=20", flags=("--dry-run",)) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  problems ")]
    assert "stale: parts (" in line and "math.algebra.linear_system" in line


def test_inspect_shows_the_ledger_of_a_trace(finished, capsys):
    trace = rows(finished.out, "traces", ["id", "flaw"])
    flawed = next(row["id"] for row in trace if row["flaw"])
    assert main(["inspect", finished.out, flawed]) == 0
    text = capsys.readouterr().out
    assert "✗" in text and "seeded mistake at step" in text and "refuted" in text
    assert "begin with" not in text
    assert main(["inspect", finished.out, "ffffffff0"]) == 2


def test_inspect_shows_a_few_of_the_traces_that_begin_alike(finished, capsys):
    """48 ids over 16 digits: some digit begins more than five of them."""
    digits = Counter(row["id"][0] for row in rows(finished.out, "traces", ["id"]))
    (digit, count), *_ = digits.most_common(1)
    assert count > 5
    assert main(["inspect", finished.out, digit]) == 0
    text = capsys.readouterr().out
    assert text.count("\ntrace ") + text.startswith("trace ") == 5
    assert f"and more that begin with '{digit}'" in text


def test_a_build_on_object_storage_gives_the_same_dataset(finished, workplace, s3_url, capsys):
    assert workplace.build(out=s3_url, flags=("--until", "traces")) == 0
    assert workplace.build(out=s3_url) == 0
    files = Store(s3_url).files
    shards = {path.removeprefix("dataset/"): files.sha256(path) for path in files.list("dataset/")}
    shards.pop("README.md")
    assert shards == finished.shards()
    assert main(["status", s3_url]) == 0
    capsys.readouterr()
    assert workplace.build(out=s3_url) == 0
    assert "is complete: nothing to do" in capsys.readouterr().out


def test_reverify_leaves_a_build_alone_whose_problems_are_damaged(copied, capsys):
    part = Store(copied.out).latest().tables["problems"].parts[0]
    (Path(copied.out) / part.path).unlink()
    before = Store(copied.out).latest()
    assert main(["reverify", copied.out]) == 1
    error = capsys.readouterr().err
    assert part.path in error and "tracemill build" in error
    assert Store(copied.out).latest() == before
