"""Problems from a file of JSON objects, one per line: whose fields are which is said in the config (`mapping/`).

The driver reads the file (`input_file.py`) and hands out lines, so that workers need no access to it. Blank lines
count, but are nothing; a byte order mark before the first line is passed over. Not covered: lines that end with a lone
carriage return.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

from tracemill.records import Decision, Problem
from tracemill.settings.errors import UsageError
from tracemill.sources.input_file import InputFile
from tracemill.sources.lines import BadLineError, SourceLine, batches, decoded, object_of
from tracemill.sources.mapped_source import LOOKED_AT, MappedSource, NumberedRow
from tracemill.sources.mapping.mapping_config import MappedConfig
from tracemill.sources.mapping.row_mapping import RowOrigin
from tracemill.sources.source import Context, SourcePart, WorkItem


class JsonlConfig(MappedConfig):
    """`path` is relative to the directory that the command runs in; `-` is standard input. `revision` is a label, by
    default the file's hash; whether the file is the same is decided by the hash alone."""

    kind: Literal["jsonl"]
    path: str
    revision: str | None = None


class JsonlSource(MappedSource):
    Config = JsonlConfig
    config: JsonlConfig
    thing = "lines"

    def __init__(self, config: JsonlConfig, context: Context) -> None:
        super().__init__(config, context)
        self._file = InputFile(config.path, f"source {config.name!r}")
        self._measured: tuple[str, int, tuple[int, int]] | None = None

    @property
    def place(self) -> str:
        return self.config.path

    def first_lines(self) -> list[SourceLine]:
        """The first 100 lines that are not blank."""
        return list(islice((line for line in self._lines() if line[1] or line[2]), LOOKED_AT))

    def first_rows(self, count: int) -> Iterable[NumberedRow]:
        lines = (line for line in self._lines() if line[1] or line[2])
        return self.rows_of(WorkItem("", {"digest": "", "lines": list(islice(lines, count))}))

    def parts(self) -> Mapping[str, SourcePart]:
        digest, lines, _ = self._measure()
        identity = self.config.model_dump(mode="json", exclude={"path", "limit", "revision", "notice", "language"})
        # A label beside the hash, never in its place: it may stay the same while the file changes.
        identity |= (
            {"revision": self.config.revision, "digest": digest} if self.config.revision else {"revision": digest}
        )
        return {self.config.name: SourcePart(identity, lines)}

    def upper_bound(self) -> Mapping[str, int]:
        return {self.config.domain: max(0, self._measure()[1] - self._begun)}

    def items(self, done: Mapping[str, int]) -> Iterator[WorkItem]:
        """See `Source`.

        Raises:
            UsageError: the file has changed since it was measured.
        """
        name = self.config.name
        digest, _, stamp = self._measure()
        numbered = islice(self._lines(), max(done.get(name, 0), self._begun), None)
        for batch in batches(numbered):
            if self._file.stamp() != stamp:
                raise UsageError(
                    f"source {name!r}: {self.config.path!r} changed while it was read; run again when nothing writes it"
                )
            payload = {"digest": digest, "lines": [list(line) for line in batch]}
            yield WorkItem(f"{name}:{batch[0][0]}-{batch[-1][0]}", payload)

    def rows_of(self, item: WorkItem) -> Iterator[NumberedRow]:
        digest = item.payload["digest"]
        revision = self.config.revision or digest
        for number, text, fault in item.payload["lines"]:
            if not text and not fault:
                continue
            origin = RowOrigin(digest, revision, number - 1)
            place = f"{self.config.name}:{number}"
            try:
                yield NumberedRow(place, origin, object_of(text, fault))
            except BadLineError as exc:
                yield NumberedRow(place, origin, exc)

    def produce_lines(self, lines: Sequence[SourceLine]) -> Iterable[Problem | Decision]:
        """What these lines give."""
        return self.produce(WorkItem("", {"digest": "", "lines": lines}))

    def _lines(self) -> Iterator[SourceLine]:
        """The lines up to the limit, which counts from behind those that builds before this one read."""
        limit = self.config.limit
        for number, line in enumerate(islice(self._file.lines(), limit and limit + self._begun), 1):
            yield number, *decoded(line, first=number == 1)

    @property
    def _begun(self) -> int:
        return self.context.begun.get(self.config.name, 0)

    def _measure(self) -> tuple[str, int, tuple[int, int]]:
        """Digest, number of lines and stamp; once, so that all that is said of the file is of one state."""
        if self._measured is None:
            stamp, lines = self._file.stamp(), sum(1 for _ in self._lines())
            self._measured = self._file.digest, lines, stamp
        return self._measured
