"""Measured leaks, kept in the user's cache folder: they depend on code alone, and not on a build.

The key is all that they are measured by: the method, the problems and their seed; the task with its version (which
holds what its packages hold) and the files of its package; the files of tracemill; Python and numpy. Of a plugin also
every installed distribution, since nobody knows which ones it imports. What is not a package, but a single module, is
measured each time: what lies beside it may be its own or not.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib import import_module
from importlib.metadata import distributions, version
from pathlib import Path

from tracemill.records import fingerprint
from tracemill.settings.kept_files import keep, kept_file, read_kept
from tracemill.settings.plugins import load, module_of
from tracemill.verifiers.leakage import METHOD, Leak, leak_from

_OURS = "tracemill"


def kept_leaks(problems: Mapping[str, int], seed: int) -> dict[str, list[Leak]]:
    """The leaks by task of those tasks that were measured before, on so many problems each."""
    found = {task: _read(task, count, seed) for task, count in problems.items()}
    return {task: leaks for task, leaks in found.items() if leaks is not None}


def keep_leaks(task: str, problems: int, seed: int, leaks: Sequence[Leak]) -> None:
    """Keeps what was measured, if it can be kept."""
    file = _file(task, problems, seed)
    if file is not None:
        keep(file, [asdict(leak) for leak in leaks])


def _read(task: str, problems: int, seed: int) -> list[Leak] | None:
    file = _file(task, problems, seed)
    entries = read_kept(file) if file is not None else None
    try:
        leaks = None if entries is None else [leak_from(entry) for entry in entries]
    except (TypeError, KeyError):
        return None
    return leaks if leaks is not None and all(leak.task == task for leak in leaks) else None


def _file(task: str, problems: int, seed: int) -> Path | None:
    package = module_of("task", task).partition(".")[0]
    if not hasattr(import_module(package), "__path__"):
        return None
    code = [_code(name) for name in dict.fromkeys((_OURS, package))]
    others = [] if package == _OURS else sorted({f"{one.name} {one.version}" for one in distributions()})
    machine = [platform.python_version(), version("numpy")]
    key = fingerprint(METHOD, task, load("task", task).version, problems, seed, code, others, machine)
    return kept_file(f"leaks-{task}-{key}.json")


@cache
def _code(package: str) -> str:
    """A hash of all files of a package."""
    found = hashlib.sha256()
    for folder in map(Path, import_module(package).__path__):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                data = file.read_bytes()
                found.update(f"{file.relative_to(folder)} {len(data)} ".encode())
                found.update(data)
    return found.hexdigest()
