"""Quick measures of how varied a build is, and the alarm for one that collapsed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tracemill.records.sizes import fitting
from tracemill.selection import select_config as config
from tracemill.selection.tokens import ngrams, tokenise

SAMPLE = 1000
SAMPLE_BYTES = 4 << 20
"""Texts that are measured: so many, or fewer where they are long; the sample ends with the text that reaches either."""


@dataclass(frozen=True, slots=True)
class Variety:
    """Measured on `texts` texts. `distinct_2`: different pairs of tokens per pair (Li et al. 2016). `compression`:
    bytes over compressed bytes (Shaib et al. 2024). `domains`, `skills`: the share of each, of all rows."""

    texts: int
    distinct_2: float
    compression: float
    domains: Mapping[str, float]
    skills: Mapping[str, float]


def variety(rows: pl.DataFrame) -> Variety | None:
    """Of rows with the columns id, domain, skill, text; None where there are no rows.

    The texts measured are the 1000 with the smallest ids, which are hashes; fewer, where they reach 4 MB. Both measures
    depend on how many texts there are, so that they compare between builds only at equal numbers.
    """
    if rows.is_empty():
        return None
    texts = sample(rows)["text"].to_list()
    pairs, _ = ngrams(tokenise(texts), 2)
    data = "\n".join(texts).encode()
    return Variety(
        texts=len(texts),
        distinct_2=round(pl.Series(pairs).n_unique() / max(len(pairs), 1), 4),
        compression=round(len(data) / len(zlib.compress(data, 6)), 2),
        domains=_shares(rows["domain"]),
        skills=_shares(rows["skill"]),
    )


def sample(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows whose texts are measured, by id."""
    ordered = rows.sort("id")
    sizes = ordered["text"].str.len_bytes().cast(pl.Int64).to_numpy()
    return ordered.head(fitting(sizes, SAMPLE, SAMPLE_BYTES))


def _shares(column: pl.Series) -> dict[str, float]:
    counts = column.value_counts().sort(column.name)
    return {name: round(count / len(column), 4) for name, count in counts.iter_rows()}


def alarms(found: Variety, limits: config.VarietyConfig) -> list[str]:
    """One sentence per limit that `found` breaks."""
    told = []
    if found.distinct_2 < limits.min_distinct_2:
        told.append(
            f"the texts have collapsed: distinct-2 is {found.distinct_2} over {found.texts} texts, "
            f"select.variety.min_distinct_2 is {limits.min_distinct_2}"
        )
    if found.compression > limits.max_compression:
        told.append(
            f"the texts have collapsed: they compress {found.compression} times over {found.texts} texts, "
            f"select.variety.max_compression is {limits.max_compression}"
        )
    return told
