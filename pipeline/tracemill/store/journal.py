"""The journal of a phase: finished rows, safe within a second, before the phase is committed."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tracemill.settings.errors import TracemillError
from tracemill.store.files import Files
from tracemill.store.sealed import quarantine
from tracemill.store.segments import (
    BrokenSegmentError,
    OpenedSegment,
    Segment,
    SegmentNumber,
    encode,
    number_name,
    number_of,
)

_ID_BYTES = 10


class DoneIds:
    """A set of ids held as sorted 80-bit digests, 10 bytes each: membership and size only."""

    def __init__(self, digests: Iterable[npt.NDArray[np.bytes_]]) -> None:
        every = [np.empty(0, f"S{_ID_BYTES}"), *digests]
        self._digests = np.unique(np.concatenate(every))

    def __contains__(self, id: object) -> bool:
        if not isinstance(id, str):
            return False
        wanted = np.frombuffer(_digest(id), self._digests.dtype)
        at = int(np.searchsorted(self._digests, wanted)[0])
        return at < len(self._digests) and bool(self._digests[at] == wanted[0])

    def __len__(self) -> int:
        return len(self._digests)


def _digest(id: str) -> bytes:
    return hashlib.blake2b(id.encode(), digest_size=_ID_BYTES).digest()


@dataclass(slots=True)
class _Buffer:
    """What has been appended since the last segment; `since`: when the oldest of it came."""

    done: list[str] = field(default_factory=list)
    tables: dict[str, list[pa.RecordBatch]] = field(default_factory=dict)
    bytes: int = 0
    since: float | None = None


class Journal:
    """Made by `Run.journal`; thread-safe. A context manager that flushes at its end.

    `after`: the last number that a commit took in. `check` raises if the run has lost its claim.
    """

    def __init__(
        self,
        files: Files,
        phase: str,
        key: Mapping[str, Any],
        schemas: Mapping[str, pa.Schema],
        number: SegmentNumber,
        after: SegmentNumber | None,
        check: Callable[[], None],
        flush_seconds: float,
        flush_bytes: int,
    ) -> None:
        self.phase, self.schemas = phase, dict(schemas)
        self._files, self._check = files, check
        self._flush_seconds, self._flush_bytes = flush_seconds, flush_bytes
        self.opened = time.monotonic()
        recovered = recover(files, phase, after)
        self._refuse_other_tables(recovered.segments)
        self.segments: list[Segment] = recovered.segments
        self._key = key
        self._done = recovered.done
        self._basis = _basis(segment.number for segment in self.segments)
        self._first = number[1]
        self.next: SegmentNumber = number
        self._buffer = _Buffer()
        self._failure: Exception | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._flush_when_due, name=f"journal-{phase}", daemon=True)
        self._thread.start()

    def _refuse_other_tables(self, segments: Iterable[Segment]) -> None:
        strange = {name for segment in segments for name in segment.extents} - set(self.schemas)
        if strange:
            raise TracemillError(
                f"the journal of {self.phase} in {self._files.url} has rows for {', '.join(sorted(strange))}, which "
                "this version does not write; finish the build with the version that began it, or use a new --out"
            )

    def append(self, done: Sequence[str], batches: Mapping[str, pa.RecordBatch | pa.Table]) -> None:
        """Buffer rows and the ids of the inputs that they finish; all of one call lands in one segment.

        Rows of inputs still in flight come with `done=[]` and are kept. Blocks while a full buffer is written.

        Raises:
            LostClaimError, TracemillError: also those of an earlier flush in the background.
            ValueError: a table that the journal does not have, or another schema, or a closed journal.
        """
        fitting = {name: self._fitting(name, batch) for name, batch in batches.items()}
        rows = {name: more for name, more in fitting.items() if more}
        with self._changed:
            self._refuse_if_over()
            buffer = self._buffer
            buffer.done += done
            for name, more in rows.items():
                buffer.tables.setdefault(name, []).extend(more)
                buffer.bytes += sum(batch.nbytes for batch in more)
            if buffer.since is None and (done or rows):
                buffer.since = time.monotonic()
                self._changed.notify_all()
            full = buffer.bytes >= self._flush_bytes
        if full:
            self.flush()

    def _fitting(self, name: str, batch: pa.RecordBatch | pa.Table) -> list[pa.RecordBatch]:
        if name not in self.schemas:
            raise ValueError(f"the journal of {self.phase} has no table {name!r}; it has: {', '.join(self.schemas)}")
        schema = self.schemas[name]
        if not batch.schema.equals(schema):
            raise ValueError(f"rows for {name} have the schema\n{batch.schema}\nbut the table has\n{schema}")
        batches = batch.to_batches() if isinstance(batch, pa.Table) else [batch]
        return [one.replace_schema_metadata(schema.metadata) for one in batches if one.num_rows]

    def _refuse_if_over(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise ValueError(f"the journal of {self.phase} is closed")

    def flush(self) -> None:
        """Everything appended so far is durable when this returns."""
        with self._writing:
            with self._changed:
                if self._failure is not None:
                    raise self._failure
                buffer, self._buffer = self._buffer, _Buffer()
            if buffer.since is None:
                return
            try:
                self._write(buffer)
            except Exception as exc:
                # The buffer is gone: whatever is appended from now on would hide that.
                self._failure = exc
                raise

    def _write(self, buffer: _Buffer) -> None:
        self._check()
        segment, data = encode(
            self.phase, self.next, self._first, self._basis, self._key, self.schemas, buffer.done, buffer.tables
        )
        if not self._files.create(segment.path, data):
            raise TracemillError(f"{self._files.url}/{segment.path} was there already; another run writes this build")
        self.segments.append(segment)
        self.next = (self.next[0], self.next[1] + 1)

    def _flush_when_due(self) -> None:
        """The thread: the oldest buffered row never waits longer than `flush_seconds`."""
        while True:
            with self._changed:
                if self._closed or self._failure is not None:
                    return
                since = self._buffer.since
                wait = None if since is None else since + self._flush_seconds - time.monotonic()
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
            try:
                self.flush()
            except Exception:  # noqa: BLE001  the thread's boundary: `flush` keeps it, and the next call raises it
                return

    def done(self, under: Callable[[Mapping[str, Any]], bool] | None = None) -> DoneIds:
        """The inputs that earlier segments finished and no commit took in yet.

        `under` looks at the key of the phase under which a segment was written, and says whether what was finished then
        is finished now; one run after the other may have died, each with another key.
        """
        return DoneIds(digests for key, digests in self._done if under is None or under(key))

    def read(self, table: str) -> Iterator[pa.RecordBatch]:
        """Rows already journaled, in (epoch, seq) order; an id may come again, and then its first row counts."""
        for segment in list(self.segments):
            if table in segment.extents:
                yield from open_again(self._files, segment).batches(table)

    def close(self) -> None:
        """Flush and end the thread. `Run.commit` does it too. A second call does nothing."""
        with self._changed:
            if self._closed:
                return
            # From here on nothing is appended that the last flush could miss.
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        self.flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(slots=True)
class _Recovered:
    segments: list[Segment] = field(default_factory=list)
    done: list[tuple[Mapping[str, Any], npt.NDArray[np.bytes_]]] = field(default_factory=list)


def recover(files: Files, phase: str, after: SegmentNumber | None) -> _Recovered:
    """What earlier runs left; damaged segments go to quarantine, and their inputs are not done.

    An input may be finished by one segment and have rows in an earlier one. So what a segment calls done counts only
    while every segment is still there that was there when it was written: `basis` and `first` tell.
    """
    found = _Recovered()
    trusted, previous = False, (-1, -1, -1)
    paths = {path: number_of(path) for path in files.list(f"journal/{phase}/")}
    numbered = [(number, path) for path, number in paths.items() if number is not None]
    for number, path in sorted(one for one in numbered if after is None or one[0] > after):
        try:
            opened = OpenedSegment(path, files.read(path))
        except BrokenSegmentError as exc:
            quarantine(files, path, str(exc))
            continue
        epoch, first, seq = number[0], opened.segment.first, number[1]
        if previous != (epoch, first, seq - 1):
            opens = previous[:2] != (epoch, first) and seq == first
            trusted = opens and opened.segment.basis == _basis(segment.number for segment in found.segments)
        previous = (epoch, first, seq)
        found.segments.append(opened.segment)
        if trusted and (ids := opened.done()):
            digests = np.frombuffer(b"".join(map(_digest, ids)), f"S{_ID_BYTES}")
            found.done.append((opened.segment.key, digests))
    return found


def _basis(numbers: Iterable[SegmentNumber]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for number in numbers:
        digest.update(number_name(number).encode())
    return digest.hexdigest()


def open_again(files: Files, segment: Segment) -> OpenedSegment:
    """A segment that was whole when the journal was opened.

    Raises:
        TracemillError: it no longer is.
    """
    try:
        return OpenedSegment(segment.path, files.read(segment.path))
    except (BrokenSegmentError, FileNotFoundError) as exc:
        raise TracemillError(
            f"{files.url}/{segment.path} was whole and is not any more ({exc}); run the same command again: "
            "what it held is done again, the rest is kept"
        ) from exc
