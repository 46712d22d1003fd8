from __future__ import annotations

import pytest
import scripted
from tracemill.settings import plugins


@pytest.fixture(autouse=True)
def scripted_teacher(monkeypatch):
    scripted.install(monkeypatch)
    yield scripted.ScriptedTeacher
    plugins.installed.cache_clear()
