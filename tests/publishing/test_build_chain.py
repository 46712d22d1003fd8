"""Builds that add to each other: what they come to together, on the card too."""

from __future__ import annotations

from typing import Any

import pytest
from tracemill.publishing import card
from tracemill.publishing.build_chain import builds_of, shared_of, whole_chain
from tracemill.publishing.figures import chained_builds
from tracemill.publishing.notices import united_overview


def file(path: str, rows: int) -> dict[str, Any]:
    return {"path": path, "phase": "dataset", "table": None, "rows": rows, "bytes": 10 * rows, "sha256": path[-24:-8]}


def manifest(name: str, stages: dict[str, int], earlier: Any = None, **more: Any) -> dict[str, Any]:
    files = [
        file(f"dataset/sft/{index:02d}-{stage}-00000-{name:>016}.parquet", rows)
        for index, (stage, rows) in enumerate(stages.items())
    ]
    content = {
        "name": name,
        "stages": list(stages),
        "view_order": ["sft"],
        "views": {"sft": {stage: {"rows": rows, "shards": 1} for stage, rows in stages.items()}},
        "view_totals": {"sft": sum(stages.values())},
        "files": [*files, file(f"dataset/problems/part-00000-{name:>016}.parquet", 7)],
        "sources": [{"name": "domains", "revision": "1", "licence": "Apache-2.0", "problems": 7}],
        "notices": [],
        "languages": ["en"],
        "teacher": {"kind": "symbolic", "name": "symbolic"},
        "verifiers": {"answer": {"outcomes": {"verified": 5, "refuted": 1, "unknown": 0, "error": 0}}},
        "costs": {"amounts": {"completion_tokens": {"total": 100}, "money": {"total": 0.1}}},
        "earlier": earlier,
        **more,
    }
    return {**content, "builds": builds_of(content, earlier)}


def added(first: dict[str, Any], *arguments: Any, **more: Any) -> dict[str, Any]:
    earlier = {"where": "builds/one", "digest": "f" * 64, **shared_of(first)}
    return manifest(*arguments, earlier=earlier, **more)


@pytest.fixture
def first() -> dict[str, Any]:
    return manifest("one", {"easy": 3, "hard": 2})


@pytest.fixture
def second(first: dict[str, Any]) -> dict[str, Any]:
    source = {"name": "mine", "revision": "2", "licence": "MIT", "problems": 4}
    return added(first, "two", {"hard": 4, "harder": 1}, sources=[source])


def test_rows_stand_by_stage_and_within_it_build_by_build(second: dict[str, Any]) -> None:
    """The stages of the newest come first; those that it does not have any more come after."""
    whole = whole_chain(second)
    assert whole["stages"] == ["hard", "harder", "easy"]
    assert whole["view_totals"] == {"sft": 10}
    assert whole["views"]["sft"]["hard"] == {"rows": 6, "shards": 2}
    paths = card._paths([f for stage in whole["stages"] for f in card._shards(whole, "sft", stage)])
    assert [path.split("-")[1] for path in paths] == ["hard", "hard", "harder", "easy"]
    assert "one" in paths[0] and "two" in paths[1]


def test_sources_and_licences_of_all_builds_are_there(second: dict[str, Any]) -> None:
    whole = whole_chain(second)
    assert [(one["name"], one["problems"]) for one in whole["sources"]] == [("domains", 7), ("mine", 4)]
    assert card._licence_header(whole) == {"license": ["apache-2.0", "mit"]}


def test_a_third_build_knows_of_both_before_it(second: dict[str, Any]) -> None:
    third = added(second, "three", {"hard": 1})
    assert [one["name"] for one in third["builds"]["each"]] == ["one", "two", "three"]
    assert third["builds"]["rows"] == {"sft": 11}
    assert third["builds"]["costs"] == {"completion_tokens": 300.0, "money": 0.3}
    assert third["builds"]["verdicts"]["answer"]["verified"] == 15
    assert {one["build"] for one in third["earlier"]["files"]} == {0, 1}


def test_each_build_and_their_sum_stand_on_the_card(second: dict[str, Any]) -> None:
    text = chained_builds.card(second)
    assert "| one | 5 |" in text and "| two | 5 |" in text and "| all | 10 |" in text
    card._check_numbers("Builds", text, second, ("builds",))
    assert "2 builds, sft 10 rows in all" in chained_builds.summary(second)


def test_a_build_that_adds_to_none_says_nothing_of_it(first: dict[str, Any]) -> None:
    assert chained_builds.card(first) == chained_builds.summary(first) == ""


def test_notices_of_both_builds_are_kept() -> None:
    head = "# Notices\n\nProblems show these."
    earlier, newest = f"{head}\n\n## a 1\n\nOld.\n\n## b 1\n\nOld.\n", f"{head}\n\n## b 1\n\nNew.\n\n## c 1\n\nNew.\n"
    assert united_overview(earlier, newest) == f"{head}\n\n## a 1\n\nOld.\n\n## b 1\n\nNew.\n\n## c 1\n\nNew.\n"
    assert united_overview(newest, newest) == newest
