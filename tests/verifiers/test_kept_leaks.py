"""Leaks that were measured before: kept for as long as nothing changes that they depend on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tracemill.settings.plugins import TABLE, installed
from tracemill.verifiers import kept_leaks as kept
from tracemill.verifiers.kept_leaks import keep_leaks, kept_leaks
from tracemill.verifiers.leakage import Leak, Tell

TASK = "logic.puzzle.knights_knaves"
PLUGIN = "math.test.kept"
MODULE = """
from tracemill.tasks.knights_knaves.task import KnightsKnaves

class Kept(KnightsKnaves):
    name = "math.test.kept"
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/tracemill"


def leaks_of(task: str) -> list[Leak]:
    return [
        Leak(task, "", 31, 0.5123, 0.41, 0.61, (Tell("so it", 0.1, 0.30000000000000004),)),
        Leak(task, "misread", 31, 0.5, 0.4, 0.6, (), "closing"),
    ]


def test_leaks_come_back_as_they_were_measured_and_only_for_the_same_measurement(monkeypatch) -> None:
    assert kept_leaks({TASK: 40}, 0) == {}
    keep_leaks(TASK, 40, 0, leaks_of(TASK))
    assert kept_leaks({TASK: 40}, 0) == {TASK: leaks_of(TASK)}
    assert kept_leaks({TASK: 41}, 0) == kept_leaks({TASK: 40}, 1) == {}
    monkeypatch.setattr(kept, "METHOD", "another")
    assert kept_leaks({TASK: 40}, 0) == {}


def test_a_task_without_mistakes_is_not_measured_again() -> None:
    keep_leaks(TASK, 40, 0, [])
    assert kept_leaks({TASK: 40}, 0) == {TASK: []}


def test_what_is_damaged_or_of_another_task_is_measured_again(cache: Path) -> None:
    keep_leaks(TASK, 40, 0, leaks_of(TASK))
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    assert kept_leaks({TASK: 40}, 0) == {}
    keep_leaks(TASK, 40, 0, leaks_of("another.task"))
    assert kept_leaks({TASK: 40}, 0) == {}
    for misshapen in ([1], [{"task": TASK}], [{"task": TASK, "tells": [{"words": "so"}]}]):
        kept.keep(file, misshapen)
        assert kept_leaks({TASK: 40}, 0) == {}


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which modules are imported, with a task in a package of its own."""
    package = tmp_path / "site/kept_plugin"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "task.py").write_text(MODULE)
    (tmp_path / "site/lone_plugin.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setitem(TABLE["task"], PLUGIN, "kept_plugin.task:Kept")
    installed.cache_clear()
    yield tmp_path / "site"
    installed.cache_clear()


def test_a_changed_file_in_the_package_of_a_task_has_it_measured_again(plugged: Path) -> None:
    keep_leaks(PLUGIN, 40, 0, leaks_of(PLUGIN))
    keep_leaks(TASK, 40, 0, leaks_of(TASK))
    (plugged / "kept_plugin/words.yaml").write_text("phrases: {}")
    kept._code.cache_clear()
    assert kept_leaks({PLUGIN: 40, TASK: 40}, 0) == {TASK: leaks_of(TASK)}


def test_a_task_in_a_lone_module_is_measured_each_time(plugged: Path, cache: Path, monkeypatch) -> None:
    monkeypatch.setitem(TABLE["task"], PLUGIN, "lone_plugin:Kept")
    installed.cache_clear()
    keep_leaks(PLUGIN, 40, 0, leaks_of(PLUGIN))
    assert kept_leaks({PLUGIN: 40}, 0) == {}
    assert not cache.exists()
