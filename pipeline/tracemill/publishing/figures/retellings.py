"""What became of the solutions that a teacher was to give again in its own words."""

from __future__ import annotations

from typing import Any

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.settings.encoders import markdown_text

_EXPLAINED = """\
The teacher gave solutions of programs again in its own words. Such a retelling is accepted where it shows, in the same
order, all that each step names, counts and claims, and nothing else; its steps then have the claims of the solution and
are judged like any others. That is found out by comparing words, not by a reader."""


def measure(build: BuildReading) -> dict[str, Any]:
    """Retellings by `accepted` or by what is wrong with them; empty where none was asked for."""
    return {"retellings": dict(sorted(build.totals.retellings.items()))}


def card(manifest: ManifestContent) -> str:
    found = manifest["retellings"]
    if not found:
        return ""
    rows = [(markdown_text(what), f"{count:,}") for what, count in sorted(found.items())]
    return f"{_EXPLAINED}\n\n{table(('retelling', 'how many'), rows)}"


def summary(manifest: ManifestContent) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in sorted(manifest["retellings"].items()))


FIGURE = Figure(measure, ("retellings",), "Retellings", card, "retellings", summary, after="traces")
