"""Finished work on its way to the store: records by input, and as Arrow batches by table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from tracemill.records import Record
from tracemill.records.codec import encode_all


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one input: its id, and the records made from it (0..n, of any kinds)."""

    input_id: str
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Finished rows by table, and the ids of the inputs that are finished with them."""

    done: tuple[str, ...]
    tables: dict[str, pa.RecordBatch]


def chunk(done: Iterable[Done]) -> Chunk:
    finished = list(done)
    records = (record for one in finished for record in one.records)
    return Chunk(tuple(one.input_id for one in finished), encode_all(records))
