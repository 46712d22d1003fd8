"""Where problems and solutions come from, and under which licences."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.settings.encoders import markdown_code, markdown_text
from tracemill.views.row_parts import licence_expression


def measure(build: BuildReading) -> dict[str, Any]:
    """The sources of the problems that passed screening (no other is published), and the teacher, with the licences
    that its traces carry, where they carry any."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for span in build.tables.spans():
        rejected = build.tables.frame("screened", ("id", "problem_id"), span)
        problems = build.tables.frame("problems", ("id", "source"), span)
        source = pl.col("source").struct
        rows = problems.join(rejected, left_on="id", right_on="problem_id", how="anti").select(
            source.field("name"), source.field("revision"), source.field("licence")
        )
        counted.update(rows.iter_rows())
    sources = [
        {"name": name, "revision": revision, "licence": licence, "problems": count}
        for (name, revision, licence), count in sorted(counted.items())
    ]
    teacher = {"kind": build.teacher, "name": build.teacher}
    if build.totals.licences:
        teacher["licence"] = licence_expression(sorted(build.totals.licences))
    return {"sources": sources, "teacher": teacher}


def card(manifest: ManifestContent) -> str:
    rows = [
        (*(markdown_text(source[key]) for key in ("name", "revision", "licence")), f"{source['problems']:,}")
        for source in manifest["sources"]
    ]
    teacher = manifest["teacher"]
    terms = markdown_text(teacher.get("licence", "")) or "none stated"
    return (
        "Each row carries the licence expression of its own source and teacher.\n\n"
        + table(("source", "revision", "licence", "problems"), rows)
        + f"\n\nTeacher: {markdown_text(teacher['name'])} ({markdown_code(teacher['kind'])}); "
        f"licence of its output: {terms}."
    )


FIGURE = Figure(measure, ("sources", "teacher"), "Sources and licences", card)
