"""What is wrong with a trace as a text, whatever it says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from tracemill.selection.select_config import Quality
from tracemill.selection.tokens import Tokens, ngrams

_LOOP_NGRAM = 16
_LOOP_TIMES = 4
_NOTATION = r"\\[A-Za-z]+|(?-u:\b)[A-Za-z](?-u:\b)"
_THINK_TAG = r"(?i)</?think(ing)?\b[^>]*>"

_SCRIPTS = {
    "Latin": r"\p{Latin}",
    "Cyrillic": r"\p{Cyrillic}",
    "Chinese or Japanese": r"[\p{Han}\p{Hiragana}\p{Katakana}]",
    "Hangul": r"\p{Hangul}",
    "Arabic": r"\p{Arabic}",
    "Hebrew": r"\p{Hebrew}",
    "Devanagari": r"\p{Devanagari}",
    "Thai": r"\p{Thai}",
}
"""Scripts that are told apart. Greek is left out: it is mathematics in every language."""


def flaws(traces: pl.DataFrame, tokens: Tokens, config: Quality) -> pl.DataFrame:
    """Two columns, `reason` and `detail`, one row per trace; both empty where nothing is wrong. The first counts.

    `traces` has finish_reason, reasoning and content; `tokens` are those of both together.
    """
    found = [rule(traces, tokens, config) for rule in RULES.values()]
    reason = pl.coalesce(
        *(pl.when(detail.is_not_null()).then(pl.lit(name)) for name, detail in zip(RULES, found, strict=True))
    )
    return pl.select(reason=reason.fill_null(""), detail=pl.coalesce(*found).fill_null(""))


def _truncated(traces: pl.DataFrame, _tokens: Tokens, _config: Quality) -> pl.Series:
    reason = pl.col("finish_reason")
    return _detail(traces, ~reason.is_in(["stop", "loop"]), reason)


def _looping(traces: pl.DataFrame, tokens: Tokens, config: Quality) -> pl.Series:
    share = pl.lit(pl.Series(repeated_share(tokens)))
    repeats = share >= config.loop_share
    detail = pl.when(repeats).then(
        pl.format("{}% of its 16-grams occur 4 times or more", (share * 100).round(0).cast(int))
    )
    return _detail(
        traces, repeats | (pl.col("finish_reason") == "loop"), detail.otherwise(pl.lit("finish reason loop"))
    )


def _empty(traces: pl.DataFrame, _tokens: Tokens, _config: Quality) -> pl.Series:
    return _detail(traces, pl.col("content").str.strip_chars() == "", pl.lit("no content"))


def _mixed_language(traces: pl.DataFrame, _tokens: Tokens, config: Quality) -> pl.Series:
    """Texts in ASCII alone are in one script, so the patterns are only tried on the others. LaTeX's commands and single
    letters are mathematics in every language."""
    text = pl.col("reasoning") + pl.col("content")
    suspects = traces.select(text.alias("text")).with_row_index("row")
    suspects = suspects.filter(pl.col("text").str.len_bytes() != pl.col("text").str.len_chars())
    suspects = suspects.with_columns(pl.col("text").str.replace_all(_NOTATION, " "))
    counts = suspects.select("row", *(pl.col("text").str.count_matches(p).alias(name) for name, p in _SCRIPTS.items()))
    every = pl.sum_horizontal(*_SCRIPTS)
    shares = counts.select("row", other=(every - pl.max_horizontal(*_SCRIPTS)) / every)
    rows = traces.select(pl.int_range(pl.len(), dtype=pl.get_index_type()).alias("row"))
    other = pl.col("other")
    per_row = rows.join(shares, on="row", how="left", maintain_order="left")
    percent = pl.format("{}% of its letters are of another script", (other * 100).round(0))
    return _detail(per_row, (other > config.other_script_share).fill_null(False), percent)


def _malformed(traces: pl.DataFrame, _tokens: Tokens, _config: Quality) -> pl.Series:
    tag = pl.concat_str("reasoning", "content").str.extract(_THINK_TAG, 0)
    return _detail(traces, tag.is_not_null(), pl.lit("a stray ") + tag)


def _detail(frame: pl.DataFrame, wrong: pl.Expr, detail: pl.Expr) -> pl.Series:
    return frame.select(pl.when(wrong).then(detail).alias("detail"))["detail"]


RULES: dict[str, Callable[[pl.DataFrame, Tokens, Quality], pl.Series]] = {
    "truncated": _truncated,
    "looping": _looping,
    "empty": _empty,
    "mixed language": _mixed_language,
    "malformed": _malformed,
}


def repeated_share(tokens: Tokens) -> npt.NDArray[np.float64]:
    """Of each text, the share of its 16-grams that occur in it four times or more.

    Four, because a final answer repeats its draft, and a check repeats what it checks; a loop goes on. Sixteen,
    because long plans repeat shorter phrases. Of ordinary solutions to the shipped tasks at most 17% is repeated so.
    """
    hashes, counts = ngrams(tokens, _LOOP_NGRAM)
    frame = pl.DataFrame({"row": np.repeat(np.arange(len(counts)), counts), "hash": hashes})
    often = frame.group_by("row", "hash").len().filter(pl.col("len") >= _LOOP_TIMES).group_by("row").agg(pl.sum("len"))
    repeated = np.zeros(len(counts))
    repeated[often["row"].to_numpy()] = often["len"].to_numpy()
    return repeated / np.maximum(counts, 1)
