"""A distribution with plugins, written for a test: real files, found by their metadata, also by child processes."""

from __future__ import annotations

import tomllib
from pathlib import Path


def write_package(folder: Path, distribution: str, module: str, code: str, plugins: dict[str, str]) -> None:
    """`plugins`: by group and name, such as `{"verifiers/foo": "Foo"}`, the attribute of the module."""
    (folder / f"{module}.py").write_text(code)
    points = []
    for place, attribute in plugins.items():
        group, name = place.split("/")
        points += [f"[tracemill.{group}]", f"{name} = {module}:{attribute}"]
    _write_metadata(folder, distribution, "1.0", points)


def install(folder: Path) -> None:
    """What pip would leave of the `pyproject.toml` in a folder, so that the folder need only be on PYTHONPATH."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    points = []
    for group, names in project["entry-points"].items():
        points += [f"[{group}]", *(f"{name} = {place}" for name, place in names.items())]
    _write_metadata(folder, project["name"], project["version"], points)


def _write_metadata(folder: Path, distribution: str, version: str, points: list[str]) -> None:
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("\n".join(points) + "\n")
