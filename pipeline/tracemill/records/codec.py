"""Records to Arrow and back, as `schema` lays the tables out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

import pyarrow as pa

from tracemill.records import (
    Check,
    Claim,
    Completion,
    Decision,
    Estimate,
    Flaw,
    Label,
    LabelledStep,
    Payload,
    Problem,
    Record,
    Reference,
    Source,
    Step,
    StepVerdict,
    ToolCall,
    Trace,
    Turn,
    Verdict,
    canonical_json,
)
from tracemill.records.schema import SCHEMAS

RECORD_OF: dict[str, type[Any]] = {
    "problems": Problem,
    "completions": Completion,
    "traces": Trace,
    "verdicts": Verdict,
    "estimates": Estimate,
    "decisions": Decision,
}
TABLE_OF: dict[type[Any], str] = {record: table for table, record in RECORD_OF.items()}


def encode(table: str, records: Sequence[Record], packer: Packer | None = None) -> pa.RecordBatch:
    """Records of one kind as a batch of that table's schema. `packer` may be shared by calls over the same records.

    Raises:
        pyarrow.ArrowInvalid: a value that the column cannot hold, such as a lone surrogate.
    """
    schema = SCHEMAS[table]
    packer = packer or Packer()
    columns = []
    for column in schema:
        pack = _PACK.get((table, column.name))
        name = column.name
        values = [getattr(record, name) for record in records]
        columns.append(pa.array([pack(packer, value) for value in values] if pack else values, type=column.type))
    return pa.record_batch(columns, schema=schema)


def decode(table: str, batch: pa.RecordBatch | pa.Table) -> list[Any]:
    """The records of a batch that holds every column of the table."""
    names = [field.name for field in fields(RECORD_OF[table])]
    columns = []
    for name in names:
        unpack = _UNPACK.get((table, name))
        values = batch.column(name).to_pylist()
        columns.append([unpack(value) for value in values] if unpack else values)
    make = RECORD_OF[table]
    return [make(*row) for row in zip(*columns, strict=True)]


def encode_all(records: Iterable[Record]) -> dict[str, pa.RecordBatch]:
    """Records of any kinds, a batch per table."""
    by_table: dict[str, list[Record]] = {}
    for record in records:
        by_table.setdefault(TABLE_OF[type(record)], []).append(record)
    packer = Packer()
    return {table: encode(table, rows, packer) for table, rows in by_table.items()}


def decoded(table: str, batches: Iterable[pa.RecordBatch]) -> Iterator[Any]:
    for batch in batches:
        yield from decode(table, batch)


class Packer:
    """Records' fields as what pyarrow builds columns from; structs are tuples, eight times faster than dictionaries.

    Completion, trace and verdict of one solution share their steps, turns and claims as objects: each is packed once.
    Found by identity, so a packer must not outlive the records.
    """

    def __init__(self) -> None:
        self._packed: dict[int, Any] = {}

    def _once(self, value: Any, pack: Callable[[Any], Any]) -> Any:
        packed = self._packed.get(id(value))
        if packed is None:
            packed = self._packed[id(value)] = pack(value)
        return packed

    def claim(self, claim: Claim | None) -> Any:
        return None if claim is None else self._once(claim, lambda one: (one.kind, _text(one.payload)))

    def json(self, payload: Payload) -> Any:
        return self._once(payload, canonical_json)

    def turn(self, turn: Turn | None) -> Any:
        return None if turn is None else self._once(turn, _turn)

    def steps(self, steps: tuple[Step, ...]) -> Any:
        return self._once(
            steps, lambda all_: [(one.turn, one.start, one.end, self.claim(one.claim), one.uses) for one in all_]
        )

    def step_verdicts(self, steps: tuple[StepVerdict, ...]) -> list[tuple[Any, ...]]:
        return [
            (s.step, s.turn, s.start, s.end, self.claim(s.claim), s.outcome, s.reason, _evidence(s.evidence))
            for s in steps
        ]


def _text(payload: Payload) -> str:
    return payload.text if isinstance(payload, _Unread) else canonical_json(payload)


def _evidence(evidence: Payload) -> str:
    return canonical_json(evidence) if evidence else "{}"


def _source(source: Source) -> tuple[Any, ...]:
    return (source.name, source.revision, source.licence, source.index, source.seed)


def _turn(turn: Turn) -> tuple[Any, ...]:
    calls = [(call.id, call.name, canonical_json(call.arguments)) for call in turn.tool_calls]
    return (turn.role, turn.content, turn.reasoning, calls, turn.tool_call_id)


def _labels(labels: Sequence[Label]) -> list[tuple[Any, ...]]:
    return [
        (one.name, one.value, one.right, [(step.start, step.end, step.rating) for step in one.steps]) for one in labels
    ]


def _reference(reference: Reference) -> tuple[Any, ...]:
    before = [_turn(turn) for turn in reference.before]
    return (reference.author, reference.text, _labels(reference.labels), reference.finish_reason, before)


def _flaw(flaw: Flaw | None) -> tuple[Any, ...] | None:
    return None if flaw is None else (flaw.index, flaw.kind, flaw.explanation)


_PACK: dict[tuple[str, str], Callable[[Packer, Any], Any]] = {
    ("problems", "check"): lambda _, check: (check.kind, canonical_json(check.spec)),
    ("problems", "source"): lambda _, source: _source(source),
    ("problems", "tools"): lambda _, tools: [canonical_json(tool) for tool in tools],
    ("problems", "premises"): lambda packer, claims: [packer.claim(claim) for claim in claims],
    ("problems", "references"): lambda _, references: [_reference(one) for one in references],
    ("problems", "metadata"): lambda _, metadata: canonical_json(metadata),
    ("completions", "turn"): Packer.turn,
    ("completions", "steps"): Packer.steps,
    ("completions", "flaw"): lambda _, flaw: _flaw(flaw),
    ("completions", "metadata"): lambda _, metadata: canonical_json(metadata),
    ("completions", "before"): lambda packer, turns: [packer.turn(turn) for turn in turns],
    ("completions", "labels"): lambda _, labels: _labels(labels),
    ("traces", "labels"): lambda _, labels: _labels(labels),
    ("traces", "turns"): lambda packer, turns: [packer.turn(turn) for turn in turns],
    ("traces", "steps"): Packer.steps,
    ("traces", "flaw"): lambda _, flaw: _flaw(flaw),
    ("traces", "metadata"): lambda _, metadata: canonical_json(metadata),
    ("verdicts", "judge"): Packer.json,
    ("verdicts", "evidence"): lambda _, evidence: canonical_json(evidence),
    ("verdicts", "steps"): Packer.step_verdicts,
}
"""Functions of the packer and the value. Not the packer's own: it would refer to itself, and each would stay, with all
that it packed, until Python's collector came by."""


_READ = json.JSONDecoder().raw_decode


def _own(text: str) -> Any:
    """JSON read back that no other record has."""
    return _READ(text)[0]


@lru_cache(maxsize=4_096)
def _payload(text: str) -> Any:
    """JSON read back. A claim stands in its trace and in its verdicts, and judges are the same for every verdict: what
    was read lately (the claims of some hundred traces) is shared, so payloads must be left as they are."""
    return _READ(text)[0]


class _Unread(Mapping[str, Any]):
    """A claim's payload, read from its JSON when somebody looks into it. Judging does; views, where most claims are
    decoded, do not, and reading them took a third of their time."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __getitem__(self, key: str) -> Any:
        return _payload(self.text)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_payload(self.text))

    def __len__(self) -> int:
        return len(_payload(self.text))

    def __repr__(self) -> str:
        return repr(_payload(self.text))


def _read_claim(value: dict[str, Any] | None) -> Claim | None:
    return None if value is None else Claim(value["kind"], _Unread(value["payload"]))


def _read_turn(value: dict[str, Any] | None) -> Turn | None:
    if value is None:
        return None
    calls = tuple(ToolCall(c["id"], c["name"], _payload(c["arguments"])) for c in value["tool_calls"])
    return Turn(value["role"], value["content"], value["reasoning"], calls, value["tool_call_id"])


def _read_labels(values: list[dict[str, Any]]) -> tuple[Label, ...]:
    return tuple(
        Label(v["name"], v["value"], v["right"], tuple(LabelledStep(**step) for step in v["steps"])) for v in values
    )


def _read_reference(value: dict[str, Any]) -> Reference:
    before = tuple(turn for turn in map(_read_turn, value["before"]) if turn)
    return Reference(value["author"], value["text"], _read_labels(value["labels"]), value["finish_reason"], before)


def _read_steps(values: list[dict[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(v["turn"], v["start"], v["end"], _read_claim(v["claim"]), tuple(v["uses"])) for v in values)


def _read_flaw(value: dict[str, Any] | None) -> Flaw | None:
    return None if value is None else Flaw(**value)


def _read_step_verdicts(values: list[dict[str, Any]]) -> tuple[StepVerdict, ...]:
    return tuple(
        StepVerdict(
            v["step"],
            v["turn"],
            v["start"],
            v["end"],
            _read_claim(v["claim"]),
            v["outcome"],
            v["reason"],
            _payload(v["evidence"]),
        )
        for v in values
    )


_UNPACK: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("problems", "check"): lambda v: Check(v["kind"], _own(v["spec"])),
    ("problems", "source"): lambda v: Source(**v),
    ("problems", "tools"): lambda values: tuple(_payload(v) for v in values),
    ("problems", "premises"): lambda values: tuple(_read_claim(v) for v in values),
    ("problems", "references"): lambda values: tuple(map(_read_reference, values)),
    ("problems", "tags"): tuple,
    ("problems", "metadata"): _own,
    ("completions", "turn"): _read_turn,
    ("completions", "steps"): _read_steps,
    ("completions", "flaw"): _read_flaw,
    ("completions", "logprobs"): tuple,
    ("completions", "metadata"): _payload,
    ("completions", "before"): lambda values: tuple(_read_turn(v) for v in values),
    ("completions", "labels"): _read_labels,
    ("traces", "labels"): _read_labels,
    ("traces", "turns"): lambda values: tuple(_read_turn(v) for v in values),
    ("traces", "steps"): _read_steps,
    ("traces", "flaw"): _read_flaw,
    ("traces", "call_ids"): tuple,
    ("traces", "metadata"): _payload,
    ("verdicts", "judge"): _payload,
    ("verdicts", "evidence"): _payload,
    ("verdicts", "steps"): _read_step_verdicts,
    ("decisions", "trace_ids"): tuple,
}
