"""No test waits before it asks again."""

from __future__ import annotations

import pytest
from tracemill.asking.teachers.openai import retrying


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_SECONDS", 0.001)
