"""Expected answers that are none that a check could use, by kind, and what became of their problems."""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

import polars as pl

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.sources.triage import TRIAGE, AnswerKind, kind_of_reason

_WORDS: dict[AnswerKind, str] = {
    "empty": "empty",
    "not_found": "not found",
    "proof": "a proof",
    "several_parts": "several parts",
    "essay": "an essay",
    "unreadable": "unreadable",
}


def measure(build: BuildReading) -> dict[str, Any]:
    """By kind, how many problems were `rejected`, and how many were `kept` as ones whose answer nobody knows."""
    rejected: Counter[AnswerKind] = Counter()
    for reason, count in build.decisions("lines").select("reason", "len").iter_rows():
        if kind := kind_of_reason(reason):
            rejected[kind] += count
    kept = _kept(build)
    kinds = [kind for kind in get_args(AnswerKind) if rejected[kind] or kept[kind]]
    return {"answer_kinds": {kind: {"rejected": rejected[kind], "kept": kept[kind]} for kind in kinds}}


def _kept(build: BuildReading) -> Counter[str]:
    found: Counter[str] = Counter()
    policies = [source.get("answers") or {} for source in build.config["sources"]]
    if not any("keep_unverified" in policy.values() for policy in policies):
        return found
    for batch in build.tables.batches("problems", ("metadata",)):
        kinds = batch["metadata"].str.json_path_match(f"$.{TRIAGE}").drop_nulls()
        found.update(dict(pl.DataFrame({"kind": kinds}).group_by("kind").len().iter_rows()))
    return found


def card(manifest: ManifestContent) -> str:
    found = manifest["answer_kinds"]
    if not found:
        return ""
    rows = [(_WORDS[kind], f"{one['rejected']:,}", f"{one['kept']:,}") for kind, one in found.items()]
    heads = ("the expected answer is", "rejected", "kept, answer not known")
    return f"Expected answers of the sources that are none that a check could use.\n\n{table(heads, rows)}"


def summary(manifest: ManifestContent) -> str:
    return ", ".join(
        f"{sum(one.values()):,} {_WORDS[kind]}" + (f" ({one['kept']:,} kept)" if one["kept"] else "")
        for kind, one in manifest["answer_kinds"].items()
    )


FIGURE = Figure(
    measure, ("answer_kinds",), "Expected answers that are none", card, "no answers", summary, after="problems"
)
