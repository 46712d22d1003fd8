from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tracemill.settings.errors import PluginError, UsageError
from tracemill.tasks import available as module
from tracemill.tasks.available import available


def standing_for(monkeypatch: pytest.MonkeyPatch, task: Any) -> None:
    monkeypatch.setattr(module, "made", lambda thing, name: task)


def test_a_task_that_lacks_something_is_left_out_of_a_pattern_and_refused_by_name(monkeypatch) -> None:
    standing_for(monkeypatch, SimpleNamespace(missing=lambda: "needs a database: install it"))
    found = available(["math.algebra.*"])
    assert found.names == [] and found.notes == ["left out: math.algebra.linear_system: needs a database: install it"]
    with pytest.raises(UsageError, match="needs a database"):
        available(["math.algebra.linear_system"])


def test_a_task_that_has_no_such_method_is_named_as_the_one_with_the_bug(monkeypatch) -> None:
    standing_for(monkeypatch, SimpleNamespace())
    with pytest.raises(PluginError, match=r"task 'math\.algebra\.linear_system' .*'missing'"):
        available(["math.algebra.*"])


def test_a_task_that_cannot_look_is_left_out_with_the_reason(monkeypatch) -> None:
    def broken() -> str | None:
        raise PermissionError("no right to read /data")

    standing_for(monkeypatch, SimpleNamespace(missing=broken))
    assert "cannot say what it needs: PermissionError: no right to read /data" in available(["math.algebra.*"]).notes[0]
