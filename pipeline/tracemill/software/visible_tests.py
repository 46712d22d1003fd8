"""Runs the tests that lie in a repository, in the sandbox, and says which of them fail.

This is what a solver sees of its own work, and no verdict: tests, program and report share a cage here, and whoever may
edit the files may make them say anything. What counts are hidden tests, which the verifier `code` keeps apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath

from tracemill.sandbox.jobs import Ended, Job, JobRun, Limits
from tracemill.sandbox.shared import shared

LIMITS = Limits(cpu_seconds=5.0, memory_bytes=512 << 20, output_bytes=256 << 10)
_CAGED = Path(__file__).with_name("caged")
_FOLDER = ".tracemill"
_BROKE = {
    "cpu": f"they took more than {LIMITS.cpu_seconds:.0f} seconds",
    "wall": "they waited for something that never came",
    "memory": f"they took more than {LIMITS.memory_bytes >> 20} MB of memory",
    "output": "they printed too much",
    "disk": "they wrote too much",
    "processes": "they started too many processes",
}


def is_test_file(path: str) -> bool:
    name = PurePosixPath(path).name
    return name.startswith("test_") and name.endswith(".py")


def run_visible_tests(files: Mapping[str, str], path: str | None = None) -> str:
    """The report on all test files, or on one: a paragraph for each test that fails, and last `2 failed, 10 passed`.

    Raises:
        SandboxTrouble: the sandbox failed, not the program.
    """
    paths = (path,) if path else tuple(sorted(filter(is_test_file, files)))
    return _report(tuple(sorted(files.items())), paths) if paths else "there are no tests"


@lru_cache(maxsize=256)
def _report(files: tuple[tuple[str, str], ...], paths: tuple[str, ...]) -> str:
    """Kept: whoever plays a conversation, calls its tools, judges its claims and its outcome asks for the same."""
    placed = {path: text.encode() for path, text in files}
    placed[f"{_FOLDER}/asked.json"] = json.dumps(paths).encode()
    placed |= {f"{_FOLDER}/{name}": caged(name) for name in ("run_visible_tests.py", "pytest_stand_in.py")}
    command = ("python", f"{_FOLDER}/run_visible_tests.py")
    [ended] = shared().run(Job(placed, command, (JobRun(),), limits=LIMITS)).runs
    return _told(ended)


def _told(ended: Ended) -> str:
    said = ended.stdout.decode("utf-8", "backslashreplace").strip()
    if ended.fine and said:
        return said
    if ended.how == "exit":
        return f"the tests ended without a report, with exit status {ended.status}"
    return f"the tests were stopped: {_BROKE.get(ended.how, f'signal {ended.status}')}"


@cache
def caged(name: str) -> bytes:
    """A file that runs in the cage."""
    return (_CAGED / name).read_bytes()
