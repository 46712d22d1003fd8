"""How tightly the code was held that was executed for a verdict."""

from __future__ import annotations

import re
from typing import Any

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.sandbox.jobs import LEVELS

_MEANING = {
    "L3": "namespaces, filtered system calls, and limits that the kernel counts over all processes",
    "L2": "namespaces and filtered system calls; limits are watched from outside",
    "L1": "no namespaces: files, signals, sockets and system calls are filtered",
    "L0": "limits only",
}
_TEXT = """\
Code of others runs in a sandbox (`docs/sandbox.md`), whose level is what attacks on it showed when it started. A
process with limits (`limited-process`) runs code of ours on input that may be hostile."""


def measure(build: BuildReading) -> dict[str, Any]:
    """Verdicts by the isolation of what was executed for them; of a verdict that needed several, all are named."""
    return {"isolation": dict(sorted(build.totals.isolation.items()))}


def lowest(isolation: dict[str, int]) -> str | None:
    """The lowest level of the sandbox among them, or None where nothing ran in it."""
    found = set(re.findall(r"sandbox (L\d)", " ".join(isolation)))
    return max(found, key=LEVELS.index, default=None) if found <= set(LEVELS) else None


def card(manifest: ManifestContent) -> str:
    isolation = manifest["isolation"]
    if not isolation:
        return ""
    rows = [(f"`{name}`", f"{count:,}") for name, count in isolation.items()]
    level = lowest(isolation)
    said = f"The lowest level is **{level}**: {_MEANING[level]}." if level else "No code of others was executed."
    return f"{said}\n\n{table(('executed in', 'verdicts'), rows)}\n\n{_TEXT}"


def summary(manifest: ManifestContent) -> str:
    isolation = manifest["isolation"]
    level = lowest(isolation)
    if not level:
        return ""
    counts = ", ".join(f"{name} {count:,}" for name, count in isolation.items())
    return f"in the sandbox, at {level} or better: {counts}"


FIGURE = Figure(measure, ("isolation",), "How code was held", card, "executed", summary, after="verdicts")
