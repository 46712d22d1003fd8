"""A build that would publish nothing: its reasons, before the dataset is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import polars as pl

from tracemill.running.phases.phase import Build
from tracemill.settings.errors import ShortfallError

_TABLES = {
    "lines": "lines of the sources",
    "screened": "problems in screening",
    "unasked": "problems that the teacher has no solution of",
    "selection": "",
}
"""The tables of decisions, in the order of the build, and what their rejections were; selection's are named by view."""
_SHOWN = 3
_NO_CLAIMS = (
    "steps are unknown where a solution makes no claims that can be checked, as plain text does not: to take solutions "
    "for their answers alone, set verify.require=[answer];\n"
)


def refuse_no_rows(build: Build) -> None:
    """Raises: ShortfallError unless a view has a row, or the config allows that none has."""
    if build.config.allow_empty:
        return
    for batch in build.store.scan(build.commit, "selection", ("kept",)):
        if batch.column("kept").true_count:
            return
    counted = _rejections(build)
    reasons = "".join(f"\n  {line}" for line in _lines(counted)) or "\n  the sources gave no problems"
    reasons += _failed_calls(build)
    hint = _NO_CLAIMS if any("steps unknown" in found for found in counted.values()) else ""
    raise ShortfallError(
        f"no view has a row, so there is no dataset to write; rejected were:{reasons}\n{hint}all of it is kept with "
        "its reasons; correct the config and build again, or set allow_empty=true if nothing is what you expect"
    )


def _rejections(build: Build) -> dict[str, Counter[str]]:
    """By what was rejected, the reasons."""
    counted: dict[str, Counter[str]] = {}
    for table, subject in _TABLES.items():
        for batch in build.store.scan(build.commit, table, ("kept", "view", "reason")):
            rejected = pl.DataFrame(batch).filter(~pl.col("kept")).group_by("view", "reason", maintain_order=True).len()
            for view, reason, count in rejected.iter_rows():
                counted.setdefault(subject or f"candidates for {view}", Counter())[reason] += count
    return counted


def _failed_calls(build: Build) -> str:
    """A line on the calls that failed, which count as truncated above, with what one of them says."""
    calls, failed, example = 0, 0, ""
    for batch in build.store.scan(build.commit, "completions", ("finish_reason", "error")):
        errors = pl.DataFrame(batch).filter(pl.col("finish_reason") == "error")["error"]
        calls, failed = calls + batch.num_rows, failed + len(errors)
        example = example or next(iter(errors.drop_nulls()), "")
    return f"\n  {failed:,} of {calls:,} calls failed; one says: {example[:300]}" if failed else ""


def _lines(counted: Mapping[str, Counter[str]]) -> Iterator[str]:
    for subject, reasons in counted.items():
        found = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
        more = f" and {len(found) - _SHOWN} more reasons" if len(found) > _SHOWN else ""
        yield f"{subject}: " + ", ".join(f"{count:,} {reason}" for reason, count in found[:_SHOWN]) + more
