"""What a teacher is: one call in, one reply out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Protocol, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from tracemill.records import FinishReason, Flaw, Label, Payload, Problem, Step, Trace, Turn, canonical_json


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a teacher. `messages` is what a model sees (role, content); `seed` derives from the call's id.
    `sampling` is what this call wants otherwise than the teacher's config says: `temperature`, `top_p`, `max_tokens`,
    `stop` … as in the OpenAI API, `effort` (see `asking/effort/`), and `prefix`: a text with which the assistant's
    turn begins and which the reply's turn has, too.

    The problem itself is there for teachers that are no models; a model teacher looks at `messages` alone.
    `sample_index` counts the independent samples of one problem.
    """

    problem: Problem
    messages: tuple[Payload, ...]
    sampling: Payload
    sample_index: int
    seed: int


Count = Annotated[int, Field(ge=0, lt=2**63)]
Measured = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `steps` are of its turn; where that calls a tool, also what the tool will give, as of turn 1, for
    a teacher that knows it. `author` names who wrote it where that is not the teacher itself; tokens are the teacher's
    own count; `seconds` and `joules` are None where there was nothing to measure. `metadata["licence"]` (SPDX) is the
    text's, where the source's does not cover it; `relation`, `effort` and `budget_tokens` in it become the trace's.
    `before` and `labels` are those of a solution that is played back: the turns before the last one, and what others
    said of it. Becomes a `Completion`."""

    turn: Turn
    author: str | None = None
    finish_reason: FinishReason = "stop"
    steps: tuple[Step, ...] = ()
    flaw: Flaw | None = None
    prompt_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    completion_tokens: Count | None = None
    logprobs: tuple[float, ...] = ()
    seconds: Measured | None = None
    joules: Measured | None = None
    error: str | None = None
    metadata: Payload = field(default_factory=dict)
    before: tuple[Turn, ...] = ()
    labels: tuple[Label, ...] = ()


_REPLIES = TypeAdapter(tuple[Reply], config=ConfigDict(strict=True, revalidate_instances="always", allow_inf_nan=False))
"""Of one reply: a dataclass alone would go by a config of its own."""

_NOTES: Mapping[str, TypeAdapter[Any]] = {
    "relation": TypeAdapter(get_type_hints(Trace)["relation"]),
    "effort": TypeAdapter(str | None),
    "budget_tokens": TypeAdapter(Count | None),
    "licence": TypeAdapter(Annotated[str, Field(pattern=r"\S")]),
}
"""What of `Reply.metadata` becomes columns of traces and rows."""


def wrong_in(reply: Reply) -> str:
    """What in a reply is not of its type or its range, such as `turn.content=None`; empty where all is well."""
    try:
        _REPLIES.validate_python((reply,))
    except ValidationError as exc:
        return _first_of(exc, ())
    for note in (one for one in _NOTES if one in reply.metadata):
        try:
            _NOTES[note].validate_python(reply.metadata[note], strict=True)
        except ValidationError as exc:
            return _first_of(exc, ("metadata", note))
    return ""


def _first_of(exc: ValidationError, within: tuple[str, ...]) -> str:
    first = exc.errors(include_url=False)[0]
    place = ".".join(within or map(str, first["loc"][1:]))
    return f"{place}={first['input']!r:.80}: {first['msg']}"


def refuse_unstorable(reply: Reply) -> None:
    """Raises: ValueError: no table can hold it, for NaN within a JSON object, or half a character."""
    claims = [step.claim.payload for step in reply.steps if step.claim]
    turns = (*reply.before, reply.turn)
    arguments = [call.arguments for turn in turns for call in turn.tool_calls]
    said = [text for turn in turns for text in (turn.content, turn.reasoning)]
    try:
        canonical_json([reply.metadata, *claims, *arguments]).encode()
        for text in (*said, reply.author or "", reply.error or ""):
            text.encode()
    except ValueError as exc:
        raise ValueError(f"a Reply cannot be stored: {exc}") from None


class Teacher(Protocol):
    """Made once per worker from its config (a pydantic model, `Config`).

    `embedded` teachers compute within the worker: exact, free, the same each time. `unkeyed` are the settings on which
    its replies do not depend, such as addresses and prices: a build goes on when they change.

    A teacher that may not be there has a method `async check()` besides, which raises UsageError where it cannot be
    asked, and costs next to nothing: the driver calls it before any problem is spent.

    One whose replies hold whole conversations, with the calls of tools and what these gave (`Reply.before`), has an
    attribute `gives_conversations` that is true: a strategy that calls no tools may ask it problems that have some.

    A teacher with servers of its own has a static method `serve(config, say)`, a context within which they are there,
    and its config says what they reserve (`reserves`, a `ServersReserve`); only Ray's executor runs such a one. In
    `unkeyed`, `engine.max_num_seqs` is one setting of the block `engine`.
    """

    Config: ClassVar[Any]
    embedded: ClassVar[bool]
    unkeyed: ClassVar[frozenset[str]]

    @property
    def name(self) -> str:
        """What `Trace.teacher` says."""

    @property
    def fingerprint(self) -> str:
        """Hashes what its replies depend on; part of every completion's id."""

    def samples(self, problem: Problem, wanted: int) -> int:
        """How many independent samples it can give of this problem, at most `wanted`."""

    async def answer(self, call: Call) -> Reply:
        """May raise: the caller makes that a completion with finish reason `error`."""

    async def close(self) -> None: ...


_PIECE = re.compile(r"\w+|[^\w\s]")


def count_pieces(text: str) -> int:
    """Words and punctuation marks: the token count of teachers that have no tokenizer."""
    return len(_PIECE.findall(text))
