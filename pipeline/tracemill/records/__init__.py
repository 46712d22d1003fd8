"""The records that flow through the pipeline: frozen dataclasses, standard library only.

Ids are hierarchical, so that sorting any table by id also groups it by problem:

    problem     20 hex digits
    trace       <problem>-<12 hex>
    completion  <problem>-<12 hex>
    verdict     <trace>-<8 hex>

An id hashes what was *asked*; a `digest` hashes what came *back*. Not covered here: how records lie in Arrow
(`records/schema.py`) and what a task or verifier does with them.
"""

from __future__ import annotations

from typing import TypeAlias

from tracemill.records.canonical import Payload, canonical_json, fingerprint
from tracemill.records.finish_reasons import FinishReason
from tracemill.records.ids import completion_id, estimate_id, problem_id, trace_id, verdict_id
from tracemill.records.labels import Label, LabelledStep
from tracemill.records.problem import Check, Claim, Problem, Reference, Source, Split, premise, split_of
from tracemill.records.trace import Completion, Flaw, Skill, Step, Trace, trace_digest
from tracemill.records.turn import ToolCall, Turn
from tracemill.records.verdict import (
    OUTCOMES,
    STRENGTHS,
    Decision,
    Estimate,
    Outcome,
    Scope,
    StepVerdict,
    Strength,
    Verdict,
)

Record: TypeAlias = Problem | Completion | Trace | Verdict | Estimate | Decision

__all__ = [
    "OUTCOMES",
    "STRENGTHS",
    "Check",
    "Claim",
    "Completion",
    "Decision",
    "Estimate",
    "FinishReason",
    "Flaw",
    "Label",
    "LabelledStep",
    "Outcome",
    "Payload",
    "Problem",
    "Record",
    "Reference",
    "Scope",
    "Skill",
    "Source",
    "Split",
    "Step",
    "StepVerdict",
    "Strength",
    "ToolCall",
    "Trace",
    "Turn",
    "Verdict",
    "canonical_json",
    "completion_id",
    "estimate_id",
    "fingerprint",
    "premise",
    "problem_id",
    "split_of",
    "trace_digest",
    "trace_id",
    "verdict_id",
]
