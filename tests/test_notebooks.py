"""Every notebook runs from top to bottom on a finished build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workplace import ROOT


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_notebook_runs(path, finished, tmp_path, monkeypatch):
    (tmp_path / "builds").mkdir()
    (tmp_path / "builds" / "quickstart").symlink_to(Path(finished.out))
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            exec(compile("".join(cell["source"]), path.name, "exec"), names)
    assert names["process"].height > 0
