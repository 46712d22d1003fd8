"""What a dry run says of the calls to a teacher that costs something: requests, tokens, hours of GPUs, money.

No call is made. Tokens come from the calls that this build has already, else from what the config allows; where neither
is there, nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tracemill.records import Problem
from tracemill.running.build_config import BuildConfig
from tracemill.running.phases.phase import Build

CHARACTERS = 4
"""Of a prompt's English to a token, about."""


@dataclass(frozen=True, slots=True)
class CallEstimate:
    """`requests`, and what they take in all; null where nothing says so. `at_most`: the completion tokens are what the
    config allows for so many replies, so that hours and money are those of the longest ones. `prompts_from`,
    `replies_from`: on what the tokens rest, in words. `currency`: of `money`."""

    requests: int
    prompt_tokens: int | None
    completion_tokens: int | None
    at_most: bool
    prompts_from: str
    replies_from: str
    gpu_hours: float | None
    money: float | None
    currency: str | None


def estimate_calls(build: Build, requests: int, sampled: Sequence[Problem]) -> CallEstimate:
    """`sampled`: problems that the sources give, for the length of their prompts."""
    config, earlier = build.config, _earlier(build)
    prompt, prompts_from = earlier.mean("prompt_tokens"), earlier.told
    if prompt is None:
        prompt, prompts_from = _prompt_length(sampled)
    reply, replies_from, at_most = earlier.mean("completion_tokens"), earlier.told, False
    if reply is None:
        reply, replies_from = _allowed(config)
        at_most = reply is not None
    prompt_tokens, completion_tokens = (None if one is None else round(one * requests) for one in (prompt, reply))
    budget = getattr(config.strategy, "tokens", None)
    if budget is not None and (completion_tokens is None or completion_tokens > budget):
        completion_tokens, replies_from, at_most = budget, f"strategy.tokens, its budget of {budget:,}", True
    prices = _prices(config)
    hours = _gpu_hours(requests, completion_tokens, earlier.mean("gpu_seconds"), prices)
    money = _money(prompt_tokens, completion_tokens, hours, prices)
    currency = prices.get("currency") if money is not None else None
    return CallEstimate(
        requests, prompt_tokens, completion_tokens, at_most, prompts_from, replies_from, hours, money, currency
    )


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The calls that a build has and that did not fail: what each states, by column."""

    calls: pl.DataFrame

    def mean(self, column: str) -> float | None:
        stated = self.calls[column].drop_nulls()
        return float(str(stated.mean())) if len(stated) else None

    @property
    def told(self) -> str:
        return f"the {self.calls.height:,} calls that this build has"


_STATED = ("finish_reason", "prompt_tokens", "completion_tokens", "metadata")


def _earlier(build: Build) -> _Earlier:
    gpu_seconds = pl.col("metadata").str.json_path_match("$.gpu_seconds").cast(pl.Float64, strict=False)
    schema = {"prompt_tokens": pl.Int64, "completion_tokens": pl.Int64, "gpu_seconds": pl.Float64}
    batches = build.store.scan(build.latest, "completions", _STATED) if build.latest else ()
    frames = (pl.DataFrame(batch).filter(pl.col("finish_reason") != "error") for batch in batches)
    chosen = (frame.select("prompt_tokens", "completion_tokens", gpu_seconds=gpu_seconds) for frame in frames)
    return _Earlier(pl.concat([pl.DataFrame(schema=schema), *chosen]))


def _prompt_length(sampled: Sequence[Problem]) -> tuple[float | None, str]:
    if not sampled:
        return None, "nothing: the sources gave no problem"
    characters = sum(len(one.system) + len(one.prompt) for one in sampled) / len(sampled)
    said = f"the prompts of {len(sampled)} problems, at {CHARACTERS} characters a token, without a strategy's own words"
    return characters / CHARACTERS, said


def _allowed(config: BuildConfig) -> tuple[float | None, str]:
    allowed = getattr(getattr(config.teacher, "sampling", None), "max_tokens", None)
    if allowed is None:
        return None, "nothing: set teacher.sampling.max_tokens, or build a few problems first"
    return float(allowed), f"teacher.sampling.max_tokens, {allowed:,} for each reply"


def _prices(config: BuildConfig) -> dict[str, Any]:
    prices = getattr(config.teacher, "prices", None)
    return prices.model_dump() if prices else {}


def _gpu_hours(requests: int, tokens: int | None, measured: float | None, prices: dict[str, Any]) -> float | None:
    if measured is not None:
        return measured * requests / 3600
    speed = prices.get("gpu_tokens_per_second")
    return tokens / speed / 3600 if tokens is not None and speed else None


def _money(
    prompt_tokens: int | None, completion_tokens: int | None, hours: float | None, prices: dict[str, Any]
) -> float | None:
    """Null where there is no price, or no number of what has one."""
    priced = {
        "input": None if prompt_tokens is None else prompt_tokens / 1e6,
        "output": None if completion_tokens is None else completion_tokens / 1e6,
        "gpu_hour": hours,
    }
    parts = [(amount, prices[name]) for name, amount in priced.items() if prices.get(name) is not None]
    if not parts:
        return None
    return None if any(amount is None for amount, _ in parts) else sum((amount or 0) * price for amount, price in parts)
