"""A run: the one writer of a build, from its claim to its release."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import pyarrow as pa

from tracemill.records import canonical_json
from tracemill.settings.errors import TracemillError
from tracemill.store import commits, ownership
from tracemill.store.commits import Commit, NamedFile, Table, TablePart
from tracemill.store.compaction import compact
from tracemill.store.files import Files, inside
from tracemill.store.journal import Journal
from tracemill.store.parts import ensure, write_sorted
from tracemill.store.sealed import keep_aside
from tracemill.store.segments import SegmentNumber, number_name, parse_number
from tracemill.store.writer_claim import WriterClaim

MANIFEST = "manifest.json"
OURS = frozenset({"runs", "journal", "parts", "commits", "quarantine", ownership.FOLDER, MANIFEST})
"""Top-level names that only the store itself writes."""

SortedBatches = tuple[pa.Schema, Iterable[pa.RecordBatch]]


class Run:
    """Made by `Store.claim`; a context manager that releases the claim at its end. Not thread-safe, journals are.

    `latest` is the commit that the run builds on; it moves with each of its own.
    """

    def __init__(self, files: Files, claim: WriterClaim, latest: Commit | None) -> None:
        self.files, self.epoch, self.latest = files, claim.epoch, latest
        self._claim = claim
        self._journals: dict[str, Journal] = {}
        self._next: dict[str, SegmentNumber] = {}

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Flush the open journals, then let go. With an exception on its way, a failing flush does not hide it."""
        try:
            for phase in list(self._journals):
                self._close(phase)
        except TracemillError:
            if error is None:
                raise
        finally:
            if error is None:
                self._claim.release()
            else:
                self._claim.withdraw()

    def check(self) -> None:
        """Raises: LostClaimError if a later run holds the build."""
        self._claim.check()

    def journal(
        self,
        phase: str,
        schemas: Mapping[str, pa.Schema],
        flush_seconds: float = 1.0,
        flush_bytes: int = 8 << 20,
        key: Mapping[str, Any] | None = None,
    ) -> Journal:
        """The phase's journal, with what earlier runs left in it. One at a time for each phase.

        `key` is kept with the rows: the next run finds it by `Store.begun`, and can refuse to go on under another one,
        or count less as done. (The key of a commit only tells for phases that were finished.)

        Raises:
            TracemillError: it has rows for a table that is not in `schemas`.
        """
        inside(phase)
        self._close(phase)
        number = self._next.get(phase, (self.epoch, 0))
        after = self._taken_in(phase)
        opened = Journal(self.files, phase, key or {}, schemas, number, after, self.check, flush_seconds, flush_bytes)
        self._journals[phase] = opened
        return opened

    def _taken_in(self, phase: str) -> SegmentNumber | None:
        name = self.latest.journal.get(phase) if self.latest else None
        return parse_number(name) if name else None

    def _close(self, phase: str) -> None:
        if journal := self._journals.pop(phase, None):
            try:
                journal.close()
            finally:
                self._next[phase] = journal.next

    def commit(
        self,
        phase: str,
        key: Mapping[str, Any],
        tables: Mapping[str, pa.Schema],
        extend: bool = False,
        files: Sequence[NamedFile] = (),
    ) -> Commit:
        """Compact the phase's journal into parts, and commit them with the phase's key.

        `tables` are all the tables of the phase, also those without rows. With `extend` their committed rows (of
        whatever phase) stay and come first; otherwise they are replaced. First (commit, epoch, seq) wins per id.
        Closes the journal, and removes its segments afterwards.

        Raises:
            LostClaimError: a later run holds the build.
            ValueError: a table of another phase would be replaced, or the journal has a table that is not in `tables`.
        """
        journal = self._journals.get(phase) or self.journal(phase, tables)
        if left_out := sorted(set(journal.schemas) - set(tables)):
            raise ValueError(f"the commit of {phase} leaves out journaled tables: {', '.join(left_out)}")
        before = dict(self.latest.tables) if self.latest else {}
        if not extend:
            _refuse_to_replace(phase, tables, before)
        self._close(phase)
        self.check()
        earlier = {name: before[name].parts for name in tables if extend and name in before}
        parts = compact(self.files, tables, earlier, journal.segments)
        taken = {phase: number_name(journal.segments[-1].number)} if journal.segments else {}
        made = self._commit_phase(phase, key, parts, files, taken, time.monotonic() - journal.opened)
        self._drop_segments(journal)
        return made

    def _drop_segments(self, journal: Journal) -> None:
        """They are in the commit. A claim lost since is checked first: its new holder may still read them."""
        self.check()
        for segment in journal.segments:
            self.files.delete(segment.path)

    def write_parts(
        self, phase: str, key: Mapping[str, Any], tables: Mapping[str, SortedBatches], files: Sequence[NamedFile] = ()
    ) -> Commit:
        """Commit rows that come sorted by id (equal ids may follow each other), without a journal: (schema, batches).

        Raises:
            LostClaimError: a later run holds the build.
            ValueError: rows out of order, or a table of another phase would be replaced.
        """
        _refuse_to_replace(phase, tables, self.latest.tables if self.latest else {})
        began = time.monotonic()
        self.check()
        parts = {name: write_sorted(self.files, name, schema, batches) for name, (schema, batches) in tables.items()}
        return self._commit_phase(phase, key, parts, files, {}, time.monotonic() - began)

    def _commit_phase(
        self,
        phase: str,
        key: Mapping[str, Any],
        parts: Mapping[str, tuple[TablePart, ...]],
        files: Sequence[NamedFile],
        taken: Mapping[str, str],
        seconds: float,
    ) -> Commit:
        kept = self._without(phase)
        return self._create(
            replace(
                kept,
                keys={**kept.keys, phase: json.loads(canonical_json(key))},
                tables={**kept.tables, **{name: Table(phase, some) for name, some in parts.items()}},
                files={**kept.files, phase: tuple(files)},
                journal={**kept.journal, **taken},
                seconds={**kept.seconds, phase: round(seconds, 3)},
            )
        )

    def _without(self, phase: str) -> Commit:
        """The latest commit, less what belongs to the phase; what its journal took in stays taken in."""
        old = self.latest or Commit(0, 0, "", {}, {}, {}, {}, {})
        return replace(
            old,
            keys={name: key for name, key in old.keys.items() if name != phase},
            tables={name: table for name, table in old.tables.items() if table.phase != phase},
            files={name: entries for name, entries in old.files.items() if name != phase},
            seconds={name: spent for name, spent in old.seconds.items() if name != phase},
            forgotten={name: key for name, key in old.forgotten.items() if name != phase},
        )

    def _create(self, draft: Commit) -> Commit:
        """The manifest goes first: it speaks of the commit before."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        made = replace(draft, number=draft.number + 1, epoch=self.epoch, created=now)
        self.check()
        self.files.delete(MANIFEST)
        commits.create(self.files, made)
        self.latest = made
        return made

    def forget(self, phase: str, parts: Sequence[str] | None = None) -> Commit:
        """Commit without the phase's key, tables and files, so that it is done again.

        Until then its key is kept as `Commit.forgotten`. With `parts` (paths, from `verify`) only these are dropped
        from its tables, the rest stays without a key, and `commit(extend=True)` can fill the gaps.
        """
        kept = self._without(phase)
        if self.latest is not None and (key := {**self.latest.forgotten, **self.latest.keys}.get(phase)):
            kept = replace(kept, forgotten={**kept.forgotten, phase: key})
        if parts is not None and self.latest is not None:
            dropped = set(parts)
            tables = {
                name: Table(table.phase, tuple(part for part in table.parts if part.path not in dropped))
                for name, table in self.latest.tables.items()
                if table.phase == phase
            }
            kept = replace(kept, tables={**kept.tables, **tables})
        return self._create(kept)

    def put(self, path: str, data: bytes, rows: int | None = None) -> NamedFile:
        """A file with a name that is not its digest (such as `dataset/sft/train-00000.parquet`).

        The same bytes under that name are left alone, other bytes are replaced. Those that this build did not write
        are kept aside first. Any change removes the manifest first, which no longer holds.

        Raises:
            LostClaimError: a later run holds the build.
            ValueError: a path that belongs to the store itself.
        """
        self._refuse_ours(path)
        entry = NamedFile(path, len(data), hashlib.sha256(data).hexdigest(), rows)
        if self._is_there(entry):
            ownership.mark(self.files, entry)
            return entry
        self.check()
        self.files.delete(MANIFEST)
        self._keep_what_is_not_ours(entry)
        ownership.mark(self.files, entry)
        ensure(self.files, path, data, entry.sha256)
        ownership.mark_again(self.files, entry)
        return entry

    def _keep_what_is_not_ours(self, entry: NamedFile) -> None:
        """Copies a file that somebody put or changed in the entry's place to `quarantine/`. Where the name is that of a
        content, other bytes there are damage and nobody's work."""
        if entry.sha256[:16] in entry.path or not self.files.exists(entry.path):
            return
        if self.files.sha256(entry.path) != ownership.marked_hash(self.files, entry.path):
            keep_aside(self.files, entry.path, "not as this build wrote it, and in the place of a file of its own")

    def _is_there(self, entry: NamedFile) -> bool:
        try:
            return self.files.size(entry.path) == entry.bytes and self.files.sha256(entry.path) == entry.sha256
        except FileNotFoundError:
            return False

    def prune(self, prefix: str, keep: Iterable[str]) -> int:
        """Delete the files that `put` made under `prefix` (a folder, `dataset/`) and that are not in `keep`; how many.
        Others stay.

        Raises:
            ValueError: a prefix that is no folder, or belongs to the store itself.
        """
        if not prefix.endswith("/"):
            raise ValueError(f"{prefix!r} is no folder; write {prefix + '/'!r}")
        self._refuse_ours(prefix)
        stale = sorted(ownership.marked(self.files, prefix) - set(keep))
        if stale:
            self.check()
            self.files.delete(MANIFEST)
        for path in stale:
            self.files.delete(path)
            ownership.unmark(self.files, path)
        return len(stale)

    def _refuse_ours(self, path: str) -> None:
        if inside(path.rstrip("/")).split("/")[0] in OURS:
            raise ValueError(f"{path!r} belongs to the store; put files under another folder, such as dataset/")


def _refuse_to_replace(phase: str, tables: Iterable[str], before: Mapping[str, Table]) -> None:
    for name in tables:
        if name in before and before[name].phase != phase:
            raise ValueError(f"{phase} would replace {name}, which {before[name].phase} wrote; commit with extend=True")
