"""What a user gets who installs the built wheel and has no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from workplace import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_builds_the_quickstart_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = run(installed, tmp_path, "-c", "import tracemill; print(tracemill.__file__)")
    assert where.stdout.startswith(str(installed))
    small = ["sources.0.per_task=4", "verify.audit=2", "executor.kind=local", "sources.0.select=[math.*]"]
    sets = [word for one in small for word in ("--set", one)]
    result = run(installed, tmp_path, "-m", "tracemill", "build", "quickstart", *sets)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "builds/quickstart/manifest.json").is_file()


def test_the_wheel_has_what_the_checkout_has(installed: Path) -> None:
    for folder in ("configs", "curricula"):
        shipped = {path.name for path in (installed / "tracemill" / folder).iterdir()}
        assert shipped == {path.name for path in (ROOT / folder).iterdir()}
    modules = {str(path.relative_to(installed)) for path in installed.glob("tracemill/**/*.py")}
    assert modules == {
        str(path.relative_to(ROOT / "pipeline")) for path in (ROOT / "pipeline").glob("tracemill/**/*.py")
    }


def test_building_leaves_nothing_behind(installed: Path) -> None:
    assert not (ROOT / "build").exists()
    assert not list((ROOT / "pipeline").glob("*.egg-info"))
