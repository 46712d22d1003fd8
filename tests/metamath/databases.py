"""Where the tests find Metamath's real databases and its own program; both are Debian packages."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path("/usr/share/metamath/databases")
needs_databases = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs apt-get install metamath-databases")
needs_program = pytest.mark.skipif(
    not shutil.which("metamath") or not FOLDER.is_dir(), reason="needs apt-get install metamath metamath-databases"
)


def program(path: Path, *commands: str) -> str:
    """What Metamath's own program says of a database."""
    told = ["set scroll continuous", f"read {path.name}", *commands, "exit", "yes", "yes"]
    done = subprocess.run(
        ["metamath", *told], cwd=path.parent, capture_output=True, text=True, timeout=300, check=False
    )
    return done.stdout


def refused_by_program(path: Path) -> set[str]:
    """The theorems whose proofs it does not accept."""
    told = program(path, "verify proof *")
    assert "statements;" in told, told
    errors = re.split(r"\n\?Error", told)[1:]
    return {re.sub(r"\s", "", found[1]) for one in errors if (found := re.search(r'label\s+"([^"]+)"', one))}
