"""A stage: CPU work on batches of records. Authors see typed records; only the executors see Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one input: its id, and the records made from it (0..n, of any kinds)."""

    input_id: str
    records: tuple[Any, ...]


class Stage(Protocol):
    """Pickled to the workers before `open`; what cannot be pickled is acquired there.

    `process` yields one `Done` per input, in any order. A bad input is data: a record that says why, not an exception.
    """

    def open(self) -> None: ...

    def process(self, batch: Sequence[Any]) -> Iterator[Done]: ...

    def close(self) -> None: ...
