"""How many questions stand in the sources with contradictory answers, and what became of them."""

from __future__ import annotations

from typing import Any

from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent

CONFLICTS = "_conflicts"
"""Where screening notes them, beside its key."""

_DONE = {"reject": "all rejected", "keep": "all kept"}


def measure(build: BuildReading) -> dict[str, Any]:
    """`conflicts`: how many `questions`, how many `problems` ask them, and whether these are `reject`ed or `keep`ed."""
    return {"conflicts": {**build.commit.keys["screen"][CONFLICTS], "policy": build.select.conflicts}}


def card(manifest: ManifestContent) -> str:
    found = manifest["conflicts"]
    if not found["questions"]:
        return "No question stands in the sources with answers that contradict each other."
    return (
        f"Questions that stand in the sources with answers that contradict each other: {found['questions']:,}, asked\n"
        f"by {found['problems']:,} problems, which were {_DONE[found['policy']]}."
    )


def summary(manifest: ManifestContent) -> str:
    found = manifest["conflicts"]
    if not found["questions"]:
        return ""
    return f"questions {found['questions']:,}, asked by problems {found['problems']:,}, {_DONE[found['policy']]}"


FIGURE = Figure(measure, ("conflicts",), "Contradictory answers", card, "conflicts", summary, after="screen")
