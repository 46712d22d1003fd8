"""What a strategy is: a deterministic function of the completions and verdicts it is given.

After a kill it is run again over the journal: calls that were answered return at once, only the missing ones are made.
So it must not look at the clock, at a random source of its own, or at the order in which calls finish.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from tracemill.records import Completion, Payload, Problem, Trace, Verdict, trace_digest, trace_id


class Ask(Protocol):
    """Makes one journaled call to the teacher, or finds it in the journal."""

    @property
    def fingerprint(self) -> str:
        """The teacher's: part of every trace's id."""

    def samples(self, wanted: int) -> int:
        """How many independent samples the teacher can give of this problem, at most `wanted`."""

    async def __call__(
        self, call: str, messages: Sequence[Payload], sampling: Payload, sample_index: int = 0
    ) -> Completion:
        """`call` is the path within the strategy and must differ between calls that ask the same."""


class Judge(Protocol):
    async def __call__(self, trace: Trace) -> Sequence[Verdict]:
        """Runs the verifiers; what they say is stored like any verdict."""


class Strategy(Protocol):
    """Made once per worker from its config (a pydantic model, `Config`).

    `grows`: the config's numbers that an existing build may raise, since what there is stays as it is.
    """

    Config: ClassVar[Any]
    name: ClassVar[str]
    grows: ClassVar[frozenset[str]]

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        """The traces of one problem; a call that failed gives a trace with finish reason `error`."""


def prompt_messages(problem: Problem) -> tuple[Payload, ...]:
    """The problem as chat messages: the system prompt, if there is one, and the user's."""
    user = {"role": "user", "content": problem.prompt}
    return ({"role": "system", "content": problem.system}, user) if problem.system else (user,)


def trace_of(problem: Problem, ask: Ask, strategy: str, completion: Completion, sample_index: int) -> Trace:
    """The trace that consists of one completion. `relation` is what the teacher's metadata says it is."""
    turns = () if completion.turn is None else (completion.turn,)
    return Trace(
        id=trace_id(problem.id, ask.fingerprint, strategy, completion.call, completion.attempt),
        digest=trace_digest(turns, completion.steps, completion.flaw, completion.finish_reason),
        problem_id=problem.id,
        skill="skills",
        teacher=completion.author,
        strategy=strategy,
        sample_index=sample_index,
        path=completion.call,
        turns=turns,
        finish_reason=completion.finish_reason,
        steps=completion.steps,
        flaw=completion.flaw,
        prompt_tokens=completion.prompt_tokens,
        reasoning_tokens=completion.reasoning_tokens,
        completion_tokens=completion.completion_tokens,
        seconds=completion.seconds,
        joules=completion.joules,
        relation=completion.metadata.get("relation"),
        call_ids=(completion.id,),
        error=completion.error,
        metadata=completion.metadata,
    )
