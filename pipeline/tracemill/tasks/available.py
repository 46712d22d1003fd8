"""The tasks that this machine can use: one that needs data which is not there is left out, unless it is asked for by
name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tracemill.settings.errors import UsageError
from tracemill.settings.failures import classified, made
from tracemill.settings.plugins import matching


class Available(NamedTuple):
    """The names of the tasks, and of those that are left out what they lack."""

    names: list[str]
    missing: dict[str, str]

    @property
    def notes(self) -> list[str]:
        """A line for each thing that is lacking: `left out: logic.metamath.lemma, logic.metamath.proof: needs …`."""
        lacking: dict[str, list[str]] = {}
        for name, why in self.missing.items():
            lacking.setdefault(why, []).append(name)
        return [f"left out: {', '.join(names)}: {why}" for why, names in lacking.items()]


def available(patterns: Iterable[str]) -> Available:
    """The tasks that any of the shell patterns matches.

    Raises:
        UsageError: a pattern that matches nothing, or the name of a task that lacks something.
        PluginError: a task has a bug.
    """
    patterns = list(patterns)
    lacking = {name: why for name in matching("task", patterns) if (why := _lack(name))}
    for name, why in lacking.items():
        if name in patterns:
            raise UsageError(f"task {name!r} {why}")
    return Available([name for name in matching("task", patterns) if name not in lacking], lacking)


def _lack(name: str) -> str | None:
    task = made("task", name)
    try:
        lack: str | None = task.missing()
    except Exception as exc:  # noqa: BLE001  classified there
        return f"cannot say what it needs: {classified('task', name, exc).reason}"
    return lack
