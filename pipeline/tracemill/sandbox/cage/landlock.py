"""Which files a program may open where it has no mount namespace, and whom it may signal.

Landlock only takes away: files that no rule names cannot be opened, made or executed, whatever their permissions say.
It hides neither that a file exists nor what `stat` says of it. What a kernel's version does not know it cannot forbid;
the attacks at the start show what that leaves open.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from tracemill.sandbox.cage import kernel

_EXECUTE, _WRITE, _READ, _READ_FOLDER = 1, 2, 4, 8
_READING = _EXECUTE | _READ | _READ_FOLDER
_OF_A_FILE = _EXECUTE | _WRITE | _READ | 1 << 14 | 1 << 15
_SCOPES = 0b11
"""Abstract sockets and signals reach only processes of the same domain."""
_TCP = 0b11


def _known(version: int) -> int:
    return (1 << (13 if version < 2 else 14 if version < 3 else 15 if version < 5 else 16)) - 1


def restrict(readable: Iterable[str], writable: Iterable[str], devices: Iterable[str], *, files: bool) -> None:
    """Restricts this process and all that it starts. Needs `no_new_privs`. Does nothing where there is no Landlock.

    `files`: false leaves the file system alone, which a mount namespace already bounds.
    """
    version = kernel.landlock_version()
    if not version or (not files and version < 4):
        return
    every = _known(version) if files else 0
    ruleset = kernel.landlock_ruleset(every, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    try:
        if files:
            for paths, allowed in ((readable, _READING), (writable, every), (devices, _READ | _WRITE)):
                for path in paths:
                    with contextlib.suppress(FileNotFoundError):
                        _allow(ruleset, path, allowed & every)
        kernel.landlock_restrict(ruleset)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, allowed: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):  # noqa: PTH112
            allowed &= _OF_A_FILE
        kernel.landlock_allow(ruleset, parent, allowed)
    finally:
        os.close(parent)
