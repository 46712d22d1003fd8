"""Ask for as many independent samples as are wanted, all at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tracemill.asking.strategies.prompting import SampledConfig, prompt_messages
from tracemill.asking.strategies.strategy import Ask, Judge, all_of, trace_of
from tracemill.records import Problem, Trace


class SingleConfig(SampledConfig):
    """`samples` of each problem, or fewer where the teacher has no more to give."""

    kind: Literal["single"]


class Single:
    Config = SingleConfig
    name = "single"
    grows = frozenset({"samples"})
    unkeyed: frozenset[str] = frozenset()

    def __init__(self, config: SingleConfig) -> None:
        self.config = config
        self.most_traces = self.expected_calls = config.total

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        return await samples_of(self.name, self.config, problem, ask, range(self.config.total))


async def samples_of(strategy: str, config: SampledConfig, problem: Problem, ask: Ask, wanted: range) -> list[Trace]:
    """The samples of these numbers, or fewer where the teacher has no more to give, all asked for at the same time."""
    messages = prompt_messages(problem, config.prompt)
    there = ask.samples(wanted.stop)
    numbers = [index for index in wanted if index < there]
    sampled = {index: config.sample(index) for index in numbers}
    answers = await all_of(ask(path, messages, sampling, index) for index, (path, sampling) in sampled.items())
    return [trace_of(problem, ask, strategy, one, index) for index, one in zip(numbers, answers, strict=True)]
