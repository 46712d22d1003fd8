"""The failures that a user can act on. Each message says the thing, the value, the choices and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TracemillError(Exception):
    """The run failed after it began: exit status 1."""


class UsageError(TracemillError):
    """The command or the config was wrong, and nothing was written: exit status 2."""


class PluginError(TracemillError):
    """A plugin has a bug: `verifier 'foo' (package foo-tracemill 1.0) raised TypeError: … in foo/rules.py:12`."""


class NoJudgeError(TracemillError):
    """No process that judges can be started."""


class UnusableTeacherError(TracemillError):
    """The teacher cannot be asked: a wrong key, no such model. Every other call would fail as well, so the run ends."""


class TroubleError(Exception):
    """Trouble of the machine, not of the row that was worked on: a process died or did not start. It is tried again."""


class LostClaimError(TracemillError):
    """Another run holds the build now; this one has stopped writing."""


class ShortfallError(TracemillError):
    """The sources gave fewer rows than the curriculum asks for; the build is kept."""


class DamagedError(TracemillError):
    """A committed file is missing or differs from its hash and cannot be rebuilt cheaply."""


def unknown(thing: str, value: str, choices: Iterable[str], fix: str = "") -> UsageError:
    """The error for a name that is not there: `no verifier 'leen'; installed: answer, …; did you mean 'lean'?`"""
    known = sorted(choices)
    near = difflib.get_close_matches(value, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    tail = f"; {fix}" if fix else ""
    return UsageError(f"no {thing} {value!r}; installed: {', '.join(known) or 'none'}{hint}{tail}")
