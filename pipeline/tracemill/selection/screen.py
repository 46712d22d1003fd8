"""Screening of problems, before any teacher is asked: licences, benchmark items, duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from tracemill.selection.benchmarks import read_benchmarks
from tracemill.selection.decontaminate import Index, build_index
from tracemill.selection.duplicates import PERMUTATIONS, describe, near_duplicates, sketch
from tracemill.selection.select_config import Decontaminate, SelectConfig
from tracemill.selection.tokens import U64, Tokens, mix, tokenise, whole_hashes

REJECTED = pl.Schema({"id": pl.String, "reason": pl.String, "detail": pl.String})

_ROWS_AT_ONCE = 1024
_NO_LICENCE = r"(?i)^\s*$|\b(unknown|noassertion|none)\b"


def screen(batches: Iterable[pl.DataFrame], config: SelectConfig) -> pl.DataFrame:
    """One row per rejected problem (`id, reason, detail`), sorted by id.

    `batches` have the columns id, source (name), licence, domain, prompt, answer, split, group_id; they are read once
    and about 310 bytes are kept of each problem. The reasons, in this order: `no licence`, `contaminated`,
    `exact duplicate` (same prompt but for case and spacing, same answer), `near duplicate`; `detail` says of what.
    Of duplicates the one with the smallest id is kept; but a problem for training never stands in the way of one that
    is held out: there the one for training is rejected.

    Raises:
        UsageError: a benchmark file that cannot be read or lacks its field.
    """
    index = load_index(config.decontaminate)
    kept = _Kept()
    rejected = [pl.DataFrame(schema=REJECTED)]
    for rows in _slices(batches):
        tokens = tokenise(rows["prompt"].to_list())
        bad = _rejections(rows, tokens, index)
        rejected.append(bad)
        kept.add(rows, tokens, config.dedup.minhash.shingle, ~rows["id"].is_in(bad["id"].implode()))
    rejected += kept.duplicates(config.dedup.minhash.threshold)
    return pl.concat(rejected).sort("id")


def load_index(config: Decontaminate) -> Index | None:
    """Raises UsageError for a benchmark file that cannot be read or lacks its field."""
    return build_index(read_benchmarks(config.benchmarks), config.ngram) if config.benchmarks else None


def _slices(batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for batch in batches:
        yield from batch.iter_slices(_ROWS_AT_ONCE)


def _rejections(rows: pl.DataFrame, tokens: Tokens, index: Index | None) -> pl.DataFrame:
    """What can be said of a problem alone; the first reason counts."""
    hits = [] if index is None else index.contaminated(tokens)
    numbered = rows.select("id", "licence").with_row_index("row")
    unlicensed = numbered.filter(pl.col("licence").fill_null("").str.contains(_NO_LICENCE)).select(
        "row", "id", reason=pl.lit("no licence"), detail=pl.col("licence").fill_null("")
    )
    found = pl.DataFrame(hits, schema={"row": pl.get_index_type(), "detail": pl.String}, orient="row")
    contaminated = numbered.join(found, on="row").select("row", "id", pl.lit("contaminated").alias("reason"), "detail")
    both = pl.concat([unlicensed, contaminated]).unique("row", keep="first", maintain_order=True)
    return both.sort("row").select(REJECTED.names())


@dataclass(slots=True)
class _Kept:
    """What is remembered of the problems that may be kept: 265 bytes and the id."""

    ids: list[pl.Series] = field(default_factory=list)
    held_out: list[pl.Series] = field(default_factory=list)
    exact: bytearray = field(default_factory=bytearray)
    sketches: bytearray = field(default_factory=bytearray)

    def add(self, rows: pl.DataFrame, tokens: Tokens, shingle: int, mask: pl.Series) -> None:
        wanted = mask.to_numpy()
        chosen = rows.filter(mask)
        self.ids.append(chosen["id"])
        self.held_out.append(chosen["split"] == "bench")
        self.exact += _exact_hashes(rows, tokens)[wanted].tobytes()
        self.sketches += sketch(tokens, shingle)[wanted].tobytes()

    def duplicates(self, threshold: float) -> list[pl.DataFrame]:
        """The exact duplicates, then the near ones among the rest."""
        if not self.ids:
            return []
        rows = pl.DataFrame(
            {
                "id": pl.concat(self.ids),
                "held_out": pl.concat(self.held_out),
                "exact": np.frombuffer(self.exact, np.uint64),
            }
        )
        rows = rows.with_row_index("row").sort(["held_out", "id"], descending=[True, False])
        rows = rows.with_columns(first=pl.col("id").first().over("exact"))
        again = rows.filter(pl.col("first") != pl.col("id"))
        exact = again.select("id", pl.lit("exact duplicate").alias("reason"), detail="of " + pl.col("first"))
        return [exact, self._near(rows.filter(pl.col("first") == pl.col("id")), threshold)]

    def _near(self, rows: pl.DataFrame, threshold: float) -> pl.DataFrame:
        sketches = np.frombuffer(self.sketches, np.uint16).reshape(-1, PERMUTATIONS)[rows["row"].to_numpy()]
        found = describe(near_duplicates(sketches, threshold), rows["id"], sketches)
        return found.select("id", pl.lit("near duplicate").alias("reason"), "detail")


def _exact_hashes(rows: pl.DataFrame, tokens: Tokens) -> U64:
    """One hash of prompt and answer. The answer's is mixed once more, so that the two cannot cancel each other."""
    answers = whole_hashes(tokenise(rows["answer"].to_list()))
    return whole_hashes(tokens) ^ mix(answers + np.uint64(1))
