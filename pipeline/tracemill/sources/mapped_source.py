"""What the sources of rows share: a container gives rows with their numbers, and the mapping makes problems of them.

A row that cannot become a problem is a rejected `Decision` with its reason; a reference, label or group that is not
there is left out, and the row is kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from tracemill.records import Decision, Problem
from tracemill.records.licences import Notice
from tracemill.settings.errors import UsageError
from tracemill.settings.secrets_in_text import secret_in
from tracemill.sources.golds import read_golds
from tracemill.sources.lines import BadLineError
from tracemill.sources.mapping.field_paths import has, paths_of
from tracemill.sources.mapping.mapping_config import MappedConfig
from tracemill.sources.mapping.row_mapping import RowMapping, RowOrigin
from tracemill.sources.shapes.flat_rows import flat_row
from tracemill.sources.source import Context, WorkItem

LOOKED_AT = 100
"""Rows of which at least one must become a problem, and in which each field must be."""


class NumberedRow(NamedTuple):
    """A row, or why it cannot be read. `place` is where it stands, for people: `gsm8k:17`; numbers count from 1."""

    place: str
    origin: RowOrigin
    row: Mapping[str, Any] | BadLineError


class MappedSource(ABC):
    """What does not depend on the container. `place`: the container's address; `thing`: what its rows are called."""

    thing = "rows"
    config: MappedConfig

    def __init__(self, config: MappedConfig, context: Context) -> None:
        self.config = config
        self.context = context
        self.mapping = RowMapping(config, context.bench_share)

    @property
    @abstractmethod
    def place(self) -> str: ...

    @abstractmethod
    def first_rows(self, count: int) -> Iterable[NumberedRow]:
        """At most so many rows, from the beginning."""

    @abstractmethod
    def rows_of(self, item: WorkItem) -> Iterator[NumberedRow]:
        """The rows of an item; where the source lists items itself, it reads them wherever it is."""

    def check(self) -> None:
        """See `Source`: the container can be read, each field is in one of its first 100 rows, and of these at least
        one becomes a problem."""
        self.notices()
        first = list(self.first_rows(LOOKED_AT))
        rows = [flat for one in first if (flat := self._flat(one)) is not None]
        for path in self.config.paths() if rows else ():
            if not any(has(row, path) for row in rows):
                self._no_field(path, rows)
        self.refuse_no_problem(read_golds(self._made(first), self.config.answers))

    def _flat(self, one: NumberedRow) -> Mapping[str, Any] | None:
        """The row as its fields name it; None where it cannot be read."""
        shape = self.config.fields.reshape
        if isinstance(one.row, BadLineError):
            return None
        try:
            return one.row if shape is None else flat_row(shape, one.row)
        except BadLineError:
            return None

    def refuse_no_problem(self, records: Iterable[Problem | Decision]) -> None:
        """
        Raises:
            UsageError: none of what the first rows gave is a problem.
        """
        refused = []
        for record in records:
            if isinstance(record, Problem):
                return
            refused.append(record)
        self._no_problem(refused)

    def first_records(self, count: int) -> Iterator[Problem | Decision]:
        """What the first rows give, before their expected answers are looked at."""
        return self._made(self.first_rows(count))

    def produce(self, item: WorkItem) -> Iterable[Problem | Decision]:
        return self._made(self.rows_of(item))

    def _made(self, rows: Iterable[NumberedRow]) -> Iterator[Problem | Decision]:
        for place, origin, row in rows:
            try:
                if isinstance(row, BadLineError):
                    raise row
                yield self.mapping.problem(row, origin)
            except BadLineError as exc:
                yield Decision(id=place, subject="line", kept=False, reason=exc.reason, detail=exc.detail)

    def languages(self) -> Sequence[str]:
        return [self.config.language] if self.config.language else []

    def notices(self) -> Sequence[Notice]:
        config = self.config
        if config.notice is None:
            return []
        try:
            text = Path(config.notice).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise UsageError(
                f"source {config.name!r}: cannot read the notice {config.notice!r} ({exc}); give a text file in UTF-8 "
                "with the licence's text and copyright lines"
            ) from exc
        return [Notice(config.name, config.name, config.licence or "", text)]

    def _no_problem(self, refused: Sequence[Decision]) -> NoReturn:
        whose = f"source {self.config.name!r}"
        if not refused:
            raise UsageError(f"{whose}: {self.place!r} has no {self.thing}; nothing can be built from it")
        first = {one.reason: one for one in reversed(refused)}
        counted = Counter(one.reason for one in refused)
        reasons = [f"{count} {reason} ({_named(first[reason])})" for reason, count in counted.most_common(3)]
        raise UsageError(
            f"{whose}: none of the first {len(refused)} {self.thing} of {self.place!r} becomes a problem: "
            f"{'; '.join(reasons)}; correct fields, answer_pattern or check of the source"
        )

    def _no_field(self, path: str, rows: Sequence[Mapping[str, Any]]) -> NoReturn:
        known = sorted({name for row in rows for name in paths_of(row) if not secret_in(name)})
        near = get_close_matches(path, known, n=1)
        raise UsageError(
            f"source {self.config.name!r}: no field {path!r} in the first {LOOKED_AT} {self.thing} of {self.place!r}; "
            f"there are: {', '.join(known) or 'none'}" + (f"; did you mean {near[0]!r}?" if near else "")
        )


def _named(decision: Decision) -> str:
    """Which row it was, and what is wrong with it, in printable characters."""
    if decision.subject == "problem":
        return ascii(decision.detail)[1:-1]
    return ascii(f"{decision.id}: {decision.detail}" if decision.detail else decision.id)[1:-1]
