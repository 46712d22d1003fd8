"""Screening of problems, before any teacher is asked: licences, benchmark items, contradictory answers, duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tracemill.selection.benchmarks import read_benchmarks
from tracemill.selection.conflicts import Again, contradicted
from tracemill.selection.decontaminate import Index, build_index
from tracemill.selection.duplicates import details, near_duplicates, sketch
from tracemill.selection.select_config import Decontaminate, SelectConfig
from tracemill.selection.slices import slices
from tracemill.selection.stored_sketches import StoredSketches
from tracemill.selection.tokens import I64, U64, Tokens, mix, tokenise, whole_hashes

REJECTED = pl.Schema({"id": pl.String, "reason": pl.String, "detail": pl.String})

_ROWS_AT_ONCE = 1024
_NO_LICENCE = r"(?i)^\s*$|\b(unknown|noassertion|none)\b"


class Screened(NamedTuple):
    """`rejected`: one row per rejected problem (`id, reason, detail`), sorted by id, in frames of some thousand rows.
    `conflicts`: of how many `questions`, and `problems`, the answers are contradictory, whether these were rejected or
    kept."""

    rejected: Iterator[pl.DataFrame]
    conflicts: dict[str, int]


def screen(
    batches: Iterable[pl.DataFrame],
    config: SelectConfig,
    again: Again,
    index: Index | None,
    folder: Path,
    published: Iterable[pl.DataFrame] = (),
) -> Screened:
    """Which problems are not worth asking about.

    `batches` have the columns id, source (name), licence, domain, prompt, answer, split, group_id; they are read once.
    Of each problem 256 bytes are kept in `folder`, and some 200 in memory. `again` reads those whose answers may be
    contradictory once more. The reasons, in this order: `no licence`, `contaminated` (where there is an `index` of
    benchmarks), `contradictory answers` (unless `conflicts` keeps these), `exact duplicate` (same prompt but for case
    and spacing, same answer; unless `dedup.same_question` keeps these), `near duplicate`; `detail` says of what. Of
    duplicates the one with the smallest id is kept; but a problem for training never stands in the way of one that is
    held out: there the one for training is rejected. And whatever is `published` already (id, prompt, answer) stands
    in the way of all: what is like it is `published before`, what contradicts it is contradictory.
    """
    kept = _Kept(StoredSketches(folder / "sketches"), config.dedup.same_question)
    shingle = config.dedup.minhash.shingle
    for batch in published:
        for rows in slices(batch, _ROWS_AT_ONCE, ("prompt",)):
            kept.add_published(rows, tokenise(rows["prompt"].to_list()), shingle)
    alone = [pl.DataFrame(schema=REJECTED)]
    for batch in batches:
        for rows in slices(batch, _ROWS_AT_ONCE, ("prompt",)):
            tokens = tokenise(rows["prompt"].to_list())
            bad = _rejections(rows, tokens, index)
            alone.append(bad)
            kept.add(rows, tokens, shingle, ~rows["id"].is_in(bad["id"].implode()))
    ids = pl.concat([pl.Series("id", [], pl.String), *kept.ids])
    conflicting = contradicted(kept.asked_again(ids), again)
    conflicting = conflicting.filter(~pl.col("id").is_in(ids.head(kept.published).implode()))
    counts = {"questions": conflicting["question"].n_unique(), "problems": len(conflicting)}
    if config.conflicts == "reject":
        reason = pl.lit("contradictory answers").alias("reason")
        alone.append(conflicting.select("id", reason, detail="as of " + pl.col("first")))
        duplicates = kept.duplicates(ids, conflicting["id"], conflicting["id"], config.dedup.minhash.threshold)
    else:
        others = conflicting.filter(pl.col("id") != pl.col("first"))["id"]
        duplicates = kept.duplicates(ids, others.clear(), others, config.dedup.minhash.threshold)
    return Screened(_merged(pl.concat(alone).sort("id"), duplicates), counts)


def load_index(config: Decontaminate) -> Index | None:
    """Raises UsageError for a benchmark file that cannot be read or lacks its field."""
    return build_index(read_benchmarks(config.benchmarks), config.ngram) if config.benchmarks else None


def _merged(alone: pl.DataFrame, duplicates: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Two tables of different rows in one order."""
    for some in duplicates:
        before = int(alone["id"].search_sorted(some["id"][-1]))
        yield pl.concat([alone.head(before), some]).sort("id")
        alone = alone.slice(before)
    if len(alone):
        yield alone


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


class _Found(NamedTuple):
    """Duplicates: row numbers, those kept instead, whether they are exact, and whether what is kept instead was
    published before; by id."""

    rows: I64
    kept: I64
    exact: npt.NDArray[np.bool_]
    before: npt.NDArray[np.bool_]


class _Kept:
    """What is remembered of the problems that may be kept; those that are published already come first."""

    def __init__(self, sketches: StoredSketches, same_question: str) -> None:
        self._same_question = same_question
        self.ids: list[pl.Series] = []
        self._held_out: list[pl.Series] = []
        self._questions = bytearray()
        self._exact = bytearray()
        self._sketches = sketches
        self.published = 0

    def add_published(self, rows: pl.DataFrame, tokens: Tokens, shingle: int) -> None:
        """Rows (id, prompt, answer) that nothing can be kept instead of; all of them before any other."""
        self.add(rows.with_columns(split=pl.lit("train")), tokens, shingle, pl.repeat(True, len(rows), eager=True))
        self.published += len(rows)

    def add(self, rows: pl.DataFrame, tokens: Tokens, shingle: int, mask: pl.Series) -> None:
        wanted = mask.to_numpy()
        chosen = rows.filter(mask)
        self.ids.append(chosen["id"])
        self._held_out.append(chosen["split"] == "bench")
        questions = whole_hashes(tokens)
        self._questions += questions[wanted].tobytes()
        self._exact += _with_answers(questions, rows)[wanted].tobytes()
        self._sketches.add(sketch(tokens, shingle)[wanted])

    def asked_again(self, ids: pl.Series) -> pl.DataFrame:
        """id, question and exact, of the problems whose question another one asks too."""
        questions, exact = (np.frombuffer(hashes, np.uint64) for hashes in (self._questions, self._exact))
        again, first = _repeated(questions)
        places = np.union1d(again, first)
        return pl.DataFrame({"id": ids.gather(places), "question": questions[places], "exact": exact[places]})

    def duplicates(
        self, ids: pl.Series, rejected: pl.Series, apart: pl.Series, threshold: float
    ) -> Iterator[pl.DataFrame]:
        """The exact duplicates, and the near ones among the rest, by id; of problems that are not rejected already.
        Those `apart` are not compared with others: what contradicts each other is no duplicate."""
        with self._sketches:
            if not len(ids):
                return
            left, alike = (~ids.is_in(some.implode()).to_numpy() for some in (rejected, apart))
            rows, kept, exact, before = self._found(ids, left, alike, threshold)
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                some = slice(start, start + _ROWS_AT_ONCE)
                yield self._frame(ids, _Found(rows[some], kept[some], exact[some], before[some]))

    def _found(
        self, ids: pl.Series, left: npt.NDArray[np.bool_], alike: npt.NDArray[np.bool_], threshold: float
    ) -> _Found:
        held_out = pl.concat(self._held_out).to_numpy()
        by_id = ids.arg_sort().to_numpy().astype(np.int32)
        by_id = by_id[left[by_id]]
        before = by_id < self.published
        groups = (before, ~before & held_out[by_id], ~before & ~held_out[by_id])
        order = np.concatenate([by_id[group] for group in groups])
        again, first = _repeated(np.frombuffer(self._exact, np.uint64)[order])
        single = alike[order]
        single[again] = False
        rest = order[single]
        later, earlier = near_duplicates(self._sketches, rest, threshold)
        if self._same_question == "keep":
            # They go together: out with the one that stands for them, or not at all.
            gone = np.isin(order[first], rest[later])
            again, first = again[gone], first[gone]
        rows = np.concatenate((order[again], rest[later])).astype(np.int64)
        kept = np.concatenate((order[first], rest[earlier])).astype(np.int64)
        place = np.empty(len(ids), np.int32)
        place[by_id] = np.arange(len(by_id), dtype=np.int32)
        sorted_ = np.argsort(place[rows])
        sorted_ = sorted_[rows[sorted_] >= self.published]
        exact = np.arange(len(rows)) < len(again)
        return _Found(rows[sorted_], kept[sorted_], exact[sorted_], kept[sorted_] < self.published)

    def _frame(self, ids: pl.Series, found: _Found) -> pl.DataFrame:
        of = ids.gather(found.kept)
        alike = details(of, self._sketches.take(found.rows), self._sketches.take(found.kept))
        exact, before = (pl.lit(pl.Series(part)) for part in (found.exact, found.before))
        fresh = pl.when(exact).then(pl.lit("exact duplicate")).otherwise(pl.lit("near duplicate"))
        return pl.select(
            id=ids.gather(found.rows),
            reason=pl.when(before).then(pl.lit("published before")).otherwise(fresh),
            detail=pl.when(exact).then("of " + pl.lit(of)).otherwise(pl.lit(alike)),
        )


def _repeated(hashes: U64) -> tuple[I64, I64]:
    """Places of values that were there before, and for each the place of the first."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    again = np.zeros(len(ordered), np.bool_)
    again[1:] = ordered[1:] == ordered[:-1]
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(order))))
    return order[again], order[first[again]]


def _with_answers(questions: U64, rows: pl.DataFrame) -> U64:
    """One hash of prompt and answer. The answer's is mixed once more, so that the two cannot cancel each other."""
    answers = whole_hashes(tokenise(rows["answer"].to_list()))
    return questions ^ mix(answers + np.uint64(1))
