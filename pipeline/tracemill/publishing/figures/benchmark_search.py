"""Which benchmarks the problems were searched for, and how many planted items that search missed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tracemill.publishing.as_text import rate, rate_text, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.settings.encoders import markdown_text


def measure(build: BuildReading) -> dict[str, Any]:
    """The names of the benchmarks, and by disguise the rate of planted items missed; null where there was nothing to
    measure with."""
    rates = None
    if build.miss_rates is not None:
        of = build.miss_rates["items"]
        rates = {
            disguise: rate(round(share * of), of) for disguise, share in sorted(build.miss_rates["missed"].items())
        }
    names = [Path(benchmark.path).name for benchmark in build.select.decontaminate.benchmarks]
    return {"decontamination": {"benchmarks": names, "miss_rates": rates}}


def card(manifest: ManifestContent) -> str:
    found = manifest["decontamination"]
    if not found["benchmarks"]:
        return "No benchmark was named, so nothing was searched for."
    names = ", ".join(markdown_text(name) for name in found["benchmarks"])
    if found["miss_rates"] is None:
        return f"Problems were searched for items of: {names}. How many this search misses was not measured."
    rows = [(disguise, rate_text(missed)) for disguise, missed in sorted(found["miss_rates"].items())]
    return (
        f"Problems were searched for items of: {names}. Planted items that the search missed, with the\n"
        f"interval at ninety-five per cent confidence:\n\n{table(('planted as', 'missed'), rows)}"
    )


FIGURE = Figure(measure, ("decontamination",), "Decontamination", card, after="screen")
