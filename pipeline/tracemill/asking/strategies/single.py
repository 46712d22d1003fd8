"""Ask for as many independent samples as are wanted, all at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.asking.strategies.strategy import Ask, Judge, prompt_messages, trace_of
from tracemill.records import Completion, Problem, Trace


class SingleConfig(BaseModel):
    """`samples` of each problem, or fewer where the teacher has no more to give."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["single"]
    samples: int = Field(default=1, ge=1, le=10_000)


class Single:
    Config = SingleConfig
    name = "single"
    grows = frozenset({"samples"})

    def __init__(self, config: SingleConfig) -> None:
        self.config = config

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        messages = prompt_messages(problem)
        calls = [ask(str(index), messages, {}, index) for index in range(ask.samples(self.config.samples))]
        # Every call comes to its end, also beside one that ends the run: it may have been paid for.
        answers = await asyncio.gather(*calls, return_exceptions=True)
        return [trace_of(problem, ask, self.name, _completion(one), index) for index, one in enumerate(answers)]


def _completion(answer: Completion | BaseException) -> Completion:
    if isinstance(answer, BaseException):
        raise answer
    return answer
