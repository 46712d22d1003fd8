"""The nodes of a search, and the traces of the paths that came to an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tracemill.asking.strategies.strategy import Ask, Judge, Standing, noted, standing, trace_of
from tracemill.records import Completion, Problem, Trace, Turn, trace_digest
from tracemill.records.reasoning import split_reasoning
from tracemill.verifiers.answer.finding.extraction import find_statements


class FailedCallError(Exception):
    """A call failed: the rollout ends with its trace, and the next run asks again for what is missing."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace.error)
        self.trace = trace


@dataclass
class Beginning:
    """The beginning of a solution. `places`: the branches from the root; `steps` and `calls` those of the path;
    `values`: of each step from whose end rollouts were made, how many were verified and how many decided."""

    places: tuple[int, ...] = ()
    steps: tuple[str, ...] = ()
    calls: tuple[Completion, ...] = ()
    scores: tuple[float, ...] = ()
    values: tuple[tuple[int, int] | None, ...] = ()
    ended: bool = False
    score: float = 0.0

    @property
    def text(self) -> str:
        return "\n\n".join(self.steps)

    def sampling(self, **more: Any) -> dict[str, Any]:
        """To go on from here."""
        return {**more, "prefix": self.text + "\n\n"} if self.steps else more

    def continuation(self, completion: Completion) -> str | None:
        """What a completion says beyond this beginning; None where it does not begin so."""
        text = completion.turn.content if completion.turn else ""
        return text.removeprefix(self.text).strip() if text.startswith(self.text) else None

    @property
    def depth(self) -> int:
        return len(self.steps)

    @property
    def path(self) -> str:
        return "/".join(map(str, self.places))

    def child(self, branch: int, said: str, call: Completion, ended: bool) -> Beginning:
        return Beginning(
            (*self.places, branch),
            (*self.steps, said) if said else self.steps,
            (*self.calls, call),
            (*self.scores, self.score) if self.places else (),
            self.values,
            ended,
        )


def ends_solution(step: str) -> bool:
    """Whether a step states the final answer so that nobody goes on: in a box, a tag, a line `Answer:` or `####`."""
    return any(one.strong and one.closed for one in find_statements(step, multiline=False, letter=False))


@dataclass
class SearchTree:
    """`found`: by path, the trace of each solution; of these so many are `verified`. Rollouts are solutions, too."""

    problem: Problem
    ask: Ask
    judge: Judge
    strategy: str
    found: dict[str, Trace] = field(default_factory=dict)
    verified: int = 0

    def refuse_failed(self, completion: Completion) -> None:
        """Raises: FailedCallError."""
        if completion.finish_reason == "error":
            raise FailedCallError(trace_of(self.problem, self.ask, self.strategy, completion, 0))

    def beginning(self, node: Beginning) -> Trace:
        """The trace of a beginning, for a look at it; it is not kept."""
        turns = (Turn("assistant", content=node.text),)
        trace = trace_of(self.problem, self.ask, self.strategy, node.calls[-1], 0)
        return replace(trace, turns=turns, digest=trace_digest(turns, (), None, "length"), finish_reason="length")

    async def add(self, node: Beginning, rollout: Completion | None = None) -> Standing:
        """Keeps the trace of a path that came to an end, or of what a rollout made of a beginning."""
        trace = self._solution(node, rollout)
        self.found[trace.path] = trace
        found = standing(await self.judge(trace), self.judge.required)
        self.verified += found == "verified"
        return found

    def _solution(self, node: Beginning, rollout: Completion | None) -> Trace:
        calls = node.calls if rollout is None else (*node.calls, rollout)
        said = rollout and node.continuation(rollout)
        text = "\n\n".join(part for part in (node.text, said) if part)
        thought, answer = split_reasoning(text)
        turns = (Turn("assistant", content=answer or "", reasoning=thought),)
        last = calls[-1]
        # A thought that never ended has no answer, whatever the last call says.
        finish = last.finish_reason if answer is not None else "length"
        trace = replace(
            trace_of(self.problem, self.ask, self.strategy, last, 0),
            digest=trace_digest(turns, (), None, finish),
            turns=turns,
            steps=(),
            flaw=None,
            finish_reason=finish,
            relation="continuation",
            call_ids=tuple(call.id for call in calls),
            **_sums(calls),
        )
        return noted(trace, **_notes(node, whole=not thought))

    def traces(self) -> list[Trace]:
        """In the order of their paths: which came first is chance."""
        return [replace(self.found[path], sample_index=index) for index, path in enumerate(sorted(self.found))]


def _notes(node: Beginning, whole: bool) -> dict[str, Any]:
    """`rollout_values`: of each step its end in the turn's text, and of the decided rollouts from there the share that
    was verified. Only where the steps stand in the text one after the other (`whole`)."""
    notes: dict[str, Any] = {"search": {"scores": list(node.scores)}}
    ends = [len("\n\n".join(node.steps[: count + 1])) for count in range(len(node.steps))]
    values = [
        {"end": end, "value": value[0] / value[1], "rollouts": value[1]}
        for end, value in zip(ends, node.values, strict=False)
        if value and value[1]
    ]
    return notes | ({"rollout_values": values} if values and whole else {})


def _sums(calls: Sequence[Completion]) -> dict[str, Any]:
    """What the solution cost by itself; None once a value is missing. Other branches cost what their calls say."""
    names = ("reasoning_tokens", "completion_tokens", "seconds", "joules")
    amounts = {name: [getattr(call, name) for call in calls] for name in names}
    sums = {name: None if None in found else sum(found) for name, found in amounts.items()}
    return {**sums, "prompt_tokens": calls[0].prompt_tokens}
