"""Problems from Parquet files: a file, a folder, a pattern, here or in object storage. Which column is what says the
config (`mapping/`).

Every file is a part of the source, so that files may be added later. The driver reads footers alone and names pieces of
some hundred rows; workers read them, so they must reach the files under the same address.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from tracemill.sources.mapped_source import MappedSource, NumberedRow
from tracemill.sources.mapping.field_paths import column_of
from tracemill.sources.mapping.mapping_config import MappedConfig
from tracemill.sources.mapping.row_mapping import RowOrigin
from tracemill.sources.parquet_rows import PieceReader, RowFile, RowPiece, files_at, measured, pieces
from tracemill.sources.shapes.flat_rows import columns_of_shape
from tracemill.sources.source import SourcePart, WorkItem

_UNKEYED = {"limit", "notice", "language"}


class ParquetConfig(MappedConfig):
    """`path`: a file, a folder or a pattern, or an address that fsspec knows, such as `s3://bucket/data`; a path is
    relative to the directory that the command runs in. `revision` is a label for the card; whether a file is the same
    is decided by its content alone."""

    kind: Literal["parquet"]
    path: str
    revision: str | None = None


class RowFilesSource(MappedSource):
    """Rows of Parquet files, wherever `urls` finds them."""

    @property
    @abstractmethod
    def urls(self) -> list[str]:
        """The addresses of the files, in their order."""

    @property
    @abstractmethod
    def revision(self) -> str | None:
        """What the card calls the files' version; None: the hash of the file that a row is from."""

    @property
    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """What the problems depend on beside the content of the files."""

    @cached_property
    def files(self) -> list[RowFile]:
        return measured(self.urls, self.columns, f"source {self.config.name!r}")

    @cached_property
    def _reader(self) -> PieceReader:
        return PieceReader(self.columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that may be read; a column's own name may hold dots."""
        shape = self.config.fields.reshape
        if shape is not None:
            return columns_of_shape(shape)
        paths = self.config.paths()
        return tuple(dict.fromkeys([*paths, *(column_of(path, frozenset()) for path in paths)]))

    def parts(self) -> Mapping[str, SourcePart]:
        """The mapping is a part without rows; each file is one with as many as it has."""
        counts = dict(self._counts())
        files = {self._part(file): SourcePart({"digest": file.digest}, counts[file.url]) for file in self.files}
        return {self.config.name: SourcePart(self.identity, 0), **files}

    def upper_bound(self) -> Mapping[str, int]:
        counts = dict(self._counts())
        return {self.config.domain: sum(counts[file.url] - self._begun(file) for file in self.files)}

    def items(self, done: Mapping[str, int]) -> Iterator[WorkItem]:
        digests = Counter[str]()
        counts = dict(self._counts())
        for file in self.files:
            # Of two files with the same content each row is a problem of its own.
            again = digests[file.digest]
            digests[file.digest] += 1
            origin = {
                "digest": f"{file.digest}#{again}" if again else file.digest,
                "revision": self.revision or file.digest,
                "name": file.name,
            }
            start = max(done.get(self._part(file), 0), self._begun(file))
            for piece in pieces(file, start, counts[file.url]):
                name = f"{self._part(file)}:{piece.first + 1}-{piece.first + piece.rows}"
                yield WorkItem(name, {**origin, "piece": piece.payload()}, piece.bytes)

    def first_rows(self, count: int) -> Iterable[NumberedRow]:
        # With all of their columns, so that one that is not there can be named with those that are.
        reader = PieceReader(None)
        return islice(chain.from_iterable(self._read(item, reader) for item in self.items({})), count)

    def rows_of(self, item: WorkItem) -> Iterator[NumberedRow]:
        return self._read(item, self._reader)

    def _read(self, item: WorkItem, reader: PieceReader) -> Iterator[NumberedRow]:
        piece = RowPiece(**item.payload["piece"])
        digest, revision, name = (item.payload[key] for key in ("digest", "revision", "name"))
        for number, row in enumerate(reader.read(piece), piece.first):
            place = f"{self.config.name}/{name}:{number + 1}"
            yield NumberedRow(place, RowOrigin(digest, revision, number), row)

    def _part(self, file: RowFile) -> str:
        return f"{self.config.name}/{file.name}"

    def _counts(self) -> Iterator[tuple[str, int]]:
        """By file, how many of its rows are taken, with those that builds before this one took."""
        left = self.config.limit
        for file in self.files:
            begun = self._begun(file)
            count = file.rows if left is None else min(file.rows, begun + left)
            left = None if left is None else left - max(0, count - begun)
            yield file.url, count

    def _begun(self, file: RowFile) -> int:
        return min(file.rows, self.context.begun.get(self._part(file), 0))


class ParquetSource(RowFilesSource):
    Config = ParquetConfig
    config: ParquetConfig

    @property
    def place(self) -> str:
        return self.config.path

    @cached_property
    def urls(self) -> list[str]:
        # Absolute: a worker may run in another directory.
        path = self.config.path
        return files_at(path if "://" in path else str(Path(path).absolute()), f"source {self.config.name!r}")

    @cached_property
    def revision(self) -> str | None:
        return self.config.revision

    @property
    def identity(self) -> dict[str, Any]:
        return self.config.model_dump(mode="json", exclude={*_UNKEYED, "path"})
