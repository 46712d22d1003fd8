"""Rows of Parquet files wherever they lie: found, counted, and read in pieces by whoever works on a piece.

A file is named by its address; a piece is a range of rows within one row group, small enough to be held in memory. Only
the columns that are needed are read. Addresses are those of fsspec: a path, `s3://…`, `hf://datasets/…`; of object
storage obstore is its file system, as for builds, so that the same variables of the environment say where it is.
"""

from __future__ import annotations

import errno
import hashlib
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tracemill.settings.errors import TracemillError, UsageError
from tracemill.settings.object_services import SERVICES, plain_http
from tracemill.sources.lines import BadLineError

PIECE_ROWS = 200
PIECE_BYTES = 4 << 20
"""A piece ends with the row that reaches either bound, by the row group's average."""
_EXTENSIONS = (".parquet", ".parq", ".pq")
_CONTENT_IDS = ("blob_id", "e_tag", "ETag", "etag", "md5Hash", "content_md5")
"""What stores say of a file's content: of all else that they say, some changes with time."""


@dataclass(frozen=True, slots=True)
class GroupSize:
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RowFile:
    """`name`: its path below what all files have in common. `digest` changes when its content does; `footer` is the
    hash of what it says of itself, by which a reader sees that it is still the same."""

    url: str
    name: str
    digest: str
    footer: str
    groups: tuple[GroupSize, ...]

    @property
    def rows(self) -> int:
        return sum(group.rows for group in self.groups)


@dataclass(frozen=True, slots=True)
class RowPiece:
    """`start` counts within the row group, `first` within the file, both from 0. `step`: of how many rows the pieces of
    this row group are. `bytes`: about what its rows take."""

    url: str
    footer: str
    group: int
    start: int
    rows: int
    step: int
    first: int
    bytes: int

    def payload(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def pieces(file: RowFile, start: int, stop: int) -> Iterator[RowPiece]:
    """The pieces of the rows from `start` up to `stop`, counted within the file."""
    begin = 0
    for number, group in enumerate(file.groups):
        each = max(1, group.bytes // max(1, group.rows))
        step = max(1, min(PIECE_ROWS, PIECE_BYTES // each))
        for at in range(0, group.rows, step):
            low, high = max(begin + at, start), min(begin + min(at + step, group.rows), stop)
            if low < high:
                rows = high - low
                yield RowPiece(file.url, file.footer, number, low - begin, rows, step, low, rows * each)
        begin += group.rows


def files_at(address: str, whose: str) -> list[str]:
    """The addresses of the Parquet files at an address, sorted: the file itself, all below a folder, or those that a
    pattern matches.

    Raises:
        UsageError: there are none, or they cannot be listed.
    """
    try:
        files, path = _file_system(address)
        if any(mark in path for mark in "*?["):
            found = files.glob(path)
        elif files.isdir(path):
            found = [one for one in files.find(path) if one.endswith(_EXTENSIONS)]
        else:
            found = [path] if files.exists(path) else []
    except ImportError as exc:
        needed = "install tracemill[cloud]" if _scheme(address) in SERVICES else str(exc)
        raise UsageError(f"{whose}: {address!r} needs a package that is not installed: {needed}") from exc
    except UsageError:
        raise
    except Exception as exc:  # every file system has exceptions of its own
        raise UsageError(f"{whose}: cannot list {address!r} ({type(exc).__name__}: {exc})") from exc
    shown = sorted(one for one in found if not Path(one).name.startswith((".", "_")))
    if not shown:
        raise UsageError(
            f"{whose}: no Parquet file at {address!r}; give a file, a folder or a pattern such as 'data/*.parquet'"
        )
    return [files.unstrip_protocol(one) if "file" not in _protocols(files) else one for one in shown]


def _file_system(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    from fsspec.core import url_to_fs

    scheme = _scheme(address)
    if scheme not in SERVICES:
        found: tuple[Any, str] = url_to_fs(address)
        return found
    from obstore.fsspec import FsspecStore

    files = FsspecStore(scheme, client_options={"allow_http": plain_http(SERVICES[scheme])})
    return files, address.partition("://")[2]


def _scheme(address: str) -> str:
    return address.partition("://")[0] if "://" in address else ""


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)


def measured(urls: Sequence[str], columns: Collection[str] | None, whose: str) -> list[RowFile]:
    """The files with their row groups, whose bytes are those of the `columns` that will be read; all for None.

    Raises:
        UsageError: a file cannot be read as Parquet.
    """
    common = _common_folder(urls)
    return [_measured(url, url[len(common) :], columns, whose) for url in urls]


def _common_folder(urls: Sequence[str]) -> str:
    """What all addresses begin with, up to a slash."""
    first, last = min(urls), max(urls)
    same = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    return first[: first.rfind("/", 0, same if first != last else len(first)) + 1]


def _measured(url: str, name: str, columns: Collection[str] | None, whose: str) -> RowFile:
    import pyarrow as pa

    try:
        with OpenFile(url) as file:
            groups = tuple(_group_sizes(file.parquet.metadata, columns))
            return RowFile(url, name, file.digest(), file.footer, groups)
    except Exception as exc:
        if not isinstance(exc, OSError | pa.ArrowException | ValueError) and not _is_of_store(exc):
            raise
        said = str(exc).splitlines()[0][:200] if str(exc) else type(exc).__name__
        raise UsageError(f"{whose}: cannot read {url!r} as Parquet ({said}); is it whole?") from exc


def _group_sizes(metadata: Any, columns: Collection[str] | None) -> Iterator[GroupSize]:
    # Of a nested column, `messages.list.element.content`; a column's own name may hold dots.
    paths = [metadata.schema.column(place).path for place in range(metadata.num_columns)]
    read = [
        place
        for place, path in enumerate(paths)
        if columns is None or path in columns or path.partition(".")[0] in columns
    ]
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        yield GroupSize(group.num_rows, sum(group.column(place).total_uncompressed_size for place in read))


class OpenFile:
    """A Parquet file that is open for reading."""

    def __init__(self, url: str) -> None:
        import pyarrow.parquet as pq

        self.url = url
        self._files, self._path = _file_system(url)
        self._local = "file" in _protocols(self._files)
        self._file = self._files.open(self._path, "rb")
        try:
            self.footer = _footer_digest(self._file)
            self.parquet = pq.ParquetFile(self._file)
        except BaseException:
            self._file.close()
            raise

    def digest(self) -> str:
        """Of a local file its hash; elsewhere what the store says of the content, and the hash of the file's footer."""
        if self._local:
            with self._files.open(self._path, "rb") as file:
                return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        info = self._files.info(self._path)
        known = next((info[key] for key in _CONTENT_IDS if info.get(key)), None)
        text = f"{known or self._files.checksum(self._path)} {self.footer}"
        return f"blake2b:{hashlib.blake2b(text.encode(), digest_size=20).hexdigest()}"

    def close(self) -> None:
        self.parquet.close()
        self._file.close()

    def __enter__(self) -> OpenFile:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _footer_digest(file: Any) -> str:
    """The hash of a file's footer, which holds the place, size and statistics of every column chunk."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 8))
    tail = file.read(8)
    if size < 12 or tail[4:] != b"PAR1":
        raise ValueError("it does not end as a Parquet file does")
    length = int.from_bytes(tail[:4], "little")
    file.seek(max(0, size - 8 - length))
    found = hashlib.blake2b(file.read(length) + size.to_bytes(8, "little"), digest_size=20).hexdigest()
    file.seek(0)
    return found


class PieceReader:
    """Reads pieces. The next piece of a row group is read on from where the last one ended; any other one from the row
    group's beginning. `columns`: those that are read, of which a file may lack some; all for None."""

    def __init__(self, columns: Sequence[str] | None) -> None:
        self.columns = columns and frozenset(columns)
        self._file: OpenFile | None = None
        self._group: tuple[str, int, int] | None = None
        self._rows: Iterator[Mapping[str, Any] | BadLineError] = iter(())
        self._at = 0

    def read(self, piece: RowPiece) -> Iterator[Mapping[str, Any] | BadLineError]:
        """Each row, or why it cannot be read.

        Raises:
            TracemillError: the file has changed since it was measured.
        """
        import pyarrow as pa

        left = piece.rows
        try:
            self._go_to(piece)
            for _ in range(piece.rows):
                row = next(self._rows)
                self._at += 1
                left -= 1
                yield row
        except StopIteration:
            why = "the row group ends too early"
        except (pa.ArrowException, OSError) as exc:
            if isinstance(exc, OSError) and not _is_of_arrow(exc):
                raise
            why = str(exc).splitlines()[0][:200] if str(exc) else type(exc).__name__
        except Exception as exc:
            if not _is_of_store(exc):
                raise
            raise OSError(errno.EIO, f"{piece.url}: {str(exc).splitlines()[0][:200]}") from exc
        else:
            return
        self._group = None
        for _ in range(left):
            yield BadLineError("unreadable", f"{piece.url}: {why}")

    def _go_to(self, piece: RowPiece) -> None:
        if self._file is None or self._file.url != piece.url:
            self.close()
            self._file = OpenFile(piece.url)
        if self._file.footer != piece.footer:
            raise TracemillError(f"{piece.url!r} changed while it was read; run again when nothing writes it")
        if self._group != (piece.url, piece.group, piece.step) or self._at > piece.start:
            self._group = (piece.url, piece.group, piece.step)
            self._rows, self._at = self._rows_of(piece.group, piece.step), 0
        while self._at < piece.start:
            next(self._rows)
            self._at += 1

    def _rows_of(self, group: int, step: int) -> Iterator[Mapping[str, Any] | BadLineError]:
        assert self._file is not None
        there = self._file.parquet.schema_arrow.names
        # At least one, for without any there are no rows.
        wanted = [name for name in there if self.columns is None or name in self.columns] or there[:1]
        for batch in self._file.parquet.iter_batches(step, row_groups=[group], columns=wanted):
            yield from _rows_in(batch)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._group = None, None


def _rows_in(batch: Any) -> Iterator[Mapping[str, Any] | BadLineError]:
    """The rows of a batch; one by one where a value of one cannot be had, so that all others are."""
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):
        for place in range(batch.num_rows):
            yield _row_of(batch.slice(place, 1))
        return
    for row in rows:
        yield {name: plain(value) for name, value in row.items()}


def _row_of(batch: Any) -> Mapping[str, Any] | BadLineError:
    """The only row of a batch, or why it cannot be read: a text that is no UTF-8, which Parquet does not check."""
    row = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            row[name] = plain(column[0].as_py())
        except UnicodeDecodeError:
            return BadLineError("not UTF-8")
        except (ValueError, OverflowError):
            row[name] = _as_text(column[0])
    return row


def _as_text(value: Any) -> str | None:
    """A time that Python has no value for, such as one in nanoseconds, as Arrow writes it; None of what it does not."""
    import pyarrow as pa

    try:
        text: str | None = value.cast(pa.string()).as_py()
    except pa.ArrowException:
        return None
    return text


def _is_of_store(exc: Exception) -> bool:
    """Whether object storage has trouble: obstore's exceptions are no OSErrors."""
    return type(exc).__module__ == "obstore.exceptions"


def _is_of_arrow(exc: OSError) -> bool:
    """Whether it is about the bytes of the file, and not about getting them: Arrow says so without an error number."""
    return type(exc) is OSError and exc.errno is None


def plain(value: Any) -> Any:
    """The value as JSON could hold it: a date is its text, bytes, such as a picture, and what is no number are null."""
    if isinstance(value, str | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Decimal | datetime | date | time | timedelta):
        return str(value)
    return None
