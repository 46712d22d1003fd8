"""The contract of an oracle. Those that many tasks can use are in `kit/`: each task's own adds how its answers read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from tracemill.records import Problem, Step


class Oracle(Protocol):
    """Shares no code with the task that it judges, nor with a checker. Made without arguments, without state."""

    method: ClassVar[str]
    """How it knows, in a few words: `enumeration of all assignments`."""

    def answers(self, problem: Problem, answer: str) -> bool:
        """Whether `answer` (as the closing of a solution states it, without any `Answer:` or `\\boxed`) is right."""

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """The index of the first step whose claim is false or does not follow; None if all are right. A step without a
        claim is passed over."""
