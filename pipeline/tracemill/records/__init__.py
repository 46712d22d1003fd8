"""The records that flow through the pipeline: frozen dataclasses, standard library only.

Ids are hierarchical, so that sorting any table by id also groups it by problem:

    problem     20 hex digits
    trace       <problem>-<12 hex>
    completion  <problem>-<12 hex>
    verdict     <trace>-<8 hex>

An id hashes what was *asked*; a `digest` hashes what came *back*. Not covered here: how records lie in Arrow
(`schema.py`) and what a domain or verifier does with them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Payload: TypeAlias = Mapping[str, Any]
Outcome = Literal["verified", "refuted", "unknown", "error"]
Strength = Literal["proof", "exhaustive", "exact", "tested", "judged"]
Scope = Literal["answer", "steps", "trace"]
Skill = Literal["skills", "calibration", "strategy", "abstraction"]
Split = Literal["train", "bench"]
FinishReason = Literal["stop", "length", "loop", "budget", "tool_calls", "content_filter", "error"]

OUTCOMES: tuple[Outcome, ...] = ("verified", "refuted", "unknown", "error")
STRENGTHS: tuple[Strength, ...] = ("proof", "exhaustive", "exact", "tested", "judged")
"""Strongest first."""

_EXACT_INTEGER = 2**53
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_MANY_DIGITS = re.compile(r"[0-9]{16}")


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, integers beyond ±2^53 as strings.

    Raises:
        TypeError: for what JSON cannot hold.
        ValueError: for NaN and infinities, which other readers refuse.
    """
    try:
        text = _ENCODER.encode(value)
    except TypeError:
        value = _plain(value)
        text = _ENCODER.encode(value)
    # A number beyond 2^53 has at least 16 digits: most texts need no walk.
    if _MANY_DIGITS.search(text) and _has_large_integer(value):
        text = _ENCODER.encode(_safe_integers(value))
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _has_large_integer(value: Any) -> bool:
    if isinstance(value, int):
        return not -_EXACT_INTEGER <= value <= _EXACT_INTEGER
    if isinstance(value, Mapping):
        return any(_has_large_integer(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_has_large_integer(item) for item in value)
    return False


def _safe_integers(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_EXACT_INTEGER <= value <= _EXACT_INTEGER else str(value)
    if isinstance(value, Mapping):
        return {key: _safe_integers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_safe_integers(item) for item in value]
    return value


def fingerprint(*parts: Any, digits: int = 20) -> str:
    """The first `digits` hex digits of BLAKE2b over the canonical JSON of `parts`."""
    data = canonical_json(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=20).hexdigest()[:digits]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a checker can decide. `kind` names the checker; the payload's keys are that checker's contract."""

    kind: str
    payload: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """How an answer is judged: `kind` is one of the `answer` verifier's, `spec` its parameters."""

    kind: str
    spec: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """A solution that came with the problem. `label`: whether its author got the answer right, if that is known."""

    author: str
    text: str
    label: bool | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a problem comes from. `licence` is an SPDX expression; `index` counts within the source."""

    name: str
    revision: str
    licence: str
    index: int
    seed: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A task with what is needed to judge an answer to it.

    `id` hashes source name, source revision, source index, domain, system, prompt and tools.
    `premises` are the prompt in formal terms: what the claims of a solution may rest on. A premise of kind `symbols`
    declares names and their sorts.
    `answer`, `check` and `premises` never enter a prompt or a sandbox.
    `metadata["instance"]`, where a domain made the problem, is all its solver needs.
    """

    id: str
    group_id: str
    domain: str
    prompt: str
    answer: str
    check: Check
    source: Source
    split: Split = "train"
    system: str = ""
    tools: tuple[Payload, ...] = ()
    premises: tuple[Claim, ...] = ()
    references: tuple[Reference, ...] = ()
    difficulty: float | None = None
    parent_id: str | None = None
    relation: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message after the prompt. Step spans count characters of `text`."""

    role: Literal["assistant", "user", "tool"]
    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        """Reasoning, a blank line, content; without the blank line where one of them is empty."""
        if self.reasoning and self.content:
            return f"{self.reasoning}\n\n{self.content}"
        return self.reasoning or self.content


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


def premise(index: int) -> int:
    """The number by which `Step.uses` names premise `index`."""
    return -1 - index


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
    `turn`, `steps` and `flaw` are what came back; `author` who wrote it (the teacher, or whom it replays). Tokens are
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


@dataclass(frozen=True, slots=True)
class Trace:
    """A solution: the turns after the prompt.

    `id` hashes problem id, teacher fingerprint, strategy, path and the attempt of its last call; `digest` hashes turns,
    steps, flaw and finish reason. `steps` is what the teacher itself states and is empty for models. `path` names the
    branch within the strategy (`0`, `refine/1`, …).
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
    relation: Literal["revision", "corruption", "shorter", "continuation"] | None = None
    call_ids: tuple[str, ...] = ()
    error: str | None = None
    created: str | None = None
    metadata: Payload = field(default_factory=dict)

    def step_text(self, step: Step) -> str:
        return self.turns[step.turn].text[step.start : step.end]


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """What a checker found of one claim. `step` is the index in `Trace.steps`, or none where the verifier found the
    claim in the text itself."""

    step: int | None
    turn: int
    start: int
    end: int
    claim: Claim | None
    outcome: Outcome
    reason: str
    evidence: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier found of one trace.

    `id` hashes trace id, verifier, version, judge and attempt. It counts only for a trace whose digest is
    `trace_digest`; of several attempts the latest counts. `judge` holds parameters and solver versions.
    `coverage_claims` is decided claims over all claims, `coverage_steps` decided claims over all steps.
    `score` is for verifiers that grade; one that did not run has none, not 0.
    """

    id: str
    trace_id: str
    trace_digest: str
    verifier: str
    version: str
    scope: Scope
    outcome: Outcome
    strength: Strength | None
    reason: str
    judge: Payload = field(default_factory=dict)
    score: float | None = None
    evidence: Payload = field(default_factory=dict)
    steps: tuple[StepVerdict, ...] = ()
    coverage_claims: float | None = None
    coverage_steps: float | None = None
    isolation: str | None = None
    attempt: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured pass rate: `k` of `n` samples verified, with its 95% interval (Wilson).

    `id` hashes problem id, model and strategy.
    """

    id: str
    problem_id: str
    model: str
    strategy: str
    n: int
    k: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something was kept, and why not. `subject`: a source's `line`, a `problem` or a `trace`.

    `id` is the line's place (`name:number`), the problem's id or the trace's id, followed by `@view` where the
    decision is of one view. `stage` is the curriculum stage that took it.
    """

    id: str
    subject: Literal["line", "problem", "trace"]
    kept: bool
    reason: str
    detail: str = ""
    view: str = ""
    stage: str | None = None
    problem_id: str | None = None
    trace_id: str | None = None


Record: TypeAlias = Problem | Completion | Trace | Verdict | Estimate | Decision


def problem_id(source: Source, domain: str, system: str, prompt: str, tools: Iterable[Payload]) -> str:
    return fingerprint(source.name, source.revision, source.index, domain, system, prompt, list(tools))


def trace_id(problem_id: str, teacher: str, strategy: str, path: str, attempt: int = 0) -> str:
    return f"{problem_id}-{fingerprint(teacher, strategy, path, attempt, digits=12)}"


def completion_id(problem_id: str, teacher: str, messages: Any, sampling: Any, call: str, attempt: int = 0) -> str:
    return f"{problem_id}-{fingerprint(teacher, messages, sampling, call, attempt, digits=12)}"


def verdict_id(trace_id: str, verifier: str, version: str, judge: Payload, attempt: int) -> str:
    return f"{trace_id}-{fingerprint(verifier, version, judge, attempt, digits=8)}"


def estimate_id(problem_id: str, model: str, strategy: str) -> str:
    return f"{problem_id}-{fingerprint(model, strategy, digits=12)}"


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


def split_of(group_id: str, bench_share: float) -> Split:
    """The split of a whole group: `bench` for the given share of all groups, the same one for ever."""
    point = int(fingerprint("split", group_id, digits=12), 16) / 16**12
    return "bench" if point < bench_share else "train"
