"""Commits: what a build's readers see. Each lists, for every table, its parts, and for every phase that is done, its
key. `commits/<n>.json` is created exclusively; a copy beside it outlives the damage of the one or the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tracemill.settings.errors import TracemillError
from tracemill.store.files import Files
from tracemill.store.sealed import BrokenSealError, quarantine, read_sealed, seal

_NAME = re.compile(r"commits/(\d{6,})(\.copy)?\.json")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file outside the tables, such as a shard of the dataset."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class TablePart:
    """One immutable Parquet file of a table: rows sorted by id, from `min_id` to `max_id`."""

    path: str
    rows: int
    bytes: int
    sha256: str
    min_id: str
    max_id: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table's parts in id order. `phase` is the phase that wrote it last."""

    phase: str
    parts: tuple[TablePart, ...]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)


@dataclass(frozen=True, slots=True)
class Commit:
    """A build's state at one moment; each commit carries forward what the phase behind it did not touch.

    `keys[phase]` is there for exactly the phases that are done; as JSON gives it back, so compare canonical JSON.
    `files[phase]`: what the phase put outside the tables. `journal[phase]`: the last segment that a commit took in,
    as "epoch-seq"; segments up to it are orphans. `seconds[phase]`: wall time of the run that finished it, from the
    opening of its journal. `forgotten[phase]`: the key of a phase that was done and is to be done again, since files of
    it were damaged. `created`: UTC.
    """

    number: int
    epoch: int
    created: str
    keys: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Table]
    files: Mapping[str, tuple[NamedFile, ...]]
    journal: Mapping[str, str]
    seconds: Mapping[str, float]
    forgotten: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def paths(self) -> Iterator[tuple[str, str | None, TablePart | NamedFile]]:
        """(phase, table, file) for everything it lists."""
        for name, table in sorted(self.tables.items()):
            yield from ((table.phase, name, part) for part in table.parts)
        for phase, entries in sorted(self.files.items()):
            yield from ((phase, None, entry) for entry in entries)


def path_of(number: int) -> str:
    return f"commits/{number:06}.json"


def _copy_of(number: int) -> str:
    return f"commits/{number:06}.copy.json"


def encode(commit: Commit) -> bytes:
    return seal(asdict(commit))


def _read(files: Files, path: str) -> Commit:
    """Raises: BrokenSealError, OtherFormatError."""
    body = read_sealed(files, path)
    tables = {
        name: Table(table["phase"], tuple(TablePart(**part) for part in table["parts"]))
        for name, table in body.pop("tables").items()
    }
    named = {phase: tuple(NamedFile(**entry) for entry in entries) for phase, entries in body.pop("files").items()}
    return Commit(tables=tables, files=named, **body)


def create(files: Files, commit: Commit) -> None:
    """Raises: TracemillError if another run has made a commit of that number."""
    data = encode(commit)
    if not files.create(path_of(commit.number), data):
        raise TracemillError(
            f"{files.url} has a commit {commit.number} already, made by a run that this one took over from; run the "
            "same command again: it goes on from that commit, and finished rows are kept"
        )
    files.create(_copy_of(commit.number), data)


@dataclass(frozen=True, slots=True)
class BrokenCommit:
    """A commit file that is damaged."""

    path: str
    why: str


def newest(files: Files) -> tuple[Commit | None, list[BrokenCommit]]:
    """The newest commit that is whole in either copy, and the damaged files met on the way to it.

    Raises:
        OtherFormatError: the build was made by a version of tracemill with another format.
    """
    broken: list[BrokenCommit] = []
    there = {path for path in files.list("commits/") if _NAME.fullmatch(path)}
    numbers = sorted({int(path[len("commits/") :].partition(".")[0]) for path in there}, reverse=True)
    for number in numbers:
        found: Commit | None = None
        for path in (path_of(number), _copy_of(number)):
            if path not in there:
                continue
            try:
                found = _read(files, path)
            except BrokenSealError as exc:
                broken.append(BrokenCommit(path, str(exc)))
        if found is not None:
            return found, broken
    return None, broken


def mend(files: Files) -> Commit | None:
    """The newest whole commit, in both copies; damaged files go to quarantine. Only under a claim."""
    commit, broken = newest(files)
    for one in broken:
        quarantine(files, one.path, one.why)
    if commit is not None:
        data = encode(commit)
        files.create(path_of(commit.number), data)
        files.create(_copy_of(commit.number), data)
    return commit


def lost_some(files: Files) -> bool:
    """Whether a commit was ever set aside as damaged: then parts that no commit lists may be all that is left."""
    return bool(files.list("quarantine/commits/"))
