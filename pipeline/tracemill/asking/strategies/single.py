"""Ask once, as often as independent samples are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.asking.strategies.strategy import Ask, Judge, prompt_messages, trace_of
from tracemill.records import Problem, Trace


class SingleConfig(BaseModel):
    """`samples` of each problem, or fewer where the teacher has no more to give."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["single"]
    samples: int = Field(default=1, ge=1)


class Single:
    Config = SingleConfig
    name = "single"
    grows = frozenset({"samples"})

    def __init__(self, config: SingleConfig) -> None:
        self.config = config

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        messages = prompt_messages(problem)
        traces = []
        for index in range(ask.samples(self.config.samples)):
            completion = await ask(str(index), messages, {}, index)
            traces.append(trace_of(problem, ask, self.name, completion, index))
        return traces
