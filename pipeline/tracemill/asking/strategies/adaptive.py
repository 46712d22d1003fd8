"""Sample a problem until enough is known of it; spend a budget of tokens where it finishes most problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tracemill.asking.strategies.pass_rate import SampleCounts, StopRule
from tracemill.asking.strategies.prompting import PromptedConfig, SampledConfig
from tracemill.asking.strategies.rounds import SampleRounds
from tracemill.asking.strategies.single import samples_of
from tracemill.asking.strategies.strategy import Ask, Judge, SampleShare, all_of, failed, noted, standing
from tracemill.records import Problem, Trace

RateBetween = Annotated[float, Field(gt=0, lt=1)]


class AdaptiveConfig(PromptedConfig):
    """`samples`: at most, of a problem. It has enough with so many `verified` traces and so many `refuted` ones; its
    pass rate is known when the 95% interval is no wider than `width`; it is hopeless where its pass rate is below
    `hopeless` with a probability of 95%, by the Beta posterior whose `prior` is given as (a, b), or as near to 1 while
    refuted traces are wanted; null: that reason is not looked at. `tokens`: budget of completion tokens for all
    problems together; null: none."""

    kind: Literal["adaptive"]
    samples: int = Field(default=32, ge=2, le=512)
    verified: int | None = Field(default=2, ge=1)
    refuted: int = Field(default=0, ge=0)
    width: RateBetween | None = None
    hopeless: RateBetween | None = 0.1
    prior: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = (0.5, 0.5)
    tokens: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _can_end_well(self) -> AdaptiveConfig:
        if self.verified is None and self.width is None:
            raise ValueError("neither 'verified' nor 'width' is set, so that no problem could ever have enough")
        if self.width is None and self.verified is not None and self.samples < self.verified + self.refuted:
            wanted = f"{self.verified} verified and {self.refuted} refuted ones"
            raise ValueError(f"of samples: {self.samples} nobody gets {wanted}; ask for more samples")
        return self


class Adaptive:
    """Samples of one problem are asked for as few at a time as it takes for a reason to stop. With a budget, rounds
    (`rounds.py`) give each problem a share of the samples; what a problem was given and did not need is spent in the
    next round. `metadata["stopped"]` of the last trace of each round says why no more was asked for: `budget` where the
    share was used up, so that the last trace of the problem has the reason that counts."""

    Config = AdaptiveConfig
    name = "adaptive"
    grows = frozenset({"tokens"})
    unkeyed: frozenset[str] = frozenset()

    def __init__(self, config: AdaptiveConfig) -> None:
        self.config = config
        self.rule = StopRule(
            config.samples, config.verified, config.refuted, config.width, config.hopeless, config.prior
        )
        self._sampled = SampledConfig(prompt=config.prompt)

    @property
    def most_traces(self) -> int:
        return self.config.samples

    @property
    def expected_calls(self) -> float:
        """Without a budget, of a problem whose pass rate is drawn from the prior."""
        return self.rule.expected_samples()

    def rounds(self, problems: Sequence[str]) -> SampleRounds:
        return SampleRounds(self.rule, problems, self.config.tokens)

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        share = ask.share or SampleShare(0, self.config.samples)
        state = SampleCounts(share.verified, share.refuted, share.first)
        stop = min(share.stop, ask.samples(share.stop))
        traces: list[Trace] = []
        while (reason := self.rule.reason(state)) is None and state.asked < stop:
            until = min(state.asked + self.rule.least(state), stop)
            new = await samples_of(self.name, self._sampled, problem, ask, range(state.asked, until))
            traces += new
            if failed(new):
                return traces
            found = [standing(verdicts, judge.required) for verdicts in await all_of(map(judge, new))]
            verified, refuted = found.count("verified"), found.count("refuted")
            state = SampleCounts(state.verified + verified, state.refuted + refuted, until)
        if traces:
            traces[-1] = noted(traces[-1], stopped=reason or "budget")
        return traces
