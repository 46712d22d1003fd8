"""Ask for samples and let them vote on the answer: for problems whose answer nobody knows.

Two answers are the same where the verifier `answer` says so, each taken as the expected one in turn; the problem's own
expected answer is not looked at. An answer that this verifier would refuse whatever is expected (none, several, a
hedged one, cut off) has no vote, and counts in the share.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import Field

from tracemill.asking.strategies.prompting import SampledConfig
from tracemill.asking.strategies.single import samples_of
from tracemill.asking.strategies.strategy import Ask, Judge, failed, noted
from tracemill.records import Problem, Trace
from tracemill.verifiers.answer.check import fitting_answer
from tracemill.verifiers.answer.verifier import AnswerVerifier


class MajorityConfig(SampledConfig):
    """`samples`: votes at most; fewer where those that are left could not change who wins."""

    kind: Literal["majority"]
    samples: int = Field(default=8, ge=2, le=1_000)


class Majority:
    """`metadata["vote"]` of each trace: `answer` (the winner's text), `votes` (for it), `samples` (all that were asked
    for), `share` of the two, `tied`: whether another answer has as many votes, so that none wins, and `agrees`: whether
    this trace gives the winner. The verifier `vote` reads it."""

    Config = MajorityConfig
    name = "majority"
    grows: frozenset[str] = frozenset()
    """Another sample would change the share that written rows have."""
    unkeyed: frozenset[str] = frozenset()

    def __init__(self, config: MajorityConfig) -> None:
        self.config = config
        self._verifier = AnswerVerifier()
        # Computer algebra runs in processes of its own, which end with the worker's strategy.
        weakref.finalize(self, self._verifier.close)

    @property
    def most_traces(self) -> int:
        return self.config.total

    @property
    def expected_calls(self) -> float:
        """Between the votes of one mind, a half and one, and all: their mean."""
        return (self.config.total // 2 + 1 + self.config.total) / 2

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        most, votes = ask.samples(self.config.total), Votes(problem, self._verifier)
        traces: list[Trace] = []
        while (more := votes.least(most - len(traces))) > 0:
            new = await samples_of(self.name, self.config, problem, ask, range(len(traces), len(traces) + more))
            if again := failed(new):
                return again
            traces += new
            # A comparison may take a second of computer algebra: other rollouts go on meanwhile.
            await asyncio.to_thread(votes.count, new)
        marked = [noted(trace, vote=votes.of(index)) for index, trace in enumerate(traces)]
        if marked:
            marked[-1] = noted(marked[-1], stopped="vote_settled" if len(marked) < most else "bound")
        return marked


@dataclass
class Votes:
    """The votes of one problem. `answers`: the texts that differ, in the order in which they came; `choices`: of each
    trace the place of its answer there, None where it has no vote."""

    problem: Problem
    verifier: AnswerVerifier
    answers: list[str] = field(default_factory=list)
    choices: list[int | None] = field(default_factory=list)

    def count(self, traces: Sequence[Trace]) -> None:
        self.choices += [self._choice(trace) for trace in traces]

    def least(self, left: int) -> int:
        """How many more samples, of those that are `left`, the vote needs at least until it is decided; 0 where it is.

        If all of j more agree with the leader, it is ahead by d + j, and the left − j others cannot catch up where they
        are fewer than that.
        """
        tallies = sorted(self._tallies(), reverse=True)
        ahead = (tallies[0] if tallies else 0) - (tallies[1] if len(tallies) > 1 else 0)
        return max(0, min(left, (left - ahead) // 2 + 1))

    def of(self, index: int) -> dict[str, object]:
        tallies = self._tallies()
        most = max(tallies, default=0)
        tied = tallies.count(most) > 1
        winner = tallies.index(most) if tallies and not tied else None
        return {
            "answer": None if winner is None else self.answers[winner],
            "votes": most,
            "samples": len(self.choices),
            "share": most / len(self.choices),
            "tied": tied,
            "agrees": winner is not None and self.choices[index] == winner,
        }

    def _tallies(self) -> list[int]:
        return [self.choices.count(place) for place in range(len(self.answers))]

    def _choice(self, trace: Trace) -> int | None:
        for place, answer in enumerate(self.answers):
            if self._same(answer, trace):
                return place
        stated = self._stated(trace)
        # What does not even equal itself is hedged, or one of several.
        if stated is None or not self._same(stated, trace):
            return None
        self.answers.append(stated)
        return len(self.answers) - 1

    def _stated(self, trace: Trace) -> str | None:
        expected = replace(self.problem, answer=fitting_answer(self.problem.check), metadata={})
        return self.verifier.rule(expected, trace).evidence.get("text")

    def _same(self, answer: str, trace: Trace) -> bool:
        try:
            return self.verifier.rule(replace(self.problem, answer=answer, metadata={}), trace).outcome == "verified"
        except ValueError:
            return False  # no text that could be expected
