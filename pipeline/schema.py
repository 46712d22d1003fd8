"""The Arrow schemas of the records, written by hand: the public contract of every table, version 1.

Nested records are structs. Free dictionaries are canonical JSON strings (`records.canonical_json`). Columns are
documented in `docs/schema.md`; the views' schemas are in `curriculum/view_schema.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

import pyarrow as pa

from pipeline.records import (
    Check,
    Claim,
    Completion,
    Decision,
    Estimate,
    Flaw,
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

VERSION = 1

_S, _I, _L, _F, _B = pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()


def _need(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


CLAIM = pa.struct([_need("kind", _S), _need("payload", _S)])
CHECK = pa.struct([_need("kind", _S), _need("spec", _S)])
REFERENCE = pa.struct([_need("author", _S), _need("text", _S), ("label", _B)])
SOURCE = pa.struct(
    [_need("name", _S), _need("revision", _S), _need("licence", _S), _need("index", _L), _need("seed", _L)]
)
TOOL_CALL = pa.struct([_need("id", _S), _need("name", _S), _need("arguments", _S)])
TURN = pa.struct(
    [
        _need("role", _S),
        _need("content", _S),
        _need("reasoning", _S),
        _need("tool_calls", pa.list_(TOOL_CALL)),
        ("tool_call_id", _S),
    ]
)
_SPAN = [_need("turn", _I), _need("start", _I), _need("end", _I)]
STEP = pa.struct([*_SPAN, ("claim", CLAIM), _need("uses", pa.list_(_I))])
FLAW = pa.struct([_need("index", _I), _need("kind", _S), _need("explanation", _S)])
STEP_VERDICT = pa.struct(
    [("step", _I), *_SPAN, ("claim", CLAIM), _need("outcome", _S), _need("reason", _S), _need("evidence", _S)]
)

PROBLEMS = pa.schema(
    [
        _need("id", _S),
        _need("group_id", _S),
        _need("domain", _S),
        _need("prompt", _S),
        _need("answer", _S),
        _need("check", CHECK),
        _need("source", SOURCE),
        _need("split", _S),
        _need("system", _S),
        _need("tools", pa.list_(_S)),
        _need("premises", pa.list_(CLAIM)),
        _need("references", pa.list_(REFERENCE)),
        ("difficulty", _F),
        ("parent_id", _S),
        ("relation", _S),
        _need("tags", pa.list_(_S)),
        _need("metadata", _S),
    ]
)
_TOKENS = [("prompt_tokens", _L), ("reasoning_tokens", _L), ("completion_tokens", _L)]
COMPLETIONS = pa.schema(
    [
        _need("id", _S),
        _need("problem_id", _S),
        _need("call", _S),
        _need("author", _S),
        ("turn", TURN),
        _need("finish_reason", _S),
        _need("steps", pa.list_(STEP)),
        ("flaw", FLAW),
        *_TOKENS,
        _need("logprobs", pa.list_(_F)),
        ("seconds", _F),
        ("joules", _F),
        ("error", _S),
        _need("attempt", _I),
        _need("metadata", _S),
    ]
)
TRACES = pa.schema(
    [
        _need("id", _S),
        _need("digest", _S),
        _need("problem_id", _S),
        _need("skill", _S),
        _need("teacher", _S),
        _need("strategy", _S),
        _need("sample_index", _I),
        _need("path", _S),
        _need("turns", pa.list_(TURN)),
        _need("finish_reason", _S),
        _need("steps", pa.list_(STEP)),
        ("flaw", FLAW),
        ("effort", _S),
        ("budget_tokens", _L),
        *_TOKENS,
        ("seconds", _F),
        ("joules", _F),
        ("parent_id", _S),
        ("relation", _S),
        _need("call_ids", pa.list_(_S)),
        ("error", _S),
        ("created", _S),
        _need("metadata", _S),
    ]
)
VERDICTS = pa.schema(
    [
        _need("id", _S),
        _need("trace_id", _S),
        _need("trace_digest", _S),
        _need("verifier", _S),
        _need("version", _S),
        _need("scope", _S),
        _need("outcome", _S),
        ("strength", _S),
        _need("reason", _S),
        _need("judge", _S),
        ("score", _F),
        _need("evidence", _S),
        _need("steps", pa.list_(STEP_VERDICT)),
        ("coverage_claims", _F),
        ("coverage_steps", _F),
        ("isolation", _S),
        _need("attempt", _I),
        ("seconds", _F),
    ]
)
ESTIMATES = pa.schema(
    [
        _need("id", _S),
        _need("problem_id", _S),
        _need("model", _S),
        _need("strategy", _S),
        _need("n", _L),
        _need("k", _L),
        _need("low", _F),
        _need("high", _F),
    ]
)
DECISIONS = pa.schema(
    [
        _need("id", _S),
        _need("subject", _S),
        _need("kept", _B),
        _need("reason", _S),
        _need("detail", _S),
        _need("view", _S),
        ("stage", _S),
        ("problem_id", _S),
        ("trace_id", _S),
    ]
)

SCHEMAS: dict[str, pa.Schema] = {
    "problems": PROBLEMS,
    "completions": COMPLETIONS,
    "traces": TRACES,
    "verdicts": VERDICTS,
    "estimates": ESTIMATES,
    "decisions": DECISIONS,
}
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
        pack = packer.of.get((table, column.name))
        name = column.name
        values = [getattr(record, name) for record in records]
        columns.append(pa.array([pack(value) for value in values] if pack else values, type=column.type))
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
        self.of: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("problems", "check"): _check,
            ("problems", "source"): _source,
            ("problems", "tools"): lambda tools: [canonical_json(tool) for tool in tools],
            ("problems", "premises"): lambda claims: [self._claim(claim) for claim in claims],
            ("problems", "references"): lambda refs: [(ref.author, ref.text, ref.label) for ref in refs],
            ("problems", "metadata"): canonical_json,
            ("completions", "turn"): self._turn,
            ("completions", "steps"): self._steps,
            ("completions", "flaw"): _flaw,
            ("completions", "metadata"): canonical_json,
            ("traces", "turns"): lambda turns: [self._turn(turn) for turn in turns],
            ("traces", "steps"): self._steps,
            ("traces", "flaw"): _flaw,
            ("traces", "metadata"): canonical_json,
            ("verdicts", "judge"): self._json,
            ("verdicts", "evidence"): canonical_json,
            ("verdicts", "steps"): self._step_verdicts,
        }

    def _once(self, value: Any, pack: Callable[[Any], Any]) -> Any:
        packed = self._packed.get(id(value))
        if packed is None:
            packed = self._packed[id(value)] = pack(value)
        return packed

    def _claim(self, claim: Claim | None) -> Any:
        return None if claim is None else self._once(claim, lambda one: (one.kind, _text(one.payload)))

    def _json(self, payload: Payload) -> Any:
        return self._once(payload, canonical_json)

    def _turn(self, turn: Turn | None) -> Any:
        return None if turn is None else self._once(turn, _turn)

    def _steps(self, steps: tuple[Step, ...]) -> Any:
        return self._once(
            steps, lambda all_: [(one.turn, one.start, one.end, self._claim(one.claim), one.uses) for one in all_]
        )

    def _step_verdicts(self, steps: tuple[StepVerdict, ...]) -> list[tuple[Any, ...]]:
        return [
            (s.step, s.turn, s.start, s.end, self._claim(s.claim), s.outcome, s.reason, _evidence(s.evidence))
            for s in steps
        ]


def _text(payload: Payload) -> str:
    return payload.text if isinstance(payload, _Unread) else canonical_json(payload)


def _evidence(evidence: Payload) -> str:
    return canonical_json(evidence) if evidence else "{}"


def _check(check: Check) -> tuple[str, str]:
    return (check.kind, canonical_json(check.spec))


def _source(source: Source) -> tuple[Any, ...]:
    return (source.name, source.revision, source.licence, source.index, source.seed)


def _turn(turn: Turn) -> tuple[Any, ...]:
    calls = [(call.id, call.name, canonical_json(call.arguments)) for call in turn.tool_calls]
    return (turn.role, turn.content, turn.reasoning, calls, turn.tool_call_id)


def _flaw(flaw: Flaw | None) -> tuple[Any, ...] | None:
    return None if flaw is None else (flaw.index, flaw.kind, flaw.explanation)


_READ = json.JSONDecoder().raw_decode


@lru_cache(maxsize=16_384)
def _payload(text: str) -> Any:
    """JSON read back. A claim stands in its trace and in its verdicts, and judges are the same for every verdict: what
    was read lately (the claims of some hundred problems) is shared, so payloads must be left as they are."""
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
    ("problems", "check"): lambda v: Check(v["kind"], _payload(v["spec"])),
    ("problems", "source"): lambda v: Source(**v),
    ("problems", "tools"): lambda values: tuple(_payload(v) for v in values),
    ("problems", "premises"): lambda values: tuple(_read_claim(v) for v in values),
    ("problems", "references"): lambda values: tuple(Reference(**v) for v in values),
    ("problems", "tags"): tuple,
    ("problems", "metadata"): _payload,
    ("completions", "turn"): _read_turn,
    ("completions", "steps"): _read_steps,
    ("completions", "flaw"): _read_flaw,
    ("completions", "logprobs"): tuple,
    ("completions", "metadata"): _payload,
    ("traces", "turns"): lambda values: tuple(_read_turn(v) for v in values),
    ("traces", "steps"): _read_steps,
    ("traces", "flaw"): _read_flaw,
    ("traces", "call_ids"): tuple,
    ("traces", "metadata"): _payload,
    ("verdicts", "judge"): _payload,
    ("verdicts", "evidence"): _payload,
    ("verdicts", "steps"): _read_step_verdicts,
}
