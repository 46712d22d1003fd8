"""Where problems and solutions come from, and under which licences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from tracemill.asking.teachers.vllm.vllm_config import model_name
from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.notices import file_of
from tracemill.records.licences import asks_for_notice
from tracemill.settings.encoders import markdown_code, markdown_text
from tracemill.views.row_parts import licence_expression

OWN_TASKS = "domains"
"""The source whose problems our tasks make."""


def measure(build: BuildReading) -> dict[str, Any]:
    """Of the problems that passed screening (no other is published): their `sources`; the `notices` whose works they
    show, with how many do; the `unnoticed` sources whose licence asks for a notice that nobody gave; the `languages`
    that the sources state. And the `teacher`, by its model's name where it has one, with the licences that its traces
    carry, where they carry any, and whether it ran `remote_code`, where it did."""
    counted: Counter[tuple[str, str, str]] = Counter()
    covered: Counter[str] = Counter()
    for span in build.tables.spans():
        rejected = build.tables.frame("screened", ("id", "problem_id"), span)
        problems = build.tables.frame("problems", ("id", "source", "tags"), span)
        problems = problems.join(rejected, left_on="id", right_on="problem_id", how="anti")
        source = pl.col("source").struct
        rows = problems.select(source.field("name"), source.field("revision"), source.field("licence"))
        counted.update(rows.iter_rows())
        covered.update(problems["tags"].explode().drop_nulls())
        covered.update(rows["name"])
    settings = build.config["teacher"]
    name = model_name(settings["model"]) if "model" in settings else build.teacher
    teacher: dict[str, Any] = {"kind": build.teacher, "name": name}
    if settings.get("trust_remote_code"):
        teacher["remote_code"] = True
    if build.totals.licences:
        teacher["licence"] = licence_expression(sorted(build.totals.licences))
    return {
        "sources": [
            {"name": name, "revision": revision, "licence": licence, "problems": count}
            for (name, revision, licence), count in sorted(counted.items())
        ],
        "notices": list(_notices(build, covered)),
        "unnoticed": _unnoticed(build, counted),
        "languages": list(build.languages),
        "teacher": teacher,
    }


def _notices(build: BuildReading, covered: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for notice in build.notices:
        if covered[notice.covers]:
            # A source whose lines state their own licences has none of its own.
            terms = {"licence": notice.licence} if notice.licence else {}
            yield {"name": notice.name, **terms, "file": file_of(notice), "problems": covered[notice.covers]}


def _unnoticed(build: BuildReading, counted: Iterable[tuple[str, str, str]]) -> list[str]:
    """Our own tasks state the notices for what they show of others; a source of another kind has one or none."""
    noticed = {notice.covers for notice in build.notices}
    asked = {name for name, _, licence in counted if name != OWN_TASKS and asks_for_notice(licence)}
    return sorted(asked - noticed)


def card(manifest: ManifestContent) -> str:
    rows = [
        (*(markdown_text(source[key]) for key in ("name", "revision", "licence")), f"{source['problems']:,}")
        for source in manifest["sources"]
    ]
    teacher = manifest["teacher"]
    terms = markdown_text(teacher.get("licence", "")) or "none stated"
    whose = f"{markdown_text(teacher['name'])} ({markdown_code(teacher['kind'])})"
    languages = ", ".join(markdown_code(language) for language in manifest["languages"])
    parts = [
        "Each row carries the licence expression of its own source and teacher.",
        table(("source", "revision", "licence", "problems"), rows),
        f"Teacher: {whose}; licence of its output: {terms}.",
        *(["It ran code that came with the model."] if teacher.get("remote_code") else []),
        f"Languages, as the sources state them: {languages or 'not stated'}.",
        *_notices_text(manifest),
    ]
    return "\n\n".join(parts)


def _notices_text(manifest: ManifestContent) -> Iterator[str]:
    if manifest["notices"]:
        rows = [
            (
                markdown_text(notice["name"]),
                markdown_text(notice.get("licence", "as each row says")),
                f"`{notice['file']}`",
                f"{notice['problems']:,}",
            )
            for notice in manifest["notices"]
        ]
        heads = ("work of others", "licence", "its text and copyright lines", "problems that show it")
        yield f"Keep the folder `LICENSES` with every copy:\n\n{table(heads, rows)}"
    if manifest["unnoticed"]:
        names = ", ".join(markdown_code(name) for name in manifest["unnoticed"])
        yield (
            f"**Not here:** the copyright lines of {names}, which a licence above asks to go along. Add them before\n"
            "you pass the dataset on; a source's `notice` in the config names the file."
        )


_READS = ("sources", "notices", "unnoticed", "languages", "teacher")
FIGURE = Figure(measure, _READS, "Sources and licences", card, after="traces")
