"""`adaptive` against best of 16 at equal completion tokens, on named distributions of pass rates.

    python -m benchmarks.strategies                 # simulated answers; the real strategies and rounds
    python -m benchmarks.strategies build CONFIG    # a real teacher: both strategies on a config's problems
    python -m benchmarks.strategies memory          # the driver's memory with 100,000 queued problems

A simulated sample is right with its problem's pass rate and costs 100 to 900 tokens. Best of 16 takes problems in their
order until the tokens are spent; `adaptive` gets as many tokens and a pool of problems: as many as best of 16 finishes,
or four times as many. Counted are problems with two verified traces, and informative ones (some samples right, some
wrong). The oracle knows every pass rate: it takes the cheapest problems first, each until it counts; its numbers are
expected ones. `build` runs best of 16 on a quarter of the config's problems (`sources.0.limit`, or `per_task`), then
`adaptive` on all of them with as many tokens.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
        from tracemill.asking.strategies.rounds import FoundSample
        from tracemill.records import Verdict

        right = trace.turns[0].content == "right"
        outcome = "verified" if right else "refuted"
        self.world.found.setdefault(self.problem, []).append(right)
        self.world.tokens += trace.completion_tokens
        self.learnt.append(FoundSample(self.problem, trace.sample_index, outcome, trace.completion_tokens))
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


def built(config: str, overrides: Sequence[str]) -> None:
    """Both strategies through `tracemill build`, until the traces are there."""
    from tracemill.running.build_config import read_config

    source = read_config(config, overrides).sources[0]
    key = "per_task" if source.kind == "domains" else "limit"
    whole = getattr(source, key)
    if not whole:
        sys.exit(f"set sources.0.{key}: so many problems are shared out")
    with tempfile.TemporaryDirectory() as folder:
        quarter = [
            *overrides,
            f"sources.0.{key}={whole // 4}",
            "strategy.kind=best_of_n",
            f"strategy.samples={SAMPLES}",
        ]
        base = _outcomes(config, quarter, f"{folder}/best_of_16")
        adaptive = [*overrides, "strategy.kind=adaptive", "strategy.samples=32", "strategy.refuted=1"]
        adaptive.append(f"strategy.tokens={base.tokens}")
        ours = _outcomes(config, adaptive, f"{folder}/adaptive")
    for name, base_count, our_count in (
        ("problems with two verified traces", base.twice, ours.twice),
        ("informative problems", base.informative, ours.informative),
        ("completion tokens", base.tokens, ours.tokens),
    ):
        ratio = our_count / base_count if base_count else float("inf")
        print(f"{name:<34} best of 16: {base_count:9}   adaptive: {our_count:9}   {ratio:.2f}x")


def _outcomes(config: str, overrides: Sequence[str], out: str) -> Simulated:
    """Right and wrong samples of a build's problems, from its tables."""
    from tracemill.store.store import Store

    sets = [word for one in overrides for word in ("--set", one)]
    command = [sys.executable, "-m", "tracemill", "build", config, "--out", out, "--until", "verdicts", *sets]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    store, found = Store(out), Simulated({}, 0)
    latest = store.latest()
    assert latest is not None
    outcomes: dict[str, list[str]] = {}
    for batch in store.scan(latest, "verdicts", ("trace_id", "outcome")):
        for row in batch.to_pylist():
            outcomes.setdefault(row["trace_id"], []).append(row["outcome"])
    for batch in store.scan(latest, "traces", ("id", "problem_id", "completion_tokens")):
        for row in batch.to_pylist():
            found.tokens += row["completion_tokens"] or 0
            said = set(outcomes.get(row["id"], ()))
            if "refuted" in said or said == {"verified"}:
                found.found.setdefault(row["problem_id"], []).append("refuted" not in said)
    return found


def memory(problems: int) -> None:
    """What the decisions of `adaptive` take in the driver, above what was there before, with a share for each."""
    from tracemill.asking.strategies.adaptive import Adaptive, AdaptiveConfig
    from tracemill.asking.strategies.rounds import FoundSample

    strategy = Adaptive(AdaptiveConfig(kind="adaptive", tokens=10**12))
    rounds = strategy.rounds(["0" * 20])
    rounds.missing()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rng = Random(7)
    rounds = strategy.rounds([f"{number:020x}" for number in range(problems)])
    for count in range(3):
        shares = rounds.missing()
        for name, share in shares.items():
            for sample in range(share.first, min(share.stop, share.first + 8)):
                rounds.learn(FoundSample(name, sample, "verified" if rng.random() < 0.05 else "refuted", 500))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"round {count}: {len(shares)} problems have a share; {grown:.0f} MB above what there was", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind")
    build = kinds.add_parser("build")
    build.add_argument("config")
    build.add_argument("--set", action="append", default=[], dest="overrides")
    held = kinds.add_parser("memory")
    held.add_argument("--problems", type=int, default=100_000)
    chosen = parser.parse_args()
    if chosen.kind == "build":
        built(chosen.config, chosen.overrides)
    elif chosen.kind == "memory":
        memory(chosen.problems)
    else:
        simulated()


if __name__ == "__main__":
    main()
