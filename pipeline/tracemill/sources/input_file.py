"""A file of JSON objects, one a line, however it comes: compressed, as Parquet, or through a pipe.

What a file is, its first bytes say, never its name. gzip, zstd, bzip2 and xz are unpacked on the way; of a Parquet
file each row is a line. What is none of these and no lines of JSON (UTF-16, a JSON array, a zip archive, …) is refused
by its name, with what to do. A pipe can be read only once, so it is copied to a temporary file and hashed on the way.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import os
import re
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import IO, BinaryIO

from tracemill.settings.errors import UsageError
from tracemill.sources.lines import LINE_BYTES, raw_lines

_STDIN = ("-", "/dev/stdin")
_HEAD = 4096
_PARQUET = b"PAR1"
_PARQUET_ROWS = 200


def _zstd(file: BinaryIO) -> BufferedReader:
    import pyarrow as pa

    return BufferedReader(pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd"))


_SKIPPABLE = tuple(bytes((0x50 + kind, 0x2A, 0x4D, 0x18)) for kind in range(16))
"""Frames that zstd's readers pass over; `pzstd` and the seekable format write one first (RFC 8878, 3.1.2)."""
_PACKED: tuple[tuple[bytes | tuple[bytes, ...], str, Callable[[BinaryIO], BufferedReader]], ...] = (
    (b"\x1f\x8b", "gzip", lambda file: BufferedReader(gzip.GzipFile(fileobj=file))),
    ((b"\x28\xb5\x2f\xfd", *_SKIPPABLE), "zstd", _zstd),
    (b"BZh", "bzip2", lambda file: BufferedReader(bz2.BZ2File(file))),
    (b"\xfd7zXZ\x00", "xz", lambda file: BufferedReader(lzma.LZMAFile(file))),  # noqa: SIM115
)
"""The first bytes of what is compressed, its name, and what unpacks it."""

_FOREIGN: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), name, fix)
    for pattern, name, fix in (
        (rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff", "UTF-32", "iconv -f UTF-32 -t UTF-8"),
        (rb"\xff\xfe|\xfe\xff|[^\x00]\x00[^\x00]\x00|\x00[^\x00]\x00[^\x00]", "UTF-16", "iconv -f UTF-16 -t UTF-8"),
        (rb"(?:\xef\xbb\xbf)?\s*\[\s*[\[{\"]", "a JSON array", "jq -c '.[]'"),
        (rb"(?:\xef\xbb\xbf)?\s*\{[ \t]*\r?\n", "JSON over several lines", "jq -c ."),
        (rb"PK\x03\x04", "a zip archive", "unzip -p"),
        (rb"ARROW1", "an Arrow file", "polars.read_ipc(path).write_ndjson(new)"),
        (rb"SQLite format 3\x00", "an SQLite database", "sqlite3 -json, then jq -c '.[]'"),
        (rb"version https://git-lfs", "a pointer of Git LFS, not the file itself", "git lfs pull"),
    )
)
"""How other files begin, what they are, and what makes lines of JSON of them."""

_BROKEN = (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError)
"""What the unpackers raise over damaged data; Arrow's errors are OSErrors and ValueErrors."""


class _End:
    """The end of the lines: None is a line that is too long."""


_END = _End()


class InputFile:
    """The file at `path`; `-` and `/dev/stdin` are standard input. `whose` names in errors who wants it: `source 'x'`.

    Nothing is opened before something is asked of it. Every method raises UsageError where the file cannot be read.
    """

    def __init__(self, path: str, whose: str) -> None:
        self.path = path
        self.whose = whose

    @cached_property
    def digest(self) -> str:
        """`sha256:` and the hash of the file's bytes, as they are."""
        if self._spooled is not None:
            return self._spooled.digest
        with self._reading(), self._place.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"

    def stamp(self) -> tuple[int, int]:
        """What says, without reading it, that the file is another one now."""
        with self._reading():
            found = self._place.stat()
        return found.st_size, found.st_mtime_ns

    def lines(self) -> Iterator[bytes | None]:
        """The lines as they are, or the rows of a Parquet file as JSON; None for one longer than LINE_BYTES."""
        with self._reading(), self._place.open("rb") as file:
            yield from self._lines_in(file)

    def passing_lines(self) -> Iterator[bytes | None]:
        """The lines as they come, for whom one look is enough: nothing is copied, and each is there at once."""
        with self._reading(), self._opened() as file:
            yield from self._lines_in(file)

    def _lines_in(self, file: BufferedReader) -> Iterator[bytes | None]:
        name, unpacked = _unpacked(file)
        with self._unpacking(name):
            head = unpacked.peek(_HEAD)[:_HEAD]
        self._refuse_foreign(head, name)
        is_parquet = head.startswith(_PARQUET) and not name
        lines = _parquet_lines(file) if is_parquet else raw_lines(unpacked)
        while True:
            with self._unpacking(name or "Parquet"):
                line = next(lines, _END)
            if isinstance(line, _End):
                return
            yield line

    def _opened(self) -> BufferedReader:
        if self.path not in _STDIN:
            if Path(self.path).is_char_device() and self.path != os.devnull:
                raise UsageError(f"{self.whose}: {self.path!r} is a device, which may never end; give a file or a pipe")
            return Path(self.path).open("rb")
        # Descriptor 0 itself: its name cannot be opened where standard input is a socket.
        file = os.fdopen(os.dup(0), "rb")
        if file.isatty():
            raise UsageError(f"{self.whose}: {self.path!r} is a terminal; give a file, or pipe the lines in")
        return file

    @property
    def _place(self) -> Path:
        return Path(self.path) if self._spooled is None else Path(self._spooled.file.name)

    @cached_property
    def _spooled(self) -> _Spooled | None:
        """A copy of what can be read only once."""
        with self._reading(), self._opened() as file:
            copied = self.path in _STDIN or not stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            return _spool(file) if copied else None

    def _refuse_foreign(self, head: bytes, name: str) -> None:
        for pattern, kind, fix in _FOREIGN:
            if pattern.match(head):
                within = f" within {name}" if name else ""
                raise UsageError(
                    f"{self.whose}: {self.path!r} is {kind}{within}, and not one JSON object a line; convert it: {fix}"
                )

    @contextmanager
    def _unpacking(self, name: str) -> Iterator[None]:
        try:
            yield
        except _BROKEN as exc:
            raise UsageError(
                f"{self.whose}: {self.path!r} looks like {name} and cannot be read as that ({exc}); is it whole?"
            ) from exc

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            folder = Path(self.path).parent
            siblings = sorted(one.name for one in folder.glob("*.jsonl*")) if folder.is_dir() else []
            there = f"in {str(folder)!r} there are: {', '.join(siblings) or 'no .jsonl files'}"
            raise UsageError(
                f"{self.whose}: cannot read {self.path!r} ({exc.strerror or exc}); "
                f"{there if folder.is_dir() else f'there is no folder {str(folder)!r}'}; "
                f"the working directory is {str(Path.cwd())!r}"
            ) from exc


@dataclass(frozen=True, slots=True)
class _Spooled:
    """The copy of a pipe, which is gone with this object, and the hash of what came through."""

    file: IO[bytes]
    digest: str


def _spool(file: BinaryIO) -> _Spooled:
    copy = tempfile.NamedTemporaryFile(prefix="tracemill-")  # noqa: SIM115  lives as long as the copy is read
    found = hashlib.sha256()
    while piece := file.read(2**20):
        found.update(piece)
        copy.write(piece)
    copy.flush()
    return _Spooled(copy, f"sha256:{found.hexdigest()}")


def _unpacked(file: BufferedReader) -> tuple[str, BufferedReader]:
    """What a file is compressed with, or nothing, and its content."""
    head = file.peek(_HEAD)
    for magic, name, unpack in _PACKED:
        if head.startswith(magic):
            return name, unpack(file)
    return "", file


def _parquet_lines(file: BinaryIO) -> Iterator[bytes | None]:
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(file).iter_batches(batch_size=_PARQUET_ROWS):
        for row in batch.to_pylist():
            line = json.dumps(row, ensure_ascii=False, default=_as_text).encode("utf-8", "surrogatepass")
            yield line if len(line) <= LINE_BYTES else None


def _as_text(value: object) -> str | None:
    """What JSON has no form for: a date is its text, and bytes, such as a picture, are left out."""
    return None if isinstance(value, bytes) else str(value)
