from __future__ import annotations

import gzip
import json
import shutil
import tomllib
from pathlib import Path

import polars as pl
import pytest
from tracemill.cli.command_line import main
from tracemill.publishing.environments.environment_package import KINDS, module_name, package_files
from tracemill.publishing.environments.environment_rows import EnvironmentRows, rows_of
from tracemill.rewards import judge_row
from tracemill.running.schema_version import open_build
from tracemill.settings.errors import UsageError
from workplace import CONFIG, Workplace


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    place = Workplace(tmp_path_factory.mktemp("held_out"))
    few = ("sources.0.per_task=4", "strategy.samples=1", "verify.audit=1")
    assert place.build("split.bench=0.4", "sources.0.select=[math.algebra.*,code.execution.*]", *few) == 0
    return place


def write(built: Workplace, kind: str, out: Path) -> dict[str, bytes]:
    assert main(["environment", built.out, "--kind", kind, "--out", str(out)]) == 0
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def lines(packed: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.decompress(packed).decode().splitlines()]


def test_every_kind_of_the_command_can_be_written() -> None:
    from tracemill.cli.commands.environment_command import _KINDS

    assert tuple(KINDS) == _KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_holds_the_rows_of_rlvr_and_the_problems_held_out(
    built: Workplace, kind: str, tmp_path: Path
) -> None:
    files = write(built, kind, tmp_path / "my-questions")
    rows = pl.read_parquet(f"{built.out}/dataset/rlvr/*.parquet")
    train, bench = lines(files["my_questions/train.jsonl.gz"]), lines(files["my_questions/bench.jsonl.gz"])
    assert [row["problem_id"] for row in train] == rows["problem_id"].to_list()
    assert [row["ground_truth"] for row in train] == [one["ground_truth"] for one in rows["reward_model"]]
    problems = pl.read_parquet(f"{built.out}/dataset/problems/*.parquet")
    held_out = set(problems.filter(split="bench")["id"])
    assert bench and {row["problem_id"] for row in bench} <= held_out
    assert not {row["problem_id"] for row in train} & held_out
    for row in bench:
        gold = json.loads(str(row["ground_truth"]))["answer"]
        assert judge_row(f"Answer: {gold}", row["ground_truth"], row["prompt"]).reward == 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_the_same_bytes_and_says_its_licences(built: Workplace, kind: str, tmp_path: Path) -> None:
    files = write(built, kind, tmp_path / "a" / "my-questions")
    assert files == write(built, kind, tmp_path / "b" / "my-questions")
    project = tomllib.loads(files["pyproject.toml"].decode())["project"]
    assert project["name"] == "my-questions"
    assert "Apache-2.0" in project["license"] and "PSF-2.0" in project["license"]
    notices = {path for path in files if path.startswith("LICENSES/")}
    assert "LICENSES/NOTICES.md" in notices and project["license-files"] == ["LICENSES/*"]
    readme = files["README.md"].decode()
    assert "never 0" in readme and "LICENSES/" in readme and "{" not in readme.replace("\\boxed{42}", "")
    for path, data in files.items():
        if path.endswith(".py"):
            compile(data, path, "exec")
            assert b"PACKAGE" not in data and b"ENVIRONMENT_ID" not in data


def test_a_name_with_quotes_of_its_dataset_breaks_nothing() -> None:
    row = {"problem_id": "x", "licence": "CC0-1.0"}
    files = package_files("gym", "mine", 'my "best" \\ 😀', EnvironmentRows([row], [], 0), {})
    project = tomllib.loads(files["pyproject.toml"].decode())["project"]
    assert 'dataset my "best" \\ 😀,' in project["description"]


def held_out(out: str) -> set[str]:
    store = open_build(out)
    commit = store.latest()
    assert commit is not None
    return {row["problem_id"] for row in rows_of(store.files, commit.keys["dataset"]["judges"]).bench}


VOTED = pl.col("verifier").replace("answer", "vote")


@pytest.mark.parametrize(
    "changed",
    [{"verifier": VOTED}, {"version": pl.lit("0")}, {"judge": pl.lit('{"pattern": "x"}')}],
    ids=["a vote", "an earlier version", "other parameters"],
)
def test_only_verdicts_that_let_a_problem_into_rlvr_hold_one_out(
    built: Workplace, tmp_path: Path, changed: dict[str, pl.Expr]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(built.out, copy)
    assert held_out(str(copy))
    for path in copy.glob("dataset/verdicts/*.parquet"):
        pl.read_parquet(path).with_columns(**changed).write_parquet(path)
    assert not held_out(str(copy))


def test_of_two_attempts_the_later_one_says_whether_a_problem_is_solved(built: Workplace, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(built.out, copy)
    for path in copy.glob("dataset/verdicts/*.parquet"):
        verdicts = pl.read_parquet(path)
        later = verdicts.with_columns(attempt=pl.col("attempt") + 1, outcome=pl.lit("refuted"))
        pl.concat([later, verdicts]).write_parquet(path)
    assert not held_out(str(copy))


def test_what_is_there_is_not_written_over(
    built: Workplace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    assert main(["environment", built.out, "--kind", "gym", "--out", str(tmp_path / "mine")]) == 2
    assert "exists; choose another name" in capsys.readouterr().err
    assert not list((tmp_path / "mine").iterdir())


@pytest.mark.parametrize(
    "name", ["", "Mine", "my_questions", "1st", "../mine", "a b", "json", "class", "verifiers", "tracemill"]
)
def test_a_name_that_hides_a_module_or_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"no package can be named|would hide another"):
        module_name(name)


def test_a_build_that_cannot_be_asked_is_refused(
    workplace: Workplace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["environment", workplace.out, "--kind", "gym", "--out", str(tmp_path / "mine")]
    assert main(words) == 2
    assert "not there or not finished" in capsys.readouterr().err
    workplace.config({**CONFIG, "views": ["sft"]})
    assert workplace.build("sources.0.per_task=4") == 0
    assert main(words) == 2
    assert "has no view 'rlvr'" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
