"""Screening of problems, before any teacher is asked: licences, benchmark items, contradictory answers, duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl

from tracemill.selection.benchmarks import read_benchmarks
from tracemill.selection.conflicts import Again, contradicted
from tracemill.selection.decontaminate import Index, build_index
from tracemill.selection.duplicates import PERMUTATIONS, describe, near_duplicates, sketch
from tracemill.selection.select_config import Decontaminate, SelectConfig
from tracemill.selection.tokens import U64, Tokens, mix, tokenise, whole_hashes

REJECTED = pl.Schema({"id": pl.String, "reason": pl.String, "detail": pl.String})

_ROWS_AT_ONCE = 1024
_NO_LICENCE = r"(?i)^\s*$|\b(unknown|noassertion|none)\b"


class Screened(NamedTuple):
    """`rejected`: one row per rejected problem (`id, reason, detail`), sorted by id. `conflicts`: of how many
    `questions`, and `problems`, the answers are contradictory, whether these were rejected or kept."""

    rejected: pl.DataFrame
    conflicts: dict[str, int]


def screen(batches: Iterable[pl.DataFrame], config: SelectConfig, again: Again) -> Screened:
    """Which problems are not worth asking about.

    `batches` have the columns id, source (name), licence, domain, prompt, answer, split, group_id; they are read once
    and about 320 bytes are kept of each problem. `again` reads those whose answers may be contradictory once more. The
    reasons, in this order: `no licence`, `contaminated`, `contradictory answers` (unless `conflicts` keeps these),
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
    problems = kept.problems()
    conflicting = contradicted(problems, again)
    counts = {"questions": conflicting["question"].n_unique(), "problems": len(conflicting)}
    if config.conflicts == "reject":
        rejected.append(
            conflicting.select("id", pl.lit("contradictory answers").alias("reason"), detail="as of " + pl.col("first"))
        )
        problems = problems.join(conflicting, on="id", how="anti", maintain_order="left")
    apart = conflicting if config.conflicts == "keep" else conflicting.clear()
    rejected += kept.duplicates(problems, apart, config.dedup.minhash.threshold)
    return Screened(pl.concat(rejected).sort("id"), counts)


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
    """What is remembered of the problems that may be kept: 273 bytes and the id."""

    ids: list[pl.Series] = field(default_factory=list)
    held_out: list[pl.Series] = field(default_factory=list)
    questions: bytearray = field(default_factory=bytearray)
    exact: bytearray = field(default_factory=bytearray)
    sketches: bytearray = field(default_factory=bytearray)

    def add(self, rows: pl.DataFrame, tokens: Tokens, shingle: int, mask: pl.Series) -> None:
        wanted = mask.to_numpy()
        chosen = rows.filter(mask)
        self.ids.append(chosen["id"])
        self.held_out.append(chosen["split"] == "bench")
        questions = whole_hashes(tokens)
        self.questions += questions[wanted].tobytes()
        self.exact += _with_answers(questions, rows)[wanted].tobytes()
        self.sketches += sketch(tokens, shingle)[wanted].tobytes()

    def problems(self) -> pl.DataFrame:
        """row, id, held_out, question, exact; those first of which a duplicate is rejected last."""
        rows = pl.DataFrame(
            {
                "id": pl.concat([pl.Series("id", [], pl.String), *self.ids]),
                "held_out": pl.concat([pl.Series("held_out", [], pl.Boolean), *self.held_out]),
                "question": np.frombuffer(self.questions, np.uint64),
                "exact": np.frombuffer(self.exact, np.uint64),
            }
        )
        return rows.with_row_index("row").sort(["held_out", "id"], descending=[True, False])

    def duplicates(self, rows: pl.DataFrame, apart: pl.DataFrame, threshold: float) -> list[pl.DataFrame]:
        """The exact duplicates, then the near ones among the rest. Of the problems `apart` only one of each question
        may be like others: what contradicts each other is no duplicate."""
        rows = rows.with_columns(first=pl.col("id").first().over("exact"))
        again = rows.filter(pl.col("first") != pl.col("id"))
        exact = again.select("id", pl.lit("exact duplicate").alias("reason"), detail="of " + pl.col("first"))
        others = apart.filter(pl.col("id") != pl.col("first"))["id"]
        left = rows.filter((pl.col("first") == pl.col("id")) & ~pl.col("id").is_in(others.implode()))
        return [exact, self._near(left, threshold)]

    def _near(self, rows: pl.DataFrame, threshold: float) -> pl.DataFrame:
        sketches = np.frombuffer(self.sketches, np.uint16).reshape(-1, PERMUTATIONS)[rows["row"].to_numpy()]
        found = describe(near_duplicates(sketches, threshold), rows["id"], sketches)
        return found.select("id", pl.lit("near duplicate").alias("reason"), "detail")


def _with_answers(questions: U64, rows: pl.DataFrame) -> U64:
    """One hash of prompt and answer. The answer's is mixed once more, so that the two cannot cancel each other."""
    answers = whole_hashes(tokenise(rows["answer"].to_list()))
    return questions ^ mix(answers + np.uint64(1))
