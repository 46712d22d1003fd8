"""The verdicts that count: of each verifier one, on just this text, by the checkers that are installed now.

`counting_verdicts` says which, for one trace. `present_verdicts` is the same for a table of verdicts in Polars; a test
holds the two together on generated cases.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import polars as pl

from tracemill.records import Payload, Trace, Verdict, canonical_json

Judges: TypeAlias = Mapping[str, Mapping[str, Any]]
"""By verifier, what marks its present verdicts: its `version`, its `parameters`, and the `checkers` of claims that are
installed now, by kind (null for a kind that has none; empty where a verifier asks no checkers)."""


def counting_verdicts(trace: Trace, verdicts: Iterable[Verdict], judges: Judges | None = None) -> dict[str, Verdict]:
    """By verifier, the verdict that counts: of those on this very digest, and by the present `judges`, the latest
    attempt; of equal attempts the one given last. Without `judges`, all `verdicts` are taken to be of present ones."""
    latest: dict[str, Verdict] = {}
    for verdict in verdicts:
        if verdict.trace_digest != trace.digest:
            continue
        if judges is not None and not is_present(verdict.verifier, verdict.version, verdict.judge, judges):
            continue
        known = latest.get(verdict.verifier)
        if known is None or verdict.attempt >= known.attempt:
            latest[verdict.verifier] = verdict
    return latest


def is_present(verifier: str, version: str, judge: Payload, judges: Judges) -> bool:
    """Whether a verdict would be given in the same way today: by the same version of its verifier, with the same
    parameters, and each claim by the same checker. A checker that this trace did not need makes no difference."""
    present = judges.get(verifier)
    if present is None or version != present["version"]:
        return False
    parameters = {name: value for name, value in judge.items() if name != "checkers"}
    asked = judge.get("checkers", {})
    installed = {kind: present["checkers"].get(kind) for kind in asked}
    return _same(parameters, present["parameters"]) and _same(asked, installed)


def present_verdicts(verdicts: pl.DataFrame, judges: Judges) -> pl.DataFrame:
    """Of a table's verdicts those of the present judges, and of each trace, digest and verifier the latest attempt.

    Columns: at least trace_id, trace_digest, verifier, version, judge (JSON), attempt. What they were judged by is
    compared once for each distinct `judge`, not for each row.
    """
    marks = ["verifier", "version", "judge"]
    present = [
        (verifier, version, judge)
        for verifier, version, judge in verdicts.select(marks).unique().iter_rows()
        if is_present(verifier, version, json.loads(judge), judges)
    ]
    found = pl.DataFrame(present, schema=dict.fromkeys(marks, pl.String), orient="row")
    return (
        verdicts.join(found, on=marks, how="semi")
        .sort("trace_id", "trace_digest", "verifier", "attempt")
        .unique(["trace_id", "trace_digest", "verifier"], keep="last", maintain_order=True)
    )


def _same(one: Payload, other: Payload) -> bool:
    return canonical_json(one) == canonical_json(other)
