"""Runs the cells of a notebook in this process, so that a test sees what they print and what they leave."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from workplace import ROOT

FOLDER = ROOT / "notebooks"


def run_notebook(name: str, folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """From top to bottom in `folder`, where its temporary folders go too; the names that it has at the end."""
    patch.chdir(folder)
    patch.setattr(tempfile, "tempdir", str(folder))
    names: dict[str, Any] = {}
    for number, cell in enumerate(json.loads((FOLDER / name).read_text())["cells"]):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{name}, cell {number}", "exec"), names)
    return names
