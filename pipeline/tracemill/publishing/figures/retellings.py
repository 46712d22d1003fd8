"""What became of the tellings of solutions in a teacher's own words."""

from __future__ import annotations

from typing import Any

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.settings.encoders import markdown_text

_EXPLAINED = """\
Solutions of programs were told by the teacher in its own words. A telling is accepted where it shows, in the same
order, all that each step names, counts and claims, and nothing else; its steps then have the claims of the solution and
are judged like any others. The claims are held to the words by their spelling, not by a reader."""


def measure(build: BuildReading) -> dict[str, Any]:
    """Tellings by `accepted` or by what is wrong with them; empty where none was asked for."""
    return {"retellings": dict(sorted(build.totals.retellings.items()))}


def card(manifest: ManifestContent) -> str:
    found = manifest["retellings"]
    if not found:
        return "No solution was told in other words."
    rows = [(markdown_text(what), f"{count:,}") for what, count in sorted(found.items())]
    return f"{_EXPLAINED}\n\n{table(('telling', 'how many'), rows)}"


def summary(manifest: ManifestContent) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in sorted(manifest["retellings"].items()))


FIGURE = Figure(measure, ("retellings",), "Retellings", card, "told", summary)
