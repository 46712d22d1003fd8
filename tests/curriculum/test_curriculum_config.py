from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from tracemill.curriculum.curriculum_config import Curriculum, CurriculumStage, read_curriculum
from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import TABLE

ROOT = Path(__file__).parents[2]


def stage(**more: Any) -> dict[str, Any]:
    return {"name": "one", "rows": 10, "domains": {"math.*": 1}} | more


def written(tmp_path: Path, *stages: dict[str, Any], **more: Any) -> str:
    file = tmp_path / "c.yaml"
    file.write_text(yaml.safe_dump({"name": "c", "shortfall": "fail", "stages": list(stages)} | more))
    return str(file)


def test_a_stage_asks_for_rows_per_view():
    assert [CurriculumStage(**stage(rows=7)).asked(view) for view in ("sft", "rlvr")] == [7, 7]
    assert [CurriculumStage(**stage(rows={"sft": 7})).asked(view) for view in ("sft", "rlvr")] == [7, 0]
    assert CurriculumStage(**stage(rows="all")).asked("sft") is None


def test_a_curriculum_is_read_and_cannot_be_changed(tmp_path: Path):
    curriculum = read_curriculum(written(tmp_path, stage(skills={"strategy": 2}), stage(name="two", rows="all")))
    assert curriculum.stages[0].skills == {"strategy": 2.0}
    assert curriculum.stages[1].skills == {"skills": 1.0}
    with pytest.raises(ValidationError):
        curriculum.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"name": "CurriculumStage One"}, "stages.0.name"),
        ({"rows": 0}, "stages.0.rows"),
        ({"rows": "some"}, "stages.0.rows"),
        ({"rows": 2.5}, "stages.0.rows"),
        ({"rows": True}, "stages.0.rows"),
        ({"rows": {"sft": -1}}, "stages.0.rows"),
        ({"domains": {}}, "stages.0.domains"),
        ({"domains": {"math.*": 0}}, "stages.0.domains.math.*"),
        ({"domains": {"math.*": float("inf")}}, ":5: this is not plain YAML: .inf is no finite number"),
        ({"skills": {"juggling": 1}}, "stages.0.skills.juggling"),
        ({"skills": {}}, "stages.0.skills"),
        ({"difficulty": [0.5, 0.5]}, "difficulty [0.5, 0.5] holds nothing"),
        ({"difficulty": [0, 2]}, "stages.0.difficulty"),
        ({"weights": {}}, "stages.0.weights: unknown key; choices: difficulty, domains, name, rows, skills"),
        ({"rows": {"sfd": 1}}, "stages.0.rows: no view 'sfd'; choices: "),
    ],
)
def test_a_bad_stage_is_an_error_that_names_the_file_and_the_key(tmp_path: Path, bad: dict[str, Any], told: str):
    with pytest.raises(UsageError) as caught:
        read_curriculum(written(tmp_path, stage(**bad)))
    assert "c.yaml" in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("stages", "more", "told"),
    [
        ([], {}, "stages"),
        ([stage(), stage()], {}, "two stages are named 'one'; give one of them another name"),
        ([stage()], {"shortfall": "ignore"}, "shortfall: 'ignore': Input should be 'fail' or 'take'"),
        ([stage()], {"shortfal": "fail"}, "shortfal: unknown key; choices: name, shortfall, stages"),
        ([{"name": "one", "rows": 1}], {}, "stages.0.domains: missing; add it"),
    ],
)
def test_bad_curricula_are_errors(tmp_path: Path, stages: list[Any], more: dict[str, Any], told: str):
    assert told in refused(Path(written(tmp_path, *stages, **more)))


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_curriculum(str(path))
    return str(caught.value)


def test_what_is_no_yaml_file_is_a_usage_error(tmp_path: Path):
    (tmp_path / "tag.yaml").write_text("!!python/object/apply:os.getcwd []")
    (tmp_path / "list.yaml").write_text("- 1")
    assert "cannot read" in refused(tmp_path / "absent.yaml")
    assert "is not plain YAML" in refused(tmp_path / "tag.yaml")
    assert "is not a mapping" in refused(tmp_path / "list.yaml")


def test_shipped_curricula_are_valid_and_cover_the_installed_tasks():
    files = sorted((ROOT / "curricula").glob("*.yaml"))
    assert files
    for file in files:
        curriculum = read_curriculum(str(file))
        assert curriculum.name == file.stem
    cold_start: Curriculum = read_curriculum(str(ROOT / "curricula" / "cold_start.yaml"))
    for one in cold_start.stages:
        assert set(one.domains) == set(TABLE["task"]) - {"code.repository.repair"}  # which only `agent` asks
    bands = [one.difficulty for one in cold_start.stages]
    assert [bands[0][0], *(hi for _, hi in bands)] == [0.0, *(lo for lo, _ in bands[1:]), 1.0]
