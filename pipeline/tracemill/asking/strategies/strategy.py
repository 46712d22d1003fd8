"""What a strategy is: a deterministic function of the completions and verdicts it is given.

After a kill it is run again over the journal: calls that were answered return at once, only the missing ones are made.
So it must not look at the clock, at a random source of its own, or at the order in which calls finish. A row that is
written stays as it is, so a trace is given back only when all that its metadata says is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar, runtime_checkable

from tracemill.asking.teachers.teacher import Reply
from tracemill.records import Completion, Payload, Problem, Trace, Verdict, trace_digest, trace_id

if TYPE_CHECKING:
    from tracemill.asking.strategies.rounds import SampleRounds

T = TypeVar("T")
Standing = Literal["verified", "refuted", "undecided"]
Stopped = Literal["enough", "known", "hopeless", "budget", "vote_settled", "critic_agreed", "bound"]
"""Why a strategy asked for no more. `Trace.metadata["stopped"]` of a problem's last trace has it."""


@dataclass(frozen=True, slots=True)
class SampleShare:
    """What a round gives a problem: its samples from number `first` up to, without, `stop`. Of those before, which
    earlier rounds asked for, so many were verified and so many refuted; the others decided nothing."""

    first: int
    stop: int
    verified: int = 0
    refuted: int = 0


class Ask(Protocol):
    """Makes one journaled call to the teacher, or finds it in the journal."""

    @property
    def fingerprint(self) -> str:
        """The teacher's: part of every trace's id."""

    @property
    def share(self) -> SampleShare | None:
        """What this round gives the problem; None for a strategy that does not work in rounds."""

    def samples(self, wanted: int) -> int:
        """How many independent samples the teacher can give of this problem, at most `wanted`."""

    async def __call__(
        self, call: str, messages: Sequence[Payload], sampling: Payload, sample_index: int = 0
    ) -> Completion:
        """`call` is the path within the strategy and must differ between calls that ask the same. `sampling` may have
        a `prefix`, a text with which the assistant's turn begins: the completion has it, too."""

    async def other(
        self, call: str, asked: str, question: Payload, answer: Callable[[], Awaitable[Reply]]
    ) -> Completion:
        """A journaled call to something else than the teacher, such as a model that scores; `asked` is its name. What
        `answer` raises becomes a completion with finish reason `error`, as with the teacher."""


class Judge(Protocol):
    """Runs the verifiers of the build."""

    @property
    def required(self) -> Collection[str]:
        """The verifiers that must verify a trace before it counts as verified."""

    async def __call__(self, trace: Trace) -> Sequence[Verdict]:
        """What they say is stored like any verdict: for traces that the strategy gives back."""

    async def unkept(self, trace: Trace) -> Sequence[Verdict]:
        """The same, and nothing is stored: for the beginning of a solution."""


class Strategy(Protocol):
    """Made once per worker from its config (a pydantic model, `Config`).

    `grows`: the config's numbers that an existing build may raise, since what there is stays as it is. `unkeyed`: the
    settings on which its traces do not depend, such as addresses: a build goes on when they change. One that calls a
    problem's tools has an attribute `calls_tools` besides, which is true; the others are not asked such problems.
    """

    Config: ClassVar[Any]
    name: ClassVar[str]
    grows: ClassVar[frozenset[str]]
    unkeyed: ClassVar[frozenset[str]]

    @property
    def most_traces(self) -> int:
        """Traces of one problem, at most."""

    @property
    def expected_calls(self) -> float:
        """Calls for one problem, as many as are to be expected before any was made."""

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        """The traces of one problem; a call that failed gives a trace with finish reason `error`."""


@runtime_checkable
class InRounds(Protocol):
    """A strategy whose samples are given out in rounds by the driver (`rounds.py`): sample k is the call `str(k)`, and
    has the trace with that `sample_index`; `run` asks for those of its `Ask.share`."""

    def rounds(self, problems: Sequence[str]) -> SampleRounds:
        """Of these problems, by their ids."""


def standing(verdicts: Iterable[Verdict], required: Collection[str]) -> Standing:
    """Whether every required verifier verified a trace, or one of them refuted it. `undecided` otherwise: trouble of
    ours, or what cannot be read, is neither a success nor a failure of the teacher."""
    outcomes = [verdict.outcome for verdict in verdicts if verdict.verifier in required]
    if "refuted" in outcomes:
        return "refuted"
    return "verified" if outcomes and set(outcomes) == {"verified"} else "undecided"


async def all_of(calls: Iterable[Awaitable[T]]) -> list[T]:
    """The results in their order. Every call comes to its end, also beside one that ends the run: it may have been
    paid for."""
    waiting = list(calls)
    if len(waiting) == 1:
        return [await waiting[0]]
    found: list[T] = []
    for one in await asyncio.gather(*waiting, return_exceptions=True):
        if isinstance(one, BaseException):
            raise one
        found.append(one)
    return found


def trace_of(problem: Problem, ask: Ask, strategy: str, completion: Completion, sample_index: int) -> Trace:
    """The trace that consists of one completion. `relation`, `effort` and `budget_tokens` are what the teacher's
    metadata says."""
    turns = () if completion.turn is None else (*completion.before, completion.turn)
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
        effort=completion.metadata.get("effort"),
        budget_tokens=completion.metadata.get("budget_tokens"),
        prompt_tokens=completion.prompt_tokens,
        reasoning_tokens=completion.reasoning_tokens,
        completion_tokens=completion.completion_tokens,
        seconds=completion.seconds,
        joules=completion.joules,
        relation=completion.metadata.get("relation"),
        call_ids=(completion.id,),
        error=completion.error,
        metadata=completion.metadata,
        labels=completion.labels,
    )


def noted(trace: Trace, **notes: Any) -> Trace:
    """The trace with more in its metadata, such as `stopped="bound"`."""
    return replace(trace, metadata={**trace.metadata, **notes})


def failed(traces: Iterable[Trace]) -> list[Trace]:
    """Those whose call failed. Where there is one, the next run asks again, and a strategy whose metadata speaks of
    all traces of a problem gives back no others: rows that are written stay as they are."""
    return [trace for trace in traces if trace.finish_reason == "error"]
