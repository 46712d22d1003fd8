"""A distribution with plugins, written for a test: real files, found by their metadata, also by child processes."""

from __future__ import annotations

from pathlib import Path


def write_package(folder: Path, distribution: str, module: str, code: str, plugins: dict[str, str]) -> None:
    """`plugins`: by group and name, such as `{"verifiers/foo": "Foo"}`, the attribute of the module."""
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    lines = []
    for place, attribute in plugins.items():
        group, name = place.split("/")
        lines += [f"[tracemill.{group}]", f"{name} = {module}:{attribute}"]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
