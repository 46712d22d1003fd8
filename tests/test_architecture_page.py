"""docs/architecture.md speaks of files that are there, and counts its own changes rightly."""

from __future__ import annotations

import re

import pytest
from workplace import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "pipeline/tracemill"
PATHS = sorted({path for path in re.findall(r"`([\w./<>]+(?:/|\.py|\.yaml|\.md))`", PAGE) if "/" in path})
CHANGES = [row.split("|")[1:3] for row in PAGE.split("| change | files |")[1].splitlines()[2:] if row.startswith("|")]


@pytest.mark.parametrize("path", [path for path in PATHS if not path.startswith(("pipeline/", "configs/", "tests/"))])
def test_every_file_that_the_page_names_is_there(path: str) -> None:
    pattern = re.sub(r"<\w+>", "*", path)
    found = list(ROOT.glob(pattern[6:])) if pattern.startswith("../../") else list(PACKAGE.glob(pattern))
    assert found, f"docs/architecture.md names {path}"


def files_of(change: str) -> str:
    [files] = [files for named, files in CHANGES if change in named]
    return files


def test_a_change_names_the_page_that_other_tests_compare_with_the_code() -> None:
    """The keys of a config stand in docs/config.md, the columns of a view in docs/schema.md, under a version."""
    assert "../../docs/config.md" in files_of("reason to reject a trace for quality")
    assert all(file in files_of("another column in a view") for file in ("records/schema.py", "../../docs/schema.md"))


def test_the_row_on_mistakes_names_the_files_in_which_they_are_made() -> None:
    folder = PACKAGE / "tasks/linear_system"
    made = {
        path.name for path in folder.glob("*.py") if re.search(r'\(\s*"(sign_kept|term_dropped)"', path.read_text())
    }
    files = files_of("another kind of mistake")
    assert made and all(f"`tasks/linear_system/{name}`" in files for name in made)


def test_changes_are_placed_and_most_touch_three_files_or_fewer() -> None:
    touched = [len(re.findall(r"`[^`]+`", files)) for _, files in CHANGES]
    assert len(touched) == 21
    assert sum(count <= 3 for count in touched) == 20
