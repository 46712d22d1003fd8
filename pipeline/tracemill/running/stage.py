"""A stage: CPU work on batches of records. Authors see typed records; only the executors see Arrow.

Inputs travel to workers as Arrow (`pack`, `unpack`); what comes back is a `Chunk` of finished rows by table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from tracemill.records import Problem, Trace, canonical_json
from tracemill.records.codec import decode, encode
from tracemill.records.finished import Done
from tracemill.records.sizes import held_bytes, in_batches, json_bytes
from tracemill.sources.source import WorkItem

BATCH = 32
BATCH_BYTES = 8 << 20
"""A stage is given inputs in batches; one ends with the input that reaches either bound."""


@dataclass(frozen=True, slots=True)
class JudgeOrder:
    """A trace with the verifiers that have yet to judge it, each with the number of its next attempt."""

    problem: Problem
    trace: Trace
    attempts: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.trace.id


class Stage(Protocol):
    """Pickled to the workers before `open`; what cannot be pickled is acquired there.

    `process` yields one `Done` per input, in any order. A bad input is data: a record that says why, not an exception.
    """

    def open(self) -> None: ...

    def process(self, batch: Sequence[Any]) -> Iterator[Done]: ...

    def close(self) -> None: ...


def batches(inputs: Iterable[WorkItem] | Iterable[JudgeOrder]) -> Iterator[list[Any]]:
    """The inputs of a stage as it is given them."""
    return in_batches(iter(inputs), BATCH, BATCH_BYTES, _weight)


def _weight(one: WorkItem | JudgeOrder) -> int:
    if isinstance(one, WorkItem):
        return one.bytes or json_bytes(one.payload)
    return held_bytes(one.problem) + held_bytes(one.trace)


def pack(inputs: Sequence[WorkItem] | Sequence[JudgeOrder]) -> pa.RecordBatch:
    """Inputs of one kind as a batch, for the journey to a worker."""
    first = inputs[0]
    if isinstance(first, WorkItem):
        return pa.RecordBatch.from_pydict(
            {"item": [one.id for one in inputs], "payload": [canonical_json(one.payload) for one in inputs]}  # type: ignore[union-attr]
        )
    orders = [one for one in inputs if isinstance(one, JudgeOrder)]
    return pa.RecordBatch.from_arrays(
        [
            encode("problems", [one.problem for one in orders]).to_struct_array(),
            encode("traces", [one.trace for one in orders]).to_struct_array(),
            pa.array([canonical_json(one.attempts) for one in orders]),
        ],
        names=["problem", "trace", "attempts"],
    )


def unpack(batch: pa.RecordBatch) -> list[WorkItem] | list[JudgeOrder]:
    """The inputs that `pack` packed."""
    if "item" in batch.schema.names:
        pairs = zip(batch.column("item").to_pylist(), batch.column("payload").to_pylist(), strict=True)
        return [WorkItem(item, json.loads(payload)) for item, payload in pairs]
    problems = decode("problems", pa.RecordBatch.from_struct_array(batch.column("problem")))
    traces = decode("traces", pa.RecordBatch.from_struct_array(batch.column("trace")))
    attempts = [json.loads(text) for text in batch.column("attempts").to_pylist()]
    return [JudgeOrder(*row) for row in zip(problems, traces, attempts, strict=True)]
