"""What the manifest holds: everything that the card, the summary and the report say of a build."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracemill.publishing import all_figures
from tracemill.publishing.build_chain import builds_of
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure
from tracemill.records.schema import SCHEMA_VERSION


def manifest_of(build: BuildReading) -> dict[str, Any]:
    """The manifest's content, less what the store adds itself: its commit and files.

    Raises:
        ValueError: two figures write the same key.
    """
    content = _content(build, all_figures.FIGURES)
    return content | {"builds": builds_of(content, build.earlier)}


def measured_so_far(build: BuildReading) -> dict[str, Any]:
    """The same of an unfinished build: what the phases that are done have given.

    Raises:
        ValueError: as for `manifest_of`.
    """
    return _content(build, [figure for figure in all_figures.FIGURES if figure.after in build.commit.keys])


def _content(build: BuildReading, figures: Iterable[Figure]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "name": build.name,
        "schema_version": SCHEMA_VERSION,
        "seed": build.seed,
        "config": build.config,
        "counts": {table: build.rows(table) for table in sorted(build.commit.tables)},
    }
    for figure in figures:
        measured = figure.measure(build)
        if twice := sorted(content.keys() & measured.keys()):
            raise ValueError(f"two figures give {', '.join(twice)}; rename it in one of them")
        content |= measured
    return content
