"""Files that a command writes for its user: all of them, or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tracemill.cli.new_files import write_new
from tracemill.settings.errors import UsageError


def test_of_several_files_that_exist_the_first_is_named(tmp_path: Path) -> None:
    files = {tmp_path / f"file{number}": "new" for number in range(30)}
    for path in files:
        path.write_text("mine")
    with pytest.raises(UsageError, match=f"^{tmp_path}/file0 exists"):
        write_new(files)
    assert {path.read_text() for path in files} == {"mine"}
