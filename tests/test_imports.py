"""What is imported when: the package costs nothing until something is used; parts depend one way."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from tracemill.settings import plugins
from tracemill.settings.errors import UsageError
from workplace import ROOT

HEAVY = {"ray", "vllm", "torch", "datasets", "z3", "sympy", "networkx", "huggingface_hub", "math_verify"}
LIGHT = {"pydantic", "pyarrow", "polars", "yaml", "rich", "numpy", "rensa", "obstore"}


def loaded_by(statement: str) -> set[str]:
    script = f"import sys; {statement}; print(' '.join(m for m in sys.modules if '.' not in m))"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_import_tracemill_imports_nothing_heavy():
    assert not loaded_by("import tracemill") & (HEAVY | LIGHT)


def test_the_command_line_starts_without_heavy_packages():
    assert not loaded_by("from tracemill.cli import command_line; command_line.parser()") & (HEAVY | LIGHT)


def test_reading_a_config_imports_only_what_it_names():
    statement = (
        "from tracemill.running.build_config import read_config; read_config('quickstart', ['executor.kind=local'])"
    )
    assert not loaded_by(statement) & HEAVY


PACKAGE = ROOT / "pipeline/tracemill"
CHILDREN = {PACKAGE / "verifiers/answer/comparing/by_sympy.py"}
"""Modules that only a limited process imports."""


@pytest.mark.parametrize("path", sorted(set(PACKAGE.rglob("*.py")) - CHILDREN), ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_packages_are_imported_by_the_function_that_needs_them(path):
    for node in ast.parse(path.read_text()).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.partition(".")[0] for name in names} & HEAVY


LAYERS = [
    {"settings"},
    {"records"},
    {"metamath"},
    {"claims", "tasks", "sandbox", "software"},
    {"verifiers", "sources", "asking"},
    {"selection", "curriculum", "views", "rewards"},
    {"publishing", "store"},
    {"running"},
    {"cli", "__main__"},
]
"""Parts import from their own layer and from those before it."""


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tracemill."):
            found.add(node.module.split(".")[1])
    return found


def test_parts_import_one_way():
    level = {part: place for place, parts in enumerate(LAYERS) for part in parts}
    for path in sorted(PACKAGE.rglob("*.py")):
        part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if part != "__init__":
            backwards = {used for used in imports_of(path) if level[used] > level[part]}
            assert not backwards, f"{path.relative_to(PACKAGE)} imports {backwards}"


def test_every_plugin_in_the_table_can_be_loaded():
    for thing, table in plugins.TABLE.items():
        for name in table:
            assert plugins.load(thing, name) is not None


def test_an_unknown_plugin_is_named_with_the_choices():
    with pytest.raises(UsageError, match=r"no verifier 'anwser'; installed: answer, .*steps.*; did you mean 'answer'"):
        plugins.load("verifier", "anwser")


@pytest.mark.parametrize("place", ["tracemill.records:Gone", "tracemill.no_such_module:Gone"])
def test_a_plugin_that_is_not_where_it_is_said_to_be_is_named(monkeypatch, place):
    monkeypatch.setattr(plugins, "installed", lambda thing: {"gone": place})
    with pytest.raises(UsageError, match=r"verifier 'gone' .*(Gone|no_such_module)"):
        plugins.load("verifier", "gone")


def test_the_phases_of_the_command_line_are_those_of_a_build():
    from tracemill.cli.commands.build_command import _PHASES
    from tracemill.running.build import PHASES

    assert tuple(phase.name for phase in PHASES) == _PHASES


def test_an_entry_point_adds_a_task(tmp_path):
    """A real distribution in a folder of its own, found by its metadata."""
    (tmp_path / "other_domain.py").write_text("class Other:\n    name = 'other.field.task'\n")
    info = tmp_path / "other_domain-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-domain\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tracemill.tasks]\nother.field.task = other_domain:Other\n")
    script = (
        "from tracemill.settings.plugins import load, matching; "
        "print(load('task', 'other.field.task').name, matching('task', ['other.*']))"
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


CONFIGS = [*(ROOT / "configs").glob("*.yaml"), ROOT / "configs/deploy/nightly.yaml"]


@pytest.mark.parametrize("path", sorted(CONFIGS), ids=lambda p: p.name)
def test_every_shipped_config_is_valid(path, monkeypatch):
    from tracemill.curriculum.curriculum_config import read_curriculum
    from tracemill.running.build_config import read_config

    monkeypatch.chdir(ROOT)
    read_curriculum(read_config(str(path)).curriculum)


ROLES = {"task", "oracle", "story", "telling", "checker", "canaries", "verifier", "__init__"}
"""Names of modules that stand for a part that several folders have."""


def test_no_two_modules_share_a_name_that_means_different_things():
    names = Counter(path.stem for path in PACKAGE.rglob("*.py"))
    assert {name for name, count in names.items() if count > 1} <= ROLES


def test_no_two_types_share_a_name():
    """Tasks do not meet each other: what one calls its story, another may call so too."""
    homes = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).parts
        home = "tasks" if parts[0] == "tasks" and len(parts) > 2 and parts[1] != "kit" else str(path)
        for node in ast.parse(path.read_text()).body:
            for name in types_of(node):
                homes[name].add(home)
    assert not {name for name, places in homes.items() if len(places) > 1}


def types_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef):
        return [node.name] if not node.name.startswith("_") else []
    target = (
        node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
    )
    named = isinstance(target, ast.Name) and re.fullmatch("[A-Z][a-z]+[A-Za-z]*", target.id)
    return [target.id] if named and isinstance(target, ast.Name) else []
