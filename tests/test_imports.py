"""What is imported when: the package costs nothing until something is used; parts depend one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from workplace import ROOT

from pipeline import plugins
from pipeline.errors import UsageError

HEAVY = {"ray", "vllm", "torch", "datasets", "z3", "sympy", "networkx", "huggingface_hub", "math_verify"}
LIGHT = {"pydantic", "pyarrow", "polars", "yaml", "rich", "numpy", "rensa", "fsspec"}


def loaded_by(statement: str) -> set[str]:
    script = f"import sys; {statement}; print(' '.join(m for m in sys.modules if '.' not in m))"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_import_pipeline_imports_nothing_heavy():
    assert not loaded_by("import pipeline") & (HEAVY | LIGHT)


def test_the_command_line_starts_without_heavy_packages():
    assert not loaded_by("from pipeline import cli; cli.parser()") & (HEAVY | LIGHT)


def test_reading_a_config_imports_only_what_it_names():
    statement = (
        "from pipeline.config import read_config; read_config('configs/quickstart.yaml', ['executor.kind=local'])"
    )
    assert not loaded_by(statement) & HEAVY


CHILDREN = {ROOT / "pipeline/verifiers/symbolic.py"}
"""Modules that only a limited process imports."""


@pytest.mark.parametrize(
    "path", sorted(set((ROOT / "pipeline").rglob("*.py")) - CHILDREN), ids=lambda p: str(p.relative_to(ROOT))
)
def test_heavy_packages_are_imported_by_the_function_that_needs_them(path):
    for node in ast.parse(path.read_text()).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.partition(".")[0] for name in names} & HEAVY


ORDER = [
    {"errors", "records"},
    {"schema", "codec", "memory", "stage", "plugins", "reading"},
    {"domains", "oracles", "teachers", "strategies", "verifiers", "sandbox", "store", "rewards"},
    {"sources", "selection", "curriculum"},
    {"rollouts", "executors", "config", "phases", "report", "build", "ledger", "progress", "summary"},
    {"commands", "cli", "__main__"},
]


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pipeline."):
            found.add(node.module.split(".")[1])
    return found


def test_parts_import_one_way():
    """`stage` names the work items of `sources/base.py`, and the audit makes problems as the sources do."""
    level = {part: place for place, parts in enumerate(ORDER) for part in parts}
    allowed = {("stage", "sources"), ("verifiers", "sources")}
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        part = path.relative_to(ROOT / "pipeline").parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        for used in imports_of(path):
            assert level[used] <= level[part] or (part, used) in allowed, f"{path} imports {used}"


def test_every_plugin_in_the_table_can_be_loaded():
    for thing, table in plugins.TABLE.items():
        for name in table:
            assert plugins.load(thing, name) is not None


def test_an_unknown_plugin_is_named_with_the_choices():
    with pytest.raises(UsageError, match="no verifier 'anwser'; installed: answer, steps; did you mean 'answer'"):
        plugins.load("verifier", "anwser")


@pytest.mark.parametrize("place", ["pipeline.records:Gone", "pipeline.no_such_module:Gone"])
def test_a_plugin_that_is_not_where_it_is_said_to_be_is_named(monkeypatch, place):
    monkeypatch.setattr(plugins, "installed", lambda thing: {"gone": place})
    with pytest.raises(UsageError, match=r"verifier 'gone' .*(Gone|no_such_module)"):
        plugins.load("verifier", "gone")


def test_the_phases_of_the_command_line_are_those_of_a_build():
    from pipeline.build import PHASES
    from pipeline.cli import _PHASES

    assert tuple(phase.name for phase in PHASES) == _PHASES


def test_an_entry_point_adds_a_domain(tmp_path):
    """A real distribution in a folder of its own, found by its metadata."""
    (tmp_path / "other_domain.py").write_text("class Other:\n    name = 'other.field.task'\n")
    info = tmp_path / "other_domain-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-domain\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tracemill.domains]\nother.field.task = other_domain:Other\n")
    script = (
        "from pipeline.plugins import load, matching; "
        "print(load('domain', 'other.field.task').name, matching('domain', ['other.*']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{tmp_path}"},
    )
    assert result.stdout.split() == ["other.field.task", "['other.field.task']"]


@pytest.mark.parametrize("path", sorted((ROOT / "configs").rglob("*.yaml")), ids=lambda p: p.name)
def test_every_shipped_config_is_valid(path, monkeypatch):
    from pipeline.config import read_config
    from pipeline.curriculum.config import read_curriculum

    monkeypatch.chdir(ROOT)
    read_curriculum(read_config(str(path)).curriculum)
