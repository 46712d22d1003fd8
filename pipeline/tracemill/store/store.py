"""One build's folder, opened for reading; `claim` opens it for writing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tracemill.store import commits, ownership
from tracemill.store import writer_claim as claims
from tracemill.store.commits import Commit, NamedFile
from tracemill.store.files import Files
from tracemill.store.local_disk import refuse_unwritable
from tracemill.store.opening import open_files
from tracemill.store.run import MANIFEST, Run
from tracemill.store.scanning import cut, part_batches
from tracemill.store.sealed import BrokenSealError, read_sealed
from tracemill.store.segments import BrokenSegmentError, OpenedSegment, number_of, parse_number


class Store:
    """`url`: as for `open_files`; the folder need not exist."""

    def __init__(self, url: str) -> None:
        self.files: Files = open_files(url)

    def refuse_foreign(self) -> None:
        """Raises: UsageError for a folder that has files and is no build, or is no folder."""
        claims.refuse_foreign(self.files)

    def refuse_unwritable(self) -> None:
        """Raises: UsageError where there is no build yet, and none can be written."""
        root = self.files.root
        if root is not None and not os.path.lexists(root / "runs"):
            refuse_unwritable(root)

    def claim(self, info: Mapping[str, Any], lease_seconds: float = 30.0) -> Run:
        """Take the build for writing: `with store.claim({"command": …}) as run:`.

        `info` is plain JSON for the run's record. On object storage an unreleased lease is watched for
        `lease_seconds` before it is taken over. What dead runs left half-made is removed or set aside here.

        Raises:
            UsageError: the folder holds something else, or another run holds the build; nothing was written.
        """
        held = claims.take(self.files, info, lease_seconds)
        try:
            claims.mend(self.files, held.epoch - 1)
            latest = commits.mend(self.files)
            _remove_orphans(self.files, latest)
            ownership.mark_listed(self.files, _files_outside_tables(self.files, latest))
        except BaseException:
            held.withdraw()
            raise
        return Run(self.files, held, latest)

    def runs(self) -> list[dict[str, Any]]:
        """The records of all runs in order: epoch, pid, host, started, info; damaged ones are left out."""
        found = (claims.read_run(self.files, epoch) for epoch in claims.epochs(self.files))
        return [record for record in found if record is not None and "info" in record]

    def latest(self) -> Commit | None:
        """The newest undamaged commit, or None before the first one."""
        return commits.newest(self.files)[0]

    def begun(self, phase: str) -> Mapping[str, Any] | None:
        """The key under which the phase was last begun and not finished, or None if its journal is empty."""
        latest = self.latest()
        taken = parse_number(latest.journal[phase]) if latest and phase in latest.journal else (0, 0)
        for path in reversed(self.files.list(f"journal/{phase}/")):
            number = number_of(path)
            if number is None or number <= taken:
                continue
            try:
                return OpenedSegment(path, self.files.read(path)).segment.key
            except BrokenSegmentError:
                continue
        return None

    def scan(
        self,
        commit: Commit,
        table: str,
        columns: Sequence[str] | None = None,
        lo: str | None = None,
        hi: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Rows with lo ≤ id < hi in id order, in batches of at most 1024; nothing for a table that the commit lacks.

        Raises:
            DamagedError: a part is missing or cannot be read.
        """
        if table not in commit.tables:
            return
        for part in commit.tables[table].parts:
            if (lo is None or part.max_id >= lo) and (hi is None or part.min_id < hi):
                yield from part_batches(self.files, part, columns, lo, hi)

    def partitions(
        self, commit: Commit, table: str, rows: int, weighed: Sequence[str] = (), size: int = 0
    ) -> list[tuple[str | None, str | None]]:
        """Id ranges [lo, hi) that cover everything and hold `rows` rows of the table each, or up to a problem more (but
        the last). With `weighed` tables each ends before it has more than about `size` bytes of these together; one
        problem that has more is a range of its own.

        They are cut between problems (20-character prefixes), so that they partition every table in the same way.
        An empty table gives an empty list.
        """
        parts = {name: commit.tables[name].parts for name in (table, *weighed) if name in commit.tables}
        beside = [part for name in weighed for part in parts.get(name, ())]
        return cut(self.files, parts.get(table, ()), rows, beside, size)


def _files_outside_tables(files: Files, latest: Commit | None) -> Iterator[NamedFile]:
    """Those of the commit, and those that only the manifest lists."""
    if latest is None:
        return
    for some in latest.files.values():
        yield from some
    with contextlib.suppress(FileNotFoundError, BrokenSealError):
        for entry in read_sealed(files, MANIFEST)["files"]:
            if not entry["phase"]:
                yield NamedFile(entry["path"], entry["bytes"], entry["sha256"], entry["rows"])


def _remove_orphans(files: Files, latest: Commit | None) -> None:
    """What a kill leaves: temporary files, segments that a commit took in, parts that no commit lists."""
    files.sweep()
    taken = {phase: parse_number(name) for phase, name in latest.journal.items()} if latest else {}
    for path in files.list("journal/"):
        number, phase = number_of(path), path.split("/")[1]
        if number is not None and phase in taken and number <= taken[phase]:
            files.delete(path)
    if commits.lost_some(files):
        return
    listed = {part.path for table in latest.tables.values() for part in table.parts} if latest else set()
    for path in files.list("parts/"):
        if path not in listed:
            files.delete(path)
