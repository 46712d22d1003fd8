"""Counts, shares and rates as text, for card and summary: the same number looks the same wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from tracemill.settings.encoders import markdown_code
from tracemill.settings.errors import TracemillError
from tracemill.verifiers.intervals import wilson

NOT_MEASURED = "not measured"

_BAR = re.compile(r"(\\*)\|")


class MeasuredRate(TypedDict):
    """`count` of `of` cases; `low` and `high` are shares (0–1), the bounds of a 95% interval (Wilson)."""

    count: int
    of: int
    low: float
    high: float


def rate(count: int, of: int) -> MeasuredRate:
    low, high = wilson(count, of)
    return {"count": count, "of": of, "low": round(low, 4), "high": round(high, 4)}


def rate_text(value: MeasuredRate) -> str:
    """`3 of 240 (0.4% to 3.6%)`; `not measured` where there was no case."""
    if not value["of"]:
        return NOT_MEASURED
    return f"{value['count']:,} of {value['of']:,} ({share_text(value['low'])} to {share_text(value['high'])})"


def share_text(value: float | None, absent: str = NOT_MEASURED) -> str:
    """A share (0–1) as a percentage; only 0 is shown as 0% and only 1 as 100%.

    Raises:
        TracemillError: a number that is no share.
    """
    if value is None:
        return absent
    if not 0 <= value <= 1:
        raise TracemillError(f"the manifest has a share of {value}; shares lie between 0 and 1")
    if value in (0, 1):
        return f"{value:.0%}"
    if value < 0.0005:
        return "<0.1%"
    return ">99.9%" if value >= 0.9995 else f"{value:.1%}"


def amount_text(value: float | None) -> str:
    if value is None:
        return NOT_MEASURED
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def exact_text(value: float) -> str:
    """Every digit, whatever the size: `1,234`, `0.0000012`."""
    return f"{value:,}" if isinstance(value, int) else format(Decimal(repr(value)), ",f").removesuffix(".0")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table. Its cells are Markdown: text of others goes through `markdown_text` or `markdown_code`."""
    lines = [heads, ["---"] * len(heads), *([_cell(one) for one in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(markdown: str) -> str:
    r"""Within a table a bar ends the cell, also in a code span.

    Attack: `\|`, which some readers take for an escaped backslash and a bar once the bar has a backslash of ours.
    """
    return _BAR.sub(lambda found: f"{found[1]}{' ' if found[1] else ''}\\|", " ".join(markdown.split()))


def named(names: Iterable[str]) -> str:
    return ", ".join(map(markdown_code, names))


def numbers(text: str) -> list[str]:
    """Every number in a text, as written: `1,234`, `5.4.1`, `92.3`."""
    return re.findall(r"\d+(?:[.,]\d+)*", text)


def looks_of(value: Any) -> Iterator[str]:
    """Everything that a value of the manifest, or a value in it, may look like in a text."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from looks_of(item)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Iterable):
        for item in value:
            yield from looks_of(item)
    elif isinstance(value, int | float):
        yield from (str(value), amount_text(value), exact_text(value), share_text(value) if 0 <= value <= 1 else "")
