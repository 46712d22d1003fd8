"""What a user gets who installs the built wheel or the sdist and has no checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from workplace import ROOT


def build(target: str, source: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the source distribution."""
    packed = build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def contents(wheel: Path) -> dict[str, bytes]:
    archive = zipfile.ZipFile(wheel)
    return {name: archive.read(name) for name in archive.namelist()}


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
        shipped = {path.name for path in (installed / "tracemill" / folder).rglob("*.*")}
        assert shipped == {path.name for path in (ROOT / folder).rglob("*.*")}
    modules = {str(path.relative_to(installed)) for path in installed.glob("tracemill/**/*.py")}
    assert modules == {
        str(path.relative_to(ROOT / "pipeline")) for path in (ROOT / "pipeline").glob("tracemill/**/*.py")
    }


def test_a_wheel_of_the_sdist_is_that_of_the_checkout(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """`pip install` of an sdist, and `python -m build`, make the wheel from it: links are not there."""
    assert contents(build("wheel", sdist, tmp_path)) == contents(wheel)


def test_the_metadata_is_what_installers_and_the_index_accept(wheel: Path) -> None:
    [raw] = [data for name, data in contents(wheel).items() if name.endswith(".dist-info/METADATA")]
    found = Metadata.from_email(raw, validate=True)
    assert found.license_expression == "Apache-2.0"
    assert found.license_files == ["LICENSE"]
    assert not [one for one in found.classifiers or [] if one.startswith("License ::")]  # PEP 639 forbids both
    pythons = [one.rpartition(" ")[2] for one in found.classifiers or [] if one.startswith("Programming Language")]
    assert found.requires_python is not None
    assert pythons == [f"3.{minor}" for minor in range(30) if f"3.{minor}.0" in found.requires_python]
    assert found.description_content_type == "text/markdown"
    extras = set(found.provides_extra or [])
    assert {"cloud", "hub", "test", "dev"} <= extras
    asked = [str(one.marker) for one in found.requires_dist or [] if one.marker]
    assert all(any(f'extra == "{extra}"' in marker for extra in extras) for marker in asked)
    assert f"tracemill-{found.version}.dist-info/licenses/LICENSE" in contents(wheel)


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_installing_from_a_checkout_leaves_nothing_behind(tmp_path: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    checkout = tmp_path / "checkout"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name, follow_symlinks=False)
    before = files_below(checkout)
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(tmp_path / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", *offline, "."], cwd=checkout, check=True)
    assert files_below(checkout) == before
    assert (tmp_path / "site/tracemill/configs/quickstart.yaml").is_file()
