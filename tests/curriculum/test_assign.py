from __future__ import annotations

import re
from itertools import pairwise
from random import Random
from typing import Any

import polars as pl
import pytest
from tracemill.curriculum.assign import (
    UNASSIGNED,
    Assignment,
    assign,
    refuse_shortfall,
    refuse_unknown_domains,
    upper_bound,
)
from tracemill.curriculum.curriculum_config import Curriculum
from tracemill.settings.errors import ShortfallError, UsageError

MATH, LOGIC = "math.algebra.equations.fruit", "logic.puzzle.knights.village"


def curriculum(*stages: dict[str, Any], shortfall: str = "fail") -> Curriculum:
    named = [{"name": f"s{i}", "domains": {"*": 1}} | stage for i, stage in enumerate(stages)]
    return Curriculum.model_validate({"name": "c", "shortfall": shortfall, "stages": named})


def units(domain: str, count: int, prefix: str, view: str = "sft", **more: Any) -> list[dict[str, Any]]:
    row = {"view": view, "domain": domain, "skill": "skills", "difficulty": 0.5}
    return [row | {"id": f"{prefix}{i:03}"} | more for i in range(count)]


def filled(rows: list[dict[str, Any]], *stages: dict[str, Any], views: tuple[str, ...] = ("sft",)) -> Assignment:
    frame = pl.DataFrame(rows, schema_overrides={"difficulty": pl.Float64})
    return assign(frame.sample(fraction=1, shuffle=True, seed=1), curriculum(*stages), views)


def taken(assignment: Assignment, stage: int | None = 0, view: str = "sft") -> list[str]:
    rows = assignment.rows.filter(pl.col("view") == view, pl.col("stage").eq_missing(stage))
    return rows["id"].to_list()


def test_rows_are_divided_by_weight_and_taken_by_id():
    rows = units(MATH, 20, "m") + units(LOGIC, 20, "l")
    found = filled(rows, {"rows": 8, "domains": {"math.*": 3, "logic.*": 1}})
    assert taken(found) == ["l000", "l001", "m000", "m001", "m002", "m003", "m004", "m005"]
    assert found.report.rows() == [("sft", 0, "math.*", 6, 6, 0), ("sft", 0, "logic.*", 2, 2, 0)]


def test_the_largest_remainders_get_the_odd_rows():
    names = ("a", "b", "c")
    rows = [row for name in names for row in units(f"{name}.x.y.z", 20, name)]
    uneven = filled(rows, {"rows": 10, "domains": {"a.*": 2.2, "b.*": 3.7, "c.*": 4.1}})
    assert uneven.report["taken"].to_list() == [2, 4, 4]
    rounded_up = filled(rows, {"rows": 5, "domains": {"a.*": 1, "b.*": 1, "c.*": 1}})
    assert rounded_up.report.select("asked", "taken").rows() == [(2, 2), (2, 2), (1, 1)]
    tied = filled(rows, {"rows": 7, "domains": {"c.*": 1, "b.*": 1, "a.*": 1}})
    assert tied.report.select("pattern", "taken").rows() == [("c.*", 2), ("b.*", 2), ("a.*", 3)]


def traces(problems: int, samples: int, **more: Any) -> list[dict[str, Any]]:
    [row] = units(MATH, 1, "", **more)
    return [row | {"id": f"{p:020}-{s:012}"} for p in range(problems) for s in range(samples)]


def test_every_problem_gives_a_trace_before_one_gives_another():
    found = [id_.split("-")[0] for id_ in taken(filled(traces(10, 3), {"rows": 14}))]
    assert sorted(found.count(problem) for problem in set(found)) == [1] * 6 + [2] * 4


def test_a_later_stage_goes_on_with_the_problems_that_gave_none():
    found = filled(traces(10, 2), {"rows": 6}, {"rows": 4})
    assert len({id_.split("-")[0] for stage in (0, 1) for id_ in taken(found, stage)}) == 10


def test_the_samples_of_a_problem_take_turns():
    found = [id_.split("-")[1] for id_ in taken(filled(traces(9, 3), {"rows": 9}))]
    assert sorted(map(int, found)) == [0] * 3 + [1] * 3 + [2] * 3


def test_skills_divide_a_stage_too():
    rows = units(MATH, 20, "m") + units(MATH, 20, "s", skill="strategy") + units(MATH, 20, "x", skill="abstraction")
    found = filled(rows, {"rows": 9, "skills": {"skills": 1, "strategy": 2}})
    assert [id_[0] for id_ in taken(found)] == ["m"] * 3 + ["s"] * 6


def test_a_cell_that_runs_out_is_filled_up_by_the_others_and_reported():
    rows = units(MATH, 2, "m") + units(LOGIC, 20, "l")
    found = filled(rows, {"rows": 10, "domains": {"math.*": 1, "logic.*": 1}})
    assert [id_[0] for id_ in taken(found)] == ["l"] * 8 + ["m"] * 2
    assert found.report.rows() == [("sft", 0, "math.*", 5, 2, 3), ("sft", 0, "logic.*", 5, 8, -3)]
    refuse_shortfall(found, curriculum({"rows": 10}))


def test_a_stage_that_runs_out_is_a_shortfall_or_takes_what_there_is():
    found = filled(units(MATH, 3, "m") + units(LOGIC, 1, "l"), {"rows": 10, "domains": {"math.*": 1, "logic.*": 1}})
    assert len(taken(found)) == 4
    with pytest.raises(ShortfallError, match="stage 's0' of view 'sft' asks for 10 rows and got 4"):
        refuse_shortfall(found, curriculum({"rows": 10}))
    refuse_shortfall(found, curriculum({"rows": 10}, shortfall="take"))


def test_a_view_without_any_candidate_is_short():
    found = filled(units(MATH, 3, "m"), {"rows": 3}, views=("sft", "rlvr"))
    with pytest.raises(ShortfallError, match="view 'rlvr' asks for 3 rows and got 0"):
        refuse_shortfall(found, curriculum({"rows": 3}))


def test_difficulty_bands_leave_out_their_end_but_for_the_last():
    rows = [units(MATH, 1, f"d{d}-", difficulty=d)[0] for d in (0.0, 0.3, 0.69, 0.7, 1.0)]
    rows += units(MATH, 1, "null", difficulty=None)
    bands = ([0, 0.3], [0.3, 0.7], [0.7, 1])
    found = filled(rows, *({"rows": "all", "difficulty": band} for band in bands))
    assert [taken(found, stage) for stage in range(3)] == [
        ["d0.0-000"],
        ["d0.3-000", "d0.69-000", "null000"],
        ["d0.7-000", "d1.0-000"],
    ]


def test_a_unit_is_used_once_per_view_and_the_rest_says_why_not():
    rows = units(MATH, 10, "m") + units(MATH, 10, "m", view="process") + units(LOGIC, 1, "l")
    found = filled(rows, *({"rows": 4, "domains": {"math.*": 1}} for _ in range(2)), views=("sft", "process"))
    for view in ("sft", "process"):
        assert taken(found, 0, view) == [f"m{i:03}" for i in range(4)]
        assert taken(found, 1, view) == [f"m{i:03}" for i in range(4, 8)]
    assert taken(found, None) == ["l000", "m008", "m009"]
    assert len(found.rows) == len(rows)
    reasons = found.rows.select(pl.col("stage").is_null(), "reason").unique().sort("stage").rows()
    assert reasons == [(False, ""), (True, UNASSIGNED)]


def test_rows_may_differ_by_view_and_be_all():
    rows = units(MATH, 9, "m") + units(MATH, 9, "m", view="rlvr")
    found = filled(rows, {"rows": {"sft": 5}}, {"rows": "all"}, views=("sft", "rlvr"))
    assert [len(taken(found, stage, view)) for view in ("sft", "rlvr") for stage in (0, 1)] == [5, 4, 0, 9]
    assert found.report.filter(pl.col("stage") == 1)["asked"].to_list() == [None, None]
    refuse_shortfall(found, curriculum({"rows": 1}, {"rows": 1}))


def test_a_task_matches_its_themes_and_the_first_pattern_counts():
    rows = units("math.algebra.equations.fruit", 4, "f") + units("math.algebra.equations2.fruit", 4, "x")
    found = filled(rows, {"rows": "all", "domains": {"math.algebra.equations": 1}})
    assert [id_[0] for id_ in taken(found)] == ["f"] * 4
    found = filled(rows, {"rows": "all", "domains": {"*.fruit": 1, "math.algebra.equations": 1}})
    assert found.report["taken"].to_list() == [8, 0]


def test_the_result_does_not_depend_on_the_order_of_the_candidates():
    rng = Random(2)
    rows = [row | {"difficulty": rng.random()} for name in (MATH, LOGIC) for row in units(name, 60, name[0])]
    plan = curriculum(*({"rows": 25, "difficulty": band} for band in ([0, 0.5], [0.4, 1])))
    one = assign(pl.DataFrame(rows), plan, ["sft"])
    other = assign(pl.DataFrame(rows[::-1]), plan, ["sft"])
    assert one.rows.equals(other.rows)
    assert one.report.equals(other.report)
    assert one.rows.sort("view", "stage", "id", nulls_last=True).equals(one.rows)


def test_each_stage_numbers_its_rows_by_difficulty_with_those_of_a_problem_apart():
    rows = [row | {"difficulty": int(row["id"][:20]) / 20} for row in traces(16, 2)]
    found = filled(rows, {"rows": "all", "difficulty": [0, 0.4]}, {"rows": "all", "difficulty": [0.4, 1]}).rows
    for stage, count in ((0, 16), (1, 16)):
        placed = found.filter(pl.col("stage") == stage).sort("place")
        assert placed["place"].to_list() == list(range(count))
        problems = [id_[:20] for id_ in placed["id"]]
        assert all(one != other for one, other in pairwise(problems))
        assert [problem for at, problem in enumerate(problems) if problem not in problems[:at]] == sorted(set(problems))


def test_rows_that_no_stage_took_have_no_place():
    found = filled(traces(4, 1), {"rows": 3}).rows
    assert sorted(found["place"].to_list(), key=str) == [0, 1, 2, None]


def test_no_candidates_give_an_empty_table():
    schema = {"view": pl.String, "id": pl.String, "domain": pl.String, "skill": pl.String, "difficulty": pl.Float64}
    found = assign(pl.DataFrame(schema=schema), curriculum({"rows": "all"}), ["sft"])
    assert found.rows.is_empty()
    assert found.rows.columns == [*schema, "stage", "place", "reason"]
    assert found.report["taken"].to_list() == [0]


def test_more_rows_than_there_can_be_are_named_beforehand():
    counts = {MATH: 10, "math.algebra.equations.coins": 10, LOGIC: 5}
    stages = ({"rows": 21, "domains": {"math.*": 1}}, {"rows": {"sft": 6}, "domains": {"logic.puzzle.knights": 1}})
    assert upper_bound(curriculum(*stages), counts, 1, ["sft"]) == [
        "view 'sft', s0: asks for 21 rows of math.*, at most 20 can come",
        "view 'sft', s1: asks for 6 rows of logic.puzzle.knights, at most 5 can come",
        "view 'sft', all stages together: asks for 27 rows of math.*, logic.puzzle.knights, at most 25 can come",
    ]
    assert len(upper_bound(curriculum(*stages), counts, 1, ["rlvr"])) == 1 + 1


def test_stages_that_could_each_be_filled_but_not_all_are_named():
    two = ({"rows": 6}, {"rows": 6}, {"rows": "all"})
    [told] = upper_bound(curriculum(*two), {MATH: 10}, 1, ["sft"])
    assert told == "view 'sft', all stages together: asks for 12 rows of *, at most 10 can come"
    assert upper_bound(curriculum(*two), {MATH: 12}, 1, ["sft"]) == []
    assert upper_bound(curriculum(*two, shortfall="take"), {MATH: 1}, 1, ["sft"]) == []


def test_samples_give_more_rows_to_a_view_of_traces_and_not_to_one_of_problems():
    asked = curriculum({"rows": 11})
    assert upper_bound(asked, {MATH: 5}, 3, ["sft"]) == []
    alone, _ = upper_bound(asked, {MATH: 5}, 3, ["rlvr"])
    assert alone == "view 'rlvr', s0: asks for 11 rows of *, at most 5 can come"


@pytest.mark.parametrize(
    "pattern", ["*", "math.*", "logic.puzzle.knights", LOGIC, "*.village", "math.algebra.equations.coins"]
)
def test_a_pattern_that_could_take_something_is_known(pattern: str):
    refuse_unknown_domains(curriculum({"domains": {pattern: 1}, "rows": 1}), [LOGIC], ["math.algebra.equations"])


@pytest.mark.parametrize("pattern", ["math.algebra.equation", "maths.*", "logic.puzzle.knight.village", ""])
def test_a_pattern_that_names_no_domain_is_refused(pattern: str):
    with pytest.raises(UsageError, match=rf"stage 's0': no domain '{re.escape(pattern)}'; .*math\.algebra\.equations"):
        refuse_unknown_domains(curriculum({"domains": {pattern: 1}, "rows": 1}), [LOGIC], ["math.algebra.equations"])
