"""What a teacher said: a completion is one call, a trace a whole solution, a step a span of its text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from tracemill.records.canonical import Payload, fingerprint
from tracemill.records.finish_reasons import FinishReason
from tracemill.records.labels import Label
from tracemill.records.problem import Claim
from tracemill.records.turn import Turn

Skill = Literal["skills", "calibration", "strategy", "abstraction"]
DERIVED = ("revision", "corruption", "shorter", "continuation", "retelling")
"""The relations of traces that are no independent samples: made from another trace, or paths of one search."""
UNREAD_ARGUMENTS = "unread_arguments"
"""The key under which a tool call holds the text of its arguments, where that is no JSON object."""


@dataclass(frozen=True, slots=True)
class Step:
    """A span of a turn's text with what it claims.

    `uses`: what it rests on. k ≥ 0 is step k of this trace; −1−k is premise k of the problem.
    """

    turn: int
    start: int
    end: int
    claim: Claim | None = None
    uses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Flaw:
    """A seeded mistake: the index of the first wrong step, the misconception's name, and what is wrong there."""

    index: int
    kind: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Completion:
    """One teacher call, as the journal keeps it; a strategy run again over these asks only for what is missing.

    `id` hashes problem id, teacher fingerprint, messages, sampling, `call` (the path within the strategy) and
    `attempt`, which counts the calls that failed before this one.
    `turn`, `steps` and `flaw` are what came back; `before` the turns that came back before that one, where a whole talk
    with tools is played back; `author` who wrote it (the teacher, or whom it replays). Tokens are
    the teacher's own count; `logprobs` a summary per step. `seconds` and `joules` are the call's cost where it was
    measured.
    """

    id: str
    problem_id: str
    call: str
    author: str
    turn: Turn | None
    finish_reason: FinishReason
    steps: tuple[Step, ...] = ()
    flaw: Flaw | None = None
    prompt_tokens: int | None = None
    reasoning_tokens: int | None = None
    completion_tokens: int | None = None
    logprobs: tuple[float, ...] = ()
    seconds: float | None = None
    joules: float | None = None
    error: str | None = None
    attempt: int = 0
    metadata: Payload = field(default_factory=dict)
    before: tuple[Turn, ...] = ()
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """A solution: the turns after the prompt.

    `id` hashes problem id, teacher fingerprint, strategy, path and the attempt of its last call; `digest` hashes turns,
    steps, flaw and finish reason. `steps` is what the teacher itself states and is empty for models. `path` names the
    branch within the strategy (`0`, `refine/1`, …). `relation`: to the trace `parent_id`, or to itself: a
    `self_correction` takes its own mistake back, and its `flaw` is the mistake that it repairs. `labels`: what others
    said of it before it came here (`records/labels.py`); they are no part of the digest.
    """

    id: str
    digest: str
    problem_id: str
    skill: Skill
    teacher: str
    strategy: str
    sample_index: int
    path: str
    turns: tuple[Turn, ...]
    finish_reason: FinishReason
    steps: tuple[Step, ...] = ()
    flaw: Flaw | None = None
    effort: str | None = None
    budget_tokens: int | None = None
    prompt_tokens: int | None = None
    reasoning_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    joules: float | None = None
    parent_id: str | None = None
    relation: Literal["revision", "corruption", "shorter", "continuation", "self_correction", "retelling"] | None = None
    call_ids: tuple[str, ...] = ()
    error: str | None = None
    created: str | None = None
    metadata: Payload = field(default_factory=dict)
    labels: tuple[Label, ...] = ()

    def step_text(self, step: Step) -> str:
        return self.turns[step.turn].text[step.start : step.end]


def trace_digest(turns: Iterable[Turn], steps: Iterable[Step], flaw: Flaw | None, finish_reason: FinishReason) -> str:
    return fingerprint(
        [
            (t.role, t.content, t.reasoning, [(c.id, c.name, c.arguments) for c in t.tool_calls], t.tool_call_id)
            for t in turns
        ],
        [(s.turn, s.start, s.end, s.claim and (s.claim.kind, s.claim.payload), s.uses) for s in steps],
        flaw and (flaw.index, flaw.kind, flaw.explanation),
        finish_reason,
    )
