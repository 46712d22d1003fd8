"""What the teacher's calls cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracemill.publishing.as_text import exact_text, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.spending import Amount

_NAMES = {
    "prompt_tokens": "prompt tokens",
    "cached_tokens": "of these from a cache",
    "reasoning_tokens": "reasoning tokens",
    "completion_tokens": "completion tokens, with those of reasoning",
    "seconds": "seconds of calls",
    "gpu_seconds": "seconds of GPUs",
    "joules": "joules of GPUs",
    "money": "money",
}
_PRICES = ("input", "cached_input", "output", "gpu_hour")


def measure(build: BuildReading) -> dict[str, Any]:
    """What all calls that did not fail took, those of refuted traces and of critics too: `total`, and `per_trace` and
    `per_verified` (trace that every required verifier verified). Only what was measured is there: `calls` says of how
    many calls. `currency`: of money; null where the teacher has no prices. `failed`: calls whose cost nobody knows."""
    spent = build.totals.spending
    amounts = {
        name: _amount(name, amount, spent.traces, spent.verified)
        for name, amount in spent.amounts.items()
        if amount.calls
    }
    failed = spent.finish_reasons["error"]
    prices = spent.prices or {}
    return {
        "costs": {
            "calls": spent.answered,
            "failed": failed,
            "currency": prices.get("currency"),
            "prices": {name: price for name in _PRICES if (price := prices.get(name)) is not None},
            "amounts": amounts,
        }
    }


def _amount(name: str, amount: Amount, traces: int, verified: int) -> dict[str, Any]:
    whole = name.endswith("_tokens")
    return {
        "total": int(amount.total) if whole else _rounded(amount.total),
        "calls": amount.calls,
        "per_trace": _share(amount.total, traces, whole),
        "per_verified": _share(amount.total, verified, whole),
    }


def _rounded(value: float) -> float:
    """To six digits that count, since money may come in very small amounts."""
    return float(f"{value:.6g}")


def _share(total: float, count: int, whole: bool) -> float | None:
    """Of each of `count`; where whole things are counted, no finer than tenths from ten on."""
    if not count:
        return None
    each = total / count
    return round(each, 1) if whole and each >= 10 else _rounded(each)


def card(manifest: ManifestContent) -> str:
    costs = manifest["costs"]
    if not costs["amounts"]:
        return "Not measured: no call states what it took."
    heads = ("what", "in all", "per trace", "per verified trace", "stated by")
    return "\n\n".join([_INTRODUCTION, table(heads, _rows(costs)), *_notes(costs)])


_INTRODUCTION = """\
What the calls to the teacher took by its own count, those for refuted solutions too; each call once. Calls overlap, so
their seconds are more than the time that passed. A verified trace is one that every required verifier verified. What
no call states is not in the table; where only some calls state it, the true number is higher."""


def _rows(costs: ManifestContent) -> Iterator[tuple[str, ...]]:
    for name, shown in _NAMES.items():
        if name not in costs["amounts"]:
            continue
        amount = costs["amounts"][name]
        least = amount["calls"] < costs["calls"]
        numbers = (_shown(amount[key], least) for key in ("total", "per_trace", "per_verified"))
        what = f"{shown}, {costs['currency']}" if name == "money" else shown
        yield (what, *numbers, f"{amount['calls']:,} of {costs['calls']:,} calls")


def _notes(costs: ManifestContent) -> Iterator[str]:
    if costs["prices"]:
        there = [name for name in _PRICES if name in costs["prices"]]
        named = ", ".join(f"{name.replace('_', ' ')} {exact_text(costs['prices'][name])}" for name in there)
        yield f"Prices, as the config states them ({costs['currency']}; of tokens per million): {named}."
    if costs["failed"]:
        yield f"Beside these, {costs['failed']:,} calls failed; what they cost is not known."


def _shown(value: float | None, least: bool) -> str:
    """`1,234`, `0.0012`; `at least 1,234` where some calls do not say."""
    if value is None:
        return "–"
    return f"{'at least ' if least else ''}{exact_text(value)}"


def summary(manifest: ManifestContent) -> str:
    costs = manifest["costs"]
    parts = []
    units = {"completion_tokens": "tokens", "seconds": "s", "joules": "J", "money": costs["currency"]}
    for name, unit in units.items():
        amount = costs["amounts"].get(name)
        if amount and amount["per_verified"] is not None:
            parts.append(f"{_shown(amount['per_verified'], amount['calls'] < costs['calls'])} {unit}")
    return f"{', '.join(parts)} for each verified trace" if parts else ""


FIGURE = Figure(measure, ("costs",), "Cost", card, "cost", summary, after="verdicts")
