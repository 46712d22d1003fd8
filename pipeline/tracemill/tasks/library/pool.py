"""The pool: the calls of the installed packages that become problems, in the order in which they do.

Which modules there are, how many calls each has and how many steps they take says the catalogue (`modules.yaml`), so
that nothing has to be run to know how many problems there are and how difficult. A module is harvested when the first
of its problems is made, in a child process of its own, and the result is kept in a file.

Difficulty is a quantile rank: calls sorted by the steps that they take (then by a hash) and numbered from 0 to 1, so
that of two calls the more difficult never takes fewer steps.

Where other versions are installed than the catalogue was written with, a call that the catalogue has may be missing:
its problem is left out, with that reason.

The file in the user's cache folder is a convenience: without it, or where it is unreadable or does not have the digest
that it states, the module is harvested again. Nothing in it is ever executed; calls are found again by name and hash.
"""

from __future__ import annotations

import json
import logging
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from tracemill.claims.execution import (
    calls,
    chance,
    holes,
    made_calls,
    packages,
    properties,
    purity,
    values,
    variants,
)
from tracemill.claims.execution.packages import CATALOGUE, PACKAGES, licence, provenance, usable, version
from tracemill.records import Payload, canonical_json, fingerprint
from tracemill.sandbox.limited import LimitedProcess
from tracemill.settings.errors import TracemillError, TroubleError
from tracemill.settings.kept_files import keep, kept_file, read_kept
from tracemill.tasks.library import (
    asks,
    bindings,
    events,
    harvest,
    helpers,
    known,
    needs,
    surroundings,
    tracing,
)

HARVEST_SECONDS = 30.0
"""CPU time for the calls of one function, and for the import of its package before the first."""
MEMORY_BYTES = 4 * 2**30
RUN = 12
"""So many problems in a row are of one module: what is harvested for one of them serves the others."""
_PARTS = (
    *(values, calls, chance, packages, holes, made_calls, properties, purity, variants),
    *(asks, bindings, events, harvest, helpers, known, needs, surroundings, tracing),
)
"""The modules that the harvest is made by: a change to one makes the kept calls stale."""
_LOG = logging.getLogger(__name__)
_TEXTS = {"source", "setup", "expression", "answer", "context", "trace", "summary"}


@dataclass(frozen=True, slots=True)
class ListedCall:
    """A call as the catalogue has it: the `number`-th of its module. `asks`: the first letters of what can be asked."""

    package: str
    module: str
    number: int
    steps: int
    asks: str
    difficulty: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A call as the harvest found it.

    `names` are what `calls.find` takes; `context` are lines of the function's module, `helpers` the sources and `notes`
    the sentences that the prompt adds. `trace` is the JSON of its execution's `events` and `result`: kept so that
    nobody has to execute it again. `summary`: what the docstring says first. `asks`: see that module.
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
    summary: str
    asks: Payload
    licence: str
    version: str


@cache
def slots() -> tuple[ListedCall, ...]:
    """All calls of the installed packages, in the order in which they become problems: modules take turns, RUN problems
    at a time, in a fixed pseudo-random order."""
    found = [slot for package in usable(PACKAGES) for slot in _listed(package)]
    ranked = sorted(found, key=lambda slot: (slot.steps, fingerprint("rank", slot.module, slot.number)))
    difficult = {slot: (rank + 0.5) / len(ranked) for rank, slot in enumerate(ranked)}
    turns = sorted(found, key=lambda slot: (slot.number // RUN, fingerprint("turn", slot.module), slot.number))
    return tuple(replace(slot, difficulty=difficult[slot]) for slot in turns)


def _listed(package: str) -> Iterator[ListedCall]:
    for module, line in CATALOGUE[package].items():
        for number, call in enumerate(str(line).replace(";", " ").split()):
            steps = call.rstrip(string.ascii_lowercase)
            yield ListedCall(package, module, number, int(steps), call[len(steps) :], 0.0)


def entry_at(slot: ListedCall) -> Entry | None:
    """The call that a slot of the catalogue means; None where the installed version does not have it."""
    entries = entries_of(slot.package, slot.module)
    return entries[slot.number] if slot.number < len(entries) else None


@cache
def entries_of(package: str, module: str) -> tuple[Entry, ...]:
    """The calls of a module, in the order of the harvest.

    Raises:
        TracemillError: the harvest did not end.
    """
    file = _file(module)
    found = _read(file) if file else None
    if found is None:
        found = harvested(package, module)
        if file:
            keep(file, found)
    label: dict[str, Any] = {"licence": licence(package), "version": version(package)}
    return tuple(Entry(**row, **label) for row in found)


def harvested(package: str, module: str) -> list[dict[str, Any]]:
    """What a child process finds in a module; nothing where the installed version has no such module."""
    process = LimitedProcess(
        "tracemill.tasks.library.harvest:harvest", seconds=HARVEST_SECONDS, memory_bytes=MEMORY_BYTES
    )
    try:
        return list(_harvest(process, package, module))
    except LimitedProcess.Failed as exc:
        if exc.type in ("ModuleNotFoundError", "NotFoundError"):
            return []
        raise TracemillError(f"the functions of {module} could not be read: {exc}") from exc
    except (TroubleError, LimitedProcess.Timeout, LimitedProcess.Died) as exc:
        raise TracemillError(f"the functions of {module} could not be read: {exc}") from exc
    finally:
        process.close()


def _harvest(process: LimitedProcess, package: str, module: str) -> Iterator[dict[str, Any]]:
    """A function whose calls end the process is unfit, as others are, but is named: it is a fault of the interpreter
    or of compiled code, or a made input that it would work on for ever."""
    for function in process.call({"module": module})["functions"]:
        try:
            yield from process.call({"package": package, "module": module, "function": function})["entries"]
        except (LimitedProcess.Died, LimitedProcess.Timeout) as exc:
            _LOG.warning("no calls of %s.%s become problems: %s", module, function, exc)


@cache
def _code() -> str:
    parts = [Path(part.__file__ or "") for part in _PARTS]
    return fingerprint([part.read_text("utf-8") for part in [*parts, known.KNOWN]])


def _file(module: str) -> Path | None:
    """Where a module's calls are kept. The key is all that the harvest depends on."""
    key = fingerprint(module, provenance(), _code())
    return kept_file(f"calls-{module}-{key}.json")


def _read(file: Path) -> list[dict[str, Any]] | None:
    """The rows of a cache file that is whole, or none."""
    rows = read_kept(file)
    return rows if rows is not None and all(_is_row(row) for row in rows) else None


def _is_row(row: Any) -> bool:
    match row:
        case {
            "names": dict(names),
            "steps": int(),
            "literal": bool(),
            "helpers": list(),
            "notes": list(),
            "asks": dict(),
            **texts,
        }:
            told = [*texts.values(), *row["helpers"], *row["notes"]]
            return "package" in names and texts.keys() == _TEXTS and all(isinstance(text, str) for text in told)
    return False


def entry_of(names: str) -> Entry:
    """The call that the JSON text names.

    Raises:
        TracemillError: it is none of those that the installed packages give.
    """
    entry = _by_names(*_owner(names)).get(names)
    if entry is None:
        raise TracemillError(
            f"the call {names} is none of the installed packages', or its source or example is another one; build with "
            "the versions that the problem's tags name"
        )
    return entry


def _owner(names: str) -> tuple[str, str]:
    """The package and the listed module that JSON text names; two empty texts where it names none."""
    found = json.loads(names)
    package, module = str(found.get("package")), str(found.get("module"))
    return (package, module) if module in PACKAGES.get(package, ()) and version(package) else ("", "")


@cache
def _by_names(package: str, module: str) -> dict[str, Entry]:
    return {canonical_json(entry.names): entry for entry in entries_of(package, module)} if module else {}


@lru_cache(maxsize=64)
def members(band: tuple[float, float], asked: str = "") -> tuple[ListedCall, ...]:
    """The slots of a band, of which all that is `asked` can be asked, in their order."""
    low, high = band
    return tuple(slot for slot in slots() if low <= slot.difficulty <= high and set(asked) <= set(slot.asks))
