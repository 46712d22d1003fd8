"""What the manifest says of a build: every figure, and what was asked for."""

from __future__ import annotations

from typing import Any

from tracemill.publishing import all_figures
from tracemill.publishing.build_chain import builds_of
from tracemill.publishing.build_reading import BuildReading
from tracemill.records.schema import SCHEMA_VERSION


def manifest_of(build: BuildReading) -> dict[str, Any]:
    """The manifest's content, less what the store adds itself: its commit and files.

    Raises:
        ValueError: two figures write the same key.
    """
    content: dict[str, Any] = {
        "name": build.name,
        "schema_version": SCHEMA_VERSION,
        "seed": build.seed,
        "config": build.config,
        "counts": {table: build.rows(table) for table in sorted(build.commit.tables)},
    }
    for figure in all_figures.FIGURES:
        measured = figure.measure(build)
        if twice := sorted(content.keys() & measured.keys()):
            raise ValueError(f"two figures give {', '.join(twice)}; rename it in one of them")
        content |= measured
    return content | {"builds": builds_of(content, build.earlier)}
