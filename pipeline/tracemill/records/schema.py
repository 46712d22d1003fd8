"""The Arrow schemas of the records, written by hand: the public contract of every table.

Nested records are structs. Free dictionaries are canonical JSON strings (`records.canonical_json`). Columns are
documented in `docs/schema.md`; each view's schema is in its own file in `views/`, the way from records and back in
`codec.py`.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA_VERSION = 3
"""Of all tables of a build and all views of a dataset: a column that is added, removed or changed gives another one.

A build of another version is not read (`running.schema_version`)."""

_S, _I, _L, _F, _B = pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()


def _need(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


CLAIM = pa.struct([_need("kind", _S), _need("payload", _S)])
CHECK = pa.struct([_need("kind", _S), _need("spec", _S)])
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
LABELLED_STEP = pa.struct([_need("start", _I), _need("end", _I), ("rating", _I)])
LABEL = pa.struct([_need("name", _S), _need("value", _S), ("right", _B), _need("steps", pa.list_(LABELLED_STEP))])
REFERENCE = pa.struct(
    [
        _need("author", _S),
        _need("text", _S),
        _need("labels", pa.list_(LABEL)),
        ("finish_reason", _S),
        _need("before", pa.list_(TURN)),
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
        _need("before", pa.list_(TURN)),
        _need("labels", pa.list_(LABEL)),
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
        _need("labels", pa.list_(LABEL)),
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
        ("place", _L),
        ("problem_id", _S),
        _need("trace_ids", pa.list_(_S)),
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
