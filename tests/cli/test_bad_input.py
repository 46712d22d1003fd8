"""What is wrong is said with its place, the choices and the fix; exit status 2, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from tracemill.cli.command_line import main
from tracemill.settings.plugins import installed
from workplace import CONFIG, CURRICULUM

NAMES = {thing: ", ".join(sorted(installed(thing))) for thing in ("teacher", "verifier", "view")}


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("colour=red", "colour: unknown key; choices: allow_empty, asking, curriculum"),
        ("verify.requires=[answer]", "verify.requires: unknown key; choices: also, audit, leakage, require; did you"),
        ("seed=many", "seed: 'many': "),
        ("verify.require=[anwser]", f"no verifier 'anwser'; installed: {NAMES['verifier']}; did you mean 'answer'?"),
        ("views=[stf]", f"no view 'stf'; installed: {NAMES['view']}; did you mean 'sft'?"),
        ("executor={kind: slurm}", "executor.kind: no executor 'slurm'; installed: local, ray"),
        ("teacher={}", f"teacher: {{}} has no kind; write {{kind: …}} with one of: {NAMES['teacher']}"),
        (
            "teacher.mistake=1",
            "teacher.mistake: unknown key; choices: corrections, kind, mistakes; did you mean 'mistakes'?",
        ),
        ("sources.0.select=[maths.*]", "no task 'maths.*'; installed: biology.genetics.crosses"),
        ("sources.0.select=[]", "select names no domain"),
        ("sources.0.difficulty=[0.5,0.1]", "is not a band within [0, 1]"),
        ("sources.0.per_task=0", "sources.0.per_task: 0: "),
        ("sources.3.per_task=1", "'3' is no index of a list of 1"),
        ("sources", "is not of the form key.key=value"),
        ("curriculum=nowhere.yaml", "nowhere.yaml"),
        ("seed=true", "seed: True: Input should be a valid integer"),
        ("asking.in_flight=true", "asking.in_flight: True: a number is wanted"),
        ("sources.0.per_task=true", "sources.0.per_task: True: a number is wanted"),
        ("sources.0.difficulty=[false, true]", "sources.0.difficulty.0: False: a number is wanted"),
        ("teacher.mistakes=true", "teacher.mistakes: True: a number is wanted"),
        ("verify.require=[{kind: steps, coverage: true}]", "0.coverage: True: a number is wanted"),
        ("select.dedup.minhash.threshold=true", "select.dedup.minhash.threshold: True: a number is wanted"),
        ("verify.leakage=true", "verify.leakage: True: a number is wanted"),
        ("asking.in_flight=1000000", "asking.in_flight: 1000000: Input should be less than or equal to 10000"),
        ("asking.cpus=1e-300", "asking.cpus: '1e-300': Input should be greater than or equal to 0.01"),
        ("judging.gpus=0.001", "judging.gpus: 0.001: none (0), or at least 0.01 of one"),
        ("judging.cpus=2000", "judging.cpus: 2000: Input should be less than or equal to 1000"),
        ("verify.coverage=0.5", "verify.coverage: unknown key"),
        (
            "verify.require=[{kind: steps, coverag: 0.5}]",
            "0.coverag: unknown key; choices: coverage, kind; did you mean",
        ),
        ("verify.require=[{kind: steps, coverage: 2}]", "0.coverage: 2: Input should be less than or equal to 1"),
        ("views=[{kind: sft, reasoning: thinking}]", "'inline' or 'reasoning_content'"),
        ("views.sft.reasonin=inline", "0.reasonin: unknown key; choices: kind, reasoning; did you mean 'reasoning'"),
        ("views=[sft, {kind: sft, reasoning: reasoning_content}]", "'sft' stands twice with different parameters"),
        ("verify.require=[steps, {kind: steps, coverage: 0.5}]", "'steps' stands twice with different parameters"),
        ("verify.require=[answer]", "the view 'process' is chosen by what the verifier 'steps' says, and only answer"),
        ("verify.require=[steps]", "add 'answer' or 'code' to verify.also, or take 'rlvr' out of"),
    ],
)
def test_wrong_config_is_refused(workplace, capsys, override, said):
    assert workplace.build(override) == 2
    error = capsys.readouterr().err
    assert said in error
    assert not Path(workplace.out).exists()


def test_a_curriculum_takes_no_truth_value_for_a_number(workplace, capsys):
    stage = {"name": "one", "rows": "all", "difficulty": [False, 1.0], "domains": {"*": True}}
    workplace.curriculum({"name": "c", "shortfall": "take", "stages": [stage]})
    assert workplace.build() == 2
    error = capsys.readouterr().err
    assert "stages.0.difficulty.0: False: a number is wanted" in error
    assert "stages.0.domains.*: True: a number is wanted" in error


def test_every_mistake_is_told_at_once(workplace, capsys):
    assert workplace.build("seed=many", "colour=red", "teacher.mistakes=7") == 2
    error = capsys.readouterr().err
    assert "seed:" in error and "colour:" in error and "teacher.mistakes:" in error


def test_each_mistake_is_told_with_its_file_its_line_and_the_choices(workplace, capsys):
    path = workplace.folder / "config.yaml"
    path.write_text(
        "name: small\n"
        "seed: many\n"
        "sources:\n"
        "  - kind: domains\n"
        "    per_taks: 3\n"
        "  - {kind: domians}\n"
        "teacher: {kind: symbolic}\n"
        "strategy: {kind: single}\n"
        "verify:\n"
        "  require:\n"
        "    - answer\n"
        "    - {kind: steps, coverag: 1}\n"
        f"curriculum: {workplace.folder}/curriculum.yaml\n"
        "views: [sft, stf]\n"
    )
    assert workplace.build("teacher.mistakes=7") == 2
    lines = [line.strip() for line in capsys.readouterr().err.splitlines()]
    assert lines[0] == f"tracemill: {path} is not a config:"
    said = (
        "teacher.mistakes: 7: Input should be less than or equal to 1",
        "seed: 'many': Input should be a valid integer",
        "sources.0.per_task: missing; add it",
        "sources.0.per_taks: unknown key; choices: difficulty, kind, per_task, select; did you mean 'per_task'?",
        "sources.1.kind: no source 'domians'; installed: code, domains, hub, jsonl, parquet; did you mean 'domains'?",
        "verify.require.1.coverag: unknown key; choices: coverage, kind; did you mean 'coverage'?",
        f"views.1.kind: no view 'stf'; installed: {NAMES['view']}; did you mean 'sft'?",
    )
    for line, beginning in zip(lines[1:], said, strict=True):
        assert line.partition(": ")[2].startswith(beginning)
    assert [line.partition(": ")[0] for line in lines[1:]] == [
        "--set teacher.mistakes",
        *(f"{path}:{number}" for number in (2, 4, 5, 6, 12, 14)),
    ]


@pytest.mark.parametrize(
    "override",
    [
        "sources.0.per_task=9223372036854775807",
        "strategy.samples=9223372036854775807",
        "asking.in_flight=1000000000000",
    ],
)
def test_a_number_that_no_machine_could_serve_is_refused(workplace, capsys, override):
    assert workplace.build(override) == 2
    assert "should be less than or equal to" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: !!python/object/apply:os.system [true]\n", "is not plain YAML"),
        ("name: a\nname: b\n", "the key 'name' is given twice"),
        ("- a\n- b\n", "is not a mapping"),
        ("name: [\n", "is not plain YAML"),
    ],
)
def test_case_70_yaml_that_is_more_than_data_is_refused(tmp_path, capsys, text, said):
    path = tmp_path / "c.yaml"
    path.write_text(text)
    assert main(["build", str(path), "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_name_that_leaves_its_folder_is_refused(workplace, capsys):
    workplace.config({**CONFIG, "name": "../elsewhere"})
    assert workplace.build() == 2
    assert "name: '../elsewhere'" in capsys.readouterr().err


def test_a_curriculum_that_names_an_unknown_domain_is_refused_though_it_takes_what_there_is(workplace, capsys):
    stage = {"name": "misspelt", "rows": "all", "domains": {"math.algebra.linear_systm": 1.0}}
    workplace.curriculum({**CURRICULUM, "stages": [stage]})
    assert workplace.build() == 2
    assert "stage 'misspelt': no domain 'math.algebra.linear_systm'" in capsys.readouterr().err
    assert not Path(workplace.out).exists()


def test_a_curriculum_that_asks_for_too_much_is_refused_before_anything_is_written(workplace, capsys):
    stage = {"name": "greedy", "rows": 1000, "domains": {"math.*": 1.0}}
    workplace.curriculum({**CURRICULUM, "shortfall": "fail", "stages": [stage]})
    assert workplace.build() == 2
    error = capsys.readouterr().err
    assert "greedy" in error and "1000" in error
    assert not Path(workplace.out).exists()


def test_a_view_to_which_no_stage_gives_rows_is_refused_before_anything_is_written(workplace, capsys):
    stages = [{**stage, "rows": {"sft": 5}} for stage in CURRICULUM["stages"]]
    workplace.curriculum({**CURRICULUM, "stages": stages})
    assert workplace.build("views=[sft, rlvr]") == 2
    assert "gives the view 'rlvr' no rows in any stage" in capsys.readouterr().err
    assert not Path(workplace.out).exists()
    assert workplace.build("views=[sft]", flags=("--until", "problems")) == 0


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        (None, "q", "cannot be read"),
        ('{"question": "What is it?"}', "q", "line 1 has no field 'q'; it has: question"),
        ("What is it?", "q", "line 1 is not JSON"),
        ("", "q", "has no items"),
    ],
)
def test_a_benchmark_that_cannot_be_read_is_refused_before_anything_is_written(workplace, capsys, text, field, said):
    path = workplace.folder / "benchmark.jsonl"
    if text is not None:
        path.write_text(text)
    benchmarks = f"[{{path: '{path}', format: jsonl, field: {field}}}]"
    assert workplace.build(f"select.decontaminate.benchmarks={benchmarks}") == 2
    assert said in capsys.readouterr().err
    assert not Path(workplace.out).exists()


def test_a_real_shortfall_fails_late_and_keeps_the_build(workplace, capsys):
    stage = {"name": "hopeful", "rows": {"sft": 24}, "domains": {"math.*": 1.0}}
    workplace.curriculum({**CURRICULUM, "shortfall": "fail", "stages": [stage]})
    assert workplace.build("views=[sft]") == 1
    error = capsys.readouterr().err
    assert "hopeful" in error and "shortfall: take" in error
    assert (Path(workplace.out) / "commits").exists()
    workplace.curriculum({**CURRICULUM, "shortfall": "take", "stages": [stage]})
    assert workplace.build("views=[sft]") == 0


def test_a_folder_that_holds_something_else_is_left_alone(workplace, capsys):
    out = Path(workplace.out)
    out.mkdir()
    (out / "thesis.tex").write_text("ten years of work")
    assert workplace.build() == 2
    assert workplace.out in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("flags", [(), ("--dry-run",)])
def test_an_output_that_is_a_file_or_foreign_is_refused_also_by_a_dry_run(workplace, capsys, flags):
    out = Path(workplace.out)
    out.write_text("ten years of work")
    assert workplace.build(flags=flags) == 2
    assert f"{out} is not a folder" in capsys.readouterr().err
    assert out.read_text() == "ten years of work"
    assert workplace.build(out=str(out.parent), flags=flags) == 2
    assert "is not a tracemill build" in capsys.readouterr().err


def test_a_benchmark_without_its_field_is_refused_before_anything_is_written(workplace, capsys):
    path = workplace.folder / "benchmark.jsonl"
    path.write_text('{"question": "What is 1 + 1?"}\n')
    benchmark = f"{{path: {path}, format: jsonl, field: questoin}}"
    assert workplace.build(f"select.decontaminate.benchmarks=[{benchmark}]") == 2
    assert "has no field 'questoin'; it has: question" in capsys.readouterr().err
    assert not Path(workplace.out).exists()


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("seed=[1", "--set seed:1: this is not plain YAML"),
        ("name=!!python/name:os.system x", "is not plain YAML"),
        ("teacher.kind=[symbolic]", f"write {{kind: …}} with one of: {NAMES['teacher']}"),
        ("sources.0.kind={}", "write {kind: …} with one of: code, domains, hub, jsonl, parquet"),
    ],
)
def test_an_override_that_is_no_value_is_refused(workplace, capsys, override, said):
    assert workplace.build(override) == 2
    assert said in capsys.readouterr().err


def test_an_audit_of_no_cases_is_refused(capsys):
    with pytest.raises(SystemExit) as left:
        main(["audit", "--cases", "0"])
    assert left.value.code == 2
    assert "'0'" in capsys.readouterr().err


def test_set_of_a_kind_drops_the_keys_that_the_new_kind_does_not_have(workplace):
    assert workplace.build("executor.kind=ray", "executor.workers=2", "executor.kind=local", flags=("--dry-run",)) == 0


def test_a_verifier_that_is_named_twice_counts_once():
    from tracemill.running.build_config import VerifyConfig

    named = VerifyConfig.model_validate({"require": ["answer", "steps", {"kind": "answer"}], "also": ["steps"]})
    assert (named.required, named.names) == (("answer", "steps"), ("answer", "steps"))


def test_ray_is_the_default_executor():
    from tracemill.running.build_config import config_of
    from tracemill.running.executors.on_ray import RayConfig
    from tracemill.settings.yaml_files import Origin, Origins, YamlFile

    config = {key: value for key, value in CONFIG.items() if key != "executor"}
    file = YamlFile("c", {**config, "curriculum": "c.yaml"}, Origins(Origin("c")))
    assert config_of(file).executor == RayConfig(kind="ray")


def test_commands_on_a_folder_without_a_build_say_so(tmp_path, capsys):
    for command in (["status"], ["inspect"], ["reverify"]):
        extra = ["0123"] if command == ["inspect"] else []
        assert main([*command, str(tmp_path / "none"), *extra]) == 2
        assert str(tmp_path / "none") in capsys.readouterr().err


@pytest.mark.ray
def test_more_workers_than_the_cluster_can_hold_are_refused(workplace, capsys):
    assert workplace.build("executor={kind: ray, workers: 500}") == 2
    error = capsys.readouterr().err
    assert "executor.workers=500" in error and "set executor.workers to at most" in error
    assert not Path(workplace.out).exists()


@pytest.mark.ray
def test_a_cluster_that_wants_another_token_is_refused(workplace, capsys, monkeypatch):
    import ray

    def refuses(**options):
        raise ray.exceptions.AuthenticationError("token mismatch")

    monkeypatch.setattr(ray, "init", refuses)
    assert workplace.build("executor.kind=ray") == 2
    assert "token mismatch" in capsys.readouterr().err
    assert not Path(workplace.out).exists()


@pytest.mark.ray
def test_a_cluster_that_does_not_answer_is_refused(workplace, capsys):
    assert workplace.build("executor={kind: ray, address: '127.0.0.1:9'}") == 2
    error = capsys.readouterr().err
    assert "executor.address='127.0.0.1:9'" in error and "ray start --head" in error
    assert not Path(workplace.out).exists()
