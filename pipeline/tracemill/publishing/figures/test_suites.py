"""How good the tests are by which programs were judged, measured by wrong versions of the reference solutions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from tracemill.publishing import histogram
from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.report.plot import Plot

_EXPLAINED = """\
A program is right here if it passes its problem's tests. How much that says was measured: the reference solution was
changed in one place at a time, and the mutation score is the share of those wrong versions that the tests refuse. A
suite counts as measured where it is known of each version whether it is wrong."""


def measure(build: BuildReading) -> dict[str, Any]:
    """`test_suites`: how many `problems` are judged by tests; how many suites were `measured` when these were
    made; how many wrong versions there were (`mutants`) and how many of them were `killed`; how many suites are `weak`
    and let one pass. `suite_scores`: the measured suites by their score, in tenths."""
    counts = dict.fromkeys(("problems", "measured", "mutants", "killed", "weak"), 0)
    scores: list[float] = []
    for frame in build.tables.batches("problems", ("check",)):
        for spec in _specs(frame):
            suite = spec.get("suite")
            counts["problems"] += 1
            if isinstance(suite, dict) and suite["differing"] and not suite.get("unexamined"):
                counts["measured"] += 1
                counts["mutants"] += suite["differing"]
                counts["killed"] += suite["killed"]
                counts["weak"] += suite["killed"] < suite["differing"]
                scores.append(suite["killed"] / suite["differing"])
    # Down, so that it is 1 only where no wrong version passes.
    score = 100 * counts["killed"] // counts["mutants"] / 100 if counts["mutants"] else None
    tenths = histogram.tenths(pl.Series(scores, dtype=pl.Float64)).to_list()
    return {
        "test_suites": {**counts, "score": score} if counts["problems"] else {},
        "suite_scores": histogram.tenth_columns(tenths) if scores else [],
    }


def _specs(frame: pl.DataFrame) -> list[dict[str, Any]]:
    checks = frame.select(pl.col("check").struct.unnest()).filter(pl.col("kind") == "code")
    return [json.loads(spec) for spec in checks["spec"]]


def card(manifest: ManifestContent) -> str:
    found = manifest["test_suites"]
    if not found:
        return ""
    if not found["measured"]:
        return f"{_EXPLAINED}\n\nTest suites: {found['problems']:,}. None was measured when its problem was made."
    scores = manifest["suite_scores"]
    counts = [f"{count:,}" for count in histogram.counts(scores)]
    by_score = table(("score from", "suites"), zip(histogram.starts(scores), counts, strict=True))
    return (
        f"{_EXPLAINED}\n\nOf {found['problems']:,} test suites {found['measured']:,} were measured: they refuse "
        f"{found['killed']:,} of {found['mutants']:,} wrong\nversions (a score of {found['score']:.2f}); "
        f"{found['weak']:,} of them let some pass.\n\n"
        f"Each line up to the next, and the suites that refuse all in the last.\n\n{by_score}"
    )


def summary(manifest: ManifestContent) -> str:
    found = manifest["test_suites"]
    if not found or not found["measured"]:
        return ""
    return f"mutation score {found['score']:.2f} over {found['measured']:,} suites, of which {found['weak']:,} are weak"


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    if scores := manifest["suite_scores"]:
        shown = {"": histogram.counts(scores)}
        yield Plot("test suites by mutation score", "columns", histogram.starts(scores), shown)


_READS = ("test_suites", "suite_scores")
FIGURE = Figure(measure, _READS, "Test suites", card, "tests", summary, after="problems", plots=plots)
