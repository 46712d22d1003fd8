"""`adaptive` against best of 16 at equal completion tokens, on named distributions of pass rates.

    python -m benchmarks.strategies                     # simulated answers, the real strategies and rounds
    python -m benchmarks.strategies build CONFIG        # a real teacher: both strategies on the same problems
    python -m benchmarks.strategies memory              # the driver's memory with 100,000 queued problems

A simulated sample is right with its problem's pass rate and costs 100 to 900 tokens. Best of 16 takes problems in their
order until the tokens are spent; `adaptive` gets as many tokens and a pool of problems: as many as best of 16 finishes, or
four times as many. Counted are problems with two verified traces, and informative ones (some samples right, some wrong).
The oracle knows every pass rate: it takes the cheapest problems first, each until it counts; its numbers are expected
ones. `build` runs best of 16 on a quarter of the config's problems and `adaptive` on all of them with as many tokens.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

SAMPLES = 16
FINISHED = 500
"""Problems that best of 16 finishes."""
RUNS = 5
TOKENS = (100, 900)

DISTRIBUTIONS: dict[str, Callable[[Random], float]] = {
    "uniform": Random.random,
    "40% hopeless": lambda rng: 0.0 if rng.random() < 0.4 else rng.random(),
    "Beta(0.3, 1)": lambda rng: rng.betavariate(0.3, 1.0),
}


@dataclass
class Simulated:
    """Problems with pass rates; what has been asked, by problem: right or wrong, in the order of samples."""

    rates: Mapping[str, float]
    seed: int
    found: dict[str, list[bool]] = field(default_factory=dict)
    tokens: int = 0

    def answer(self, problem: str, sample: int) -> tuple[bool, int]:
        rng = Random(f"{self.seed}/{problem}/{sample}")
        return rng.random() < self.rates[problem], rng.randint(*TOKENS)

    @property
    def twice(self) -> int:
        return sum(sum(answers) >= 2 for answers in self.found.values())

    @property
    def informative(self) -> int:
        return sum(0 < sum(answers) < len(answers) for answers in self.found.values())


class _Ask:
    """A strategy's `ask` and `judge` over simulated answers."""

    fingerprint = "simulated"
    required = ("simulated",)

    def __init__(self, world: Simulated, problem: str, share: Any) -> None:
        self.world, self.problem, self.share = world, problem, share
        self.learnt: list[Any] = []

    def samples(self, wanted: int) -> int:
        return wanted

    async def __call__(self, call: str, messages: object, sampling: object, sample_index: int = 0) -> Any:
        from tracemill.records import Completion, Turn

        right, tokens = self.world.answer(self.problem, sample_index)
        turn = Turn("assistant", "right" if right else "wrong")
        name = f"{self.problem}-{call}"
        return Completion(name, self.problem, call, "simulated", turn, "stop", completion_tokens=tokens)

    async def judge(self, trace: Any) -> list[Any]:
        from tracemill.asking.strategies.rounds import Found
        from tracemill.records import Verdict

        right = trace.turns[0].content == "right"
        outcome = "verified" if right else "refuted"
        self.world.found.setdefault(self.problem, []).append(right)
        self.world.tokens += trace.completion_tokens
        self.learnt.append(Found(self.problem, trace.sample_index, outcome, trace.completion_tokens))
        return [Verdict("", trace.id, "", "simulated", "1", "answer", outcome, "exact", "")]


class _Judge:
    required = ("simulated",)

    def __init__(self, ask: _Ask) -> None:
        self.ask = ask

    async def __call__(self, trace: Any) -> list[Any]:
        return await self.ask.judge(trace)


async def _run(strategy: Any, world: Simulated, shares: Mapping[str, Any]) -> list[Any]:
    from tracemill.records import Check, Problem, Source

    source, learnt = Source("simulated", "1", "MIT", 0, 0), []
    for name, share in shares.items():
        ask = _Ask(world, name, share)
        await strategy.run(Problem(name, "g", "a.b.c.d", name, "", Check("exact"), source), ask, _Judge(ask))
        learnt += ask.learnt
    return learnt


def best_of(world: Simulated, problems: Sequence[str]) -> None:
    from tracemill.asking.strategies.best_of_n import BestOfN, BestOfNConfig

    strategy = BestOfN(BestOfNConfig(kind="best_of_n", samples=SAMPLES))
    asyncio.run(_run(strategy, world, dict.fromkeys(problems)))


def adaptive(world: Simulated, problems: Sequence[str], tokens: int, refuted: int) -> int:
    """Returns the number of rounds."""
    from tracemill.asking.strategies.adaptive import Adaptive, AdaptiveConfig

    strategy = Adaptive(AdaptiveConfig(kind="adaptive", tokens=tokens, refuted=refuted))
    rounds, count = strategy.rounds(problems), 0
    while shares := rounds.missing():
        count += 1
        for found in asyncio.run(_run(strategy, world, shares)):
            rounds.learn(found)
    return count


def oracle(rates: Iterable[float], tokens: int, cost: Callable[[float], float]) -> int:
    """How many problems it finishes with so many tokens: `cost` is in samples, of a pass rate."""
    left, finished = tokens / statistics.mean(TOKENS), 0
    for samples in sorted(cost(rate) for rate in rates):
        left -= samples
        if left < 0:
            break
        finished += 1
    return finished


def until_two(rate: float) -> float:
    return 2 / rate if rate > 1e-9 else float("inf")


def until_both(rate: float) -> float:
    """Samples until one was right and one wrong."""
    if not 1e-9 < rate < 1 - 1e-9:
        return float("inf")
    return 1 / rate + 1 / (1 - rate) - 1


def simulated() -> None:
    print("                                      two verified                     informative")
    print("distribution   pool  refuted   base  ours  ratio  oracle     base  ours  ratio  oracle   tokens rounds")
    for name, draw in DISTRIBUTIONS.items():
        for times in (1, 4):
            for refuted in (0, 1):
                rows = [_compared(draw, times, refuted, seed) for seed in range(RUNS)]
                base, ours, bound, base2, ours2, bound2, spent, rounds = map(statistics.mean, zip(*rows, strict=True))
                print(
                    f"{name:<13} {times * FINISHED:5} {refuted:8} "
                    f"{base:6.0f}{ours:6.0f}{ours / base:6.2f}x{bound / base:7.2f}x   "
                    f"{base2:6.0f}{ours2:6.0f}{ours2 / base2:6.2f}x{bound2 / base2:7.2f}x   {spent:6.3f} {rounds:5.1f}",
                    flush=True,
                )


def _compared(draw: Callable[[Random], float], times: int, refuted: int, seed: int) -> tuple[float, ...]:
    rng = Random(seed)
    rates = {f"{number:06d}": draw(rng) for number in range(times * FINISHED)}
    problems = sorted(rates)
    base, ours = Simulated(rates, seed), Simulated(rates, seed)
    best_of(base, problems[:FINISHED])
    rounds = adaptive(ours, problems, base.tokens, refuted)
    two = oracle(rates.values(), base.tokens, until_two)
    both = oracle(rates.values(), base.tokens, until_both)
    counts = (base.twice, ours.twice, two, base.informative, ours.informative, both)
    return (*counts, ours.tokens / base.tokens, rounds)


if __name__ == "__main__":
    simulated()
