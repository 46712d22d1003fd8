"""What a teacher is: one call in, one reply out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, ClassVar, Protocol

from tracemill.records import FinishReason, Flaw, Payload, Problem, Step, Turn, canonical_json


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


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `author` names who wrote it where that is not the teacher itself; tokens are the teacher's own
    count; `seconds` and `joules` are None where there was nothing to measure. `metadata["licence"]` (SPDX) is the
    text's, where the source's does not cover it. Becomes a `Completion`.

    Raises:
        TypeError: a field of another type, here and not far from the code of the teacher that gave it.
        ValueError: what cannot be stored: NaN in the metadata, half a character.
    """

    turn: Turn
    author: str | None = None
    finish_reason: FinishReason = "stop"
    steps: tuple[Step, ...] = ()
    flaw: Flaw | None = None
    prompt_tokens: int | None = None
    reasoning_tokens: int | None = None
    completion_tokens: int | None = None
    logprobs: tuple[float, ...] = ()
    seconds: float | None = None
    joules: float | None = None
    error: str | None = None
    metadata: Payload = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value_in, wanted in _TYPES:
            if not isinstance(value := value_in(self), wanted):
                what = f"is {type(value).__name__} where {getattr(wanted, '__name__', wanted)} is wanted"
                raise TypeError(f"{name} of a Reply {what}")
        try:
            for text in (canonical_json(self.metadata), self.turn.content, self.turn.reasoning):
                text.encode()
        except ValueError as exc:
            raise ValueError(f"a Reply cannot be stored: {exc}") from None


_TYPES: tuple[tuple[str, Callable[[Reply], Any], Any], ...] = tuple(
    (name, attrgetter(name), wanted)
    for names, wanted in (
        (("turn",), Turn),
        (("turn.content", "turn.reasoning", "finish_reason"), str),
        (("author", "error"), str | None),
        (("steps", "logprobs"), tuple),
        (("flaw",), Flaw | None),
        (("prompt_tokens", "reasoning_tokens", "completion_tokens"), int | None),
        (("seconds", "joules"), int | float | None),
        (("metadata",), Mapping),
    )
    for name in names
)
"""The fields of a `Reply`, how to get at each, and what it must be."""


class Teacher(Protocol):
    """Made once per worker from its config (a pydantic model, `Config`).

    `embedded` teachers compute within the worker: exact, free, the same each time. `unkeyed` are the settings on which
    its replies do not depend, such as addresses and prices: a build goes on when they change.

    A teacher that may not be there has a method `async check()` besides, which raises UsageError where it cannot be
    asked, and costs next to nothing: the driver calls it before any problem is spent.

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
