"""The pool: every fit call of the installed packages, with its difficulty, found once and kept on disk.

Difficulty is a quantile rank: calls sorted by the steps that they take (then by the length of their source, then by a
hash) and numbered from 0 to 1, so that of two calls the more difficult never takes fewer steps.

The file in the user's cache folder is a convenience: without it, or where it is unreadable or does not have the digest
that it states, the pool is made again. Nothing in it is ever executed; calls are found again by name and hash.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tracemill.claims.execution import calls, chance, packages, values
from tracemill.claims.execution.packages import PACKAGES, licence, usable, version
from tracemill.records import Payload, canonical_json, fingerprint
from tracemill.sandbox.limited import LimitedProcess
from tracemill.settings.errors import TracemillError, TroubleError
from tracemill.settings.kept_files import keep, kept_file, read_kept
from tracemill.tasks.library import bindings, events, harvest, helpers, known, needs, surroundings, tracing

HARVEST_SECONDS = 120.0
"""CPU time for the calls of one function, and for the import of its package before the first."""
MEMORY_BYTES = 4 * 2**30
_PARTS = (values, calls, chance, packages, bindings, events, harvest, helpers, known, needs, surroundings, tracing)
"""The modules that the harvest is made by: a change to one makes the kept calls stale."""
_LOG = logging.getLogger(__name__)
_TEXTS = {"source", "setup", "expression", "answer", "context", "trace"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A call as the harvest found it.

    `names` are what `calls.find` takes; `context` are lines of the function's module, `helpers` the sources and `notes`
    the sentences that the prompt adds. `trace` is the JSON of its execution's `events` and `result`: kept so that
    nobody has to execute it again.
    """

    names: Payload
    source: str
    setup: str
    expression: str
    answer: str
    literal: bool
    steps: int
    context: str
    helpers: Sequence[str]
    notes: Sequence[str]
    trace: str
    licence: str
    version: str
    difficulty: float

    @property
    def order(self) -> str:
        """The place in the fixed pseudo-random order in which calls become problems."""
        return fingerprint("order", self.names)


@cache
def pool() -> tuple[Entry, ...]:
    """All calls, in the order in which they become problems.

    Raises:
        TracemillError: a package's harvest did not end; nothing is left out silently.
    """
    rows: list[dict[str, Any]] = []
    for package in usable(PACKAGES):
        file = _file(package)
        found = _read(file) if file else None
        if found is None:
            found = _harvest(package)
            if file:
                keep(file, found)
        rows += found
    return tuple(sorted(_ranked(rows), key=lambda entry: entry.order))


def _ranked(rows: list[dict[str, Any]]) -> Iterable[Entry]:
    rows = sorted(rows, key=lambda row: (row["steps"], len(row["source"]), fingerprint("rank", row["names"])))
    packages = {row["names"]["package"] for row in rows}
    labels: dict[str, Any] = {
        package: {"licence": licence(package), "version": version(package)} for package in packages
    }
    for rank, row in enumerate(rows):
        yield Entry(**row, **labels[row["names"]["package"]], difficulty=(rank + 0.5) / len(rows))


def _harvest(package: str) -> list[dict[str, Any]]:
    process = LimitedProcess(
        "tracemill.tasks.library.harvest:harvest", seconds=HARVEST_SECONDS, memory_bytes=MEMORY_BYTES
    )
    try:
        return [row for module in PACKAGES[package] for row in _harvest_module(process, package, module)]
    except (TroubleError, LimitedProcess.Timeout, LimitedProcess.Died, LimitedProcess.Failed) as exc:
        raise TracemillError(f"the functions of {package} could not be read: {exc}") from exc
    finally:
        process.close()


def _harvest_module(process: LimitedProcess, package: str, module: str) -> Iterator[dict[str, Any]]:
    """A function whose calls end the process is unfit, as others are, but is named: it is a fault of the interpreter
    or of compiled code."""
    for function in process.call({"module": module})["functions"]:
        try:
            yield from process.call({"package": package, "module": module, "function": function})["entries"]
        except LimitedProcess.Died as exc:
            _LOG.warning("no calls of %s.%s become problems: %s", module, function, exc)


def _file(package: str) -> Path | None:
    """Where a package's calls are kept. The key is all that the harvest depends on."""
    parts = [Path(part.__file__ or "") for part in _PARTS]
    code = [part.read_text("utf-8") for part in [*parts, known.KNOWN]]
    key = fingerprint(package, version(package), version("python"), PACKAGES[package], code)
    return kept_file(f"calls-{package}-{key}.json")


def _read(file: Path) -> list[dict[str, Any]] | None:
    """The rows of a cache file that is whole, or none."""
    rows = read_kept(file)
    return rows if rows and all(_is_row(row) for row in rows) else None


def _is_row(row: Any) -> bool:
    match row:
        case {"names": dict(names), "steps": int(), "literal": bool(), "helpers": list(), "notes": list(), **texts}:
            told = [*texts.values(), *row["helpers"], *row["notes"]]
            return "package" in names and texts.keys() == _TEXTS and all(isinstance(text, str) for text in told)
    return False


@cache
def _by_names() -> dict[str, Entry]:
    return {canonical_json(entry.names): entry for entry in pool()}


def entry_of(names: str) -> Entry:
    """The call that the JSON text names.

    Raises:
        TracemillError: it is none of those that the installed packages give.
    """
    entry = _by_names().get(names)
    if entry is None:
        raise TracemillError(
            f"the call {names} is none of the installed packages', or its source or example is another one; build with "
            "the versions that the problem's tags name"
        )
    return entry


def members(band: tuple[float, float], entries: Iterable[Entry]) -> list[Entry]:
    low, high = band
    return [entry for entry in entries if low <= entry.difficulty <= high]
