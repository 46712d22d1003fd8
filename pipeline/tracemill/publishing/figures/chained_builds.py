"""The builds that a dataset is made of, where it was built in several that add to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracemill.publishing.as_text import exact_text, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.records import OUTCOMES
from tracemill.settings.encoders import markdown_code, markdown_text

_TEXT = """\
This dataset was built in parts, each of which left out what was there already. Rows, files, sources and licences on
this card are those of the folder or repository that it lies in; all else describes the newest build. Held-out problems
stay held out: whether a group is, its hash decides."""


def measure(build: BuildReading) -> dict[str, Any]:
    """`earlier`: what the builds before this one are, see `build_chain.shared_of`, `where` they lie and the `digest` of
    the last of them; null for a build that adds to none. `builds` are added when all else is measured, see
    `build_chain.builds_of`."""
    return {"earlier": build.earlier}


def card(manifest: ManifestContent) -> str:
    builds = manifest["builds"]
    if len(builds["each"]) == 1:
        return ""
    views = _views(manifest)
    heads = ("build", *(f"{markdown_code(view)} rows" for view in views))
    rows = [*(_rows(markdown_text(one["name"]), one, views) for one in builds["each"]), _rows("all", builds, views)]
    verdicts = [
        *(line for one in builds["each"] for line in _verdicts(markdown_text(one["name"]), one)),
        *_verdicts("all", builds),
    ]
    parts = [_TEXT, table(heads, rows), table(("build", "verifier", *OUTCOMES), verdicts), *_costs(builds)]
    return "\n\n".join(parts)


def _views(manifest: ManifestContent) -> list[str]:
    """Those of this build in its order, then those that only earlier ones have."""
    there = manifest["builds"]["rows"]
    own = [view for view in manifest["view_order"] if view in there]
    return own + sorted(there.keys() - set(own))


def _rows(name: str, build: Mapping[str, Any], views: list[str]) -> tuple[str, ...]:
    return (name, *(f"{build['rows'].get(view, 0):,}" for view in views))


def _verdicts(name: str, build: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for verifier, outcomes in sorted(build["verdicts"].items()):
        yield (name, markdown_code(verifier), *(f"{outcomes.get(outcome, 0):,}" for outcome in OUTCOMES))


def _costs(builds: Mapping[str, Any]) -> Iterator[str]:
    amounts = sorted(builds["costs"])
    if amounts:
        heads = ("build", *(markdown_text(amount.replace("_", " ")) for amount in amounts))
        each = [(markdown_text(one["name"]), one) for one in builds["each"]]
        rows = [
            (name, *(exact_text(one["costs"][amount]) if amount in one["costs"] else "–" for amount in amounts))
            for name, one in [*each, ("all", builds)]
        ]
        yield f"What the calls took, where it was stated:\n\n{table(heads, rows)}"


def summary(manifest: ManifestContent) -> str:
    builds = manifest["builds"]
    if len(builds["each"]) == 1:
        return ""
    rows = ", ".join(f"{view} {builds['rows'][view]}" for view in _views(manifest))
    return f"{len(builds['each'])} builds, {rows} rows in all; this folder has those of the newest"


FIGURE = Figure(measure, ("builds", "view_order"), "Builds", card, "chain", summary)
