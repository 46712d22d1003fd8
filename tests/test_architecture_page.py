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


def test_twenty_changes_are_placed_and_most_touch_three_files_or_fewer() -> None:
    touched = [len(re.findall(r"`[^`]+`", files)) for _, files in CHANGES]
    assert len(touched) == 20
    assert sum(count <= 3 for count in touched) == 19
