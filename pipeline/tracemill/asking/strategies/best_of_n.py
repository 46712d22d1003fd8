"""Ask for n independent samples, keep all, and rank them: of those that are verified, `sft` takes only the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from tracemill.asking.strategies.prompting import SampledConfig
from tracemill.asking.strategies.single import samples_of
from tracemill.asking.strategies.strategy import Ask, Judge, all_of, failed, noted, standing
from tracemill.records import Problem, Trace, Verdict

_ORDER = ("verified", "undecided", "refuted")


class BestOfNConfig(SampledConfig):
    """`samples` of each problem; see `BestOfN` for which is the best."""

    kind: Literal["best_of_n"]
    samples: int = Field(default=8, ge=2, le=10_000)


class BestOfN:
    """`metadata["rank"]` counts from 0, the best: first by what the required verifiers say (verified, undecided,
    refuted), then by the scores of verifiers that grade, then by length, the shorter first, then by number. Selection
    looks at the verdicts that count when it runs, and takes the verified one of the lowest rank."""

    Config = BestOfNConfig
    name = "best_of_n"
    grows: frozenset[str] = frozenset()
    """Another sample would change the ranks of rows that are written."""
    unkeyed: frozenset[str] = frozenset()

    def __init__(self, config: BestOfNConfig) -> None:
        self.config = config
        self.most_traces = self.expected_calls = config.total

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        traces = await samples_of(self.name, self.config, problem, ask, range(self.config.total))
        if again := failed(traces):
            return again
        verdicts = await all_of(map(judge, traces))
        places = sorted(range(len(traces)), key=lambda at: _preference(traces[at], verdicts[at], judge))
        ranks = {at: rank for rank, at in enumerate(places)}
        return [noted(trace, rank=ranks[at]) for at, trace in enumerate(traces)]


def _preference(trace: Trace, verdicts: Sequence[Verdict], judge: Judge) -> tuple[int, float, int, int]:
    score = sum(verdict.score for verdict in verdicts if verdict.score is not None)
    length = trace.completion_tokens
    if length is None:
        length = sum(len(turn.text) for turn in trace.turns)
    return _ORDER.index(standing(verdicts, judge.required)), -score, length, trace.sample_index
