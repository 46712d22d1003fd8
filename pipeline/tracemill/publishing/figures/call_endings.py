"""How the teacher's calls ended: finish reasons, loops and truncations, retries; and why strategies asked no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.settings.encoders import markdown_text

_MEANINGS = {
    "stop": "the reply came to its end",
    "length": "cut off at the most tokens that were allowed",
    "loop": "ended since it repeated itself",
    "budget": "cut off at the budget of tokens for thought",
    "tool_calls": "a tool is called",
    "content_filter": "the provider held it back",
    "error": "failed; tried again by the next run",
}


def measure(build: BuildReading) -> dict[str, Any]:
    """Calls by finish reason; `retries`: requests that were sent again within a call; `saved_tokens`: those that the
    calls ended for a loop had left of what they were allowed, null where none says; `stopped`: traces by the reason for
    which their strategy asked no more."""
    spent = build.totals.spending
    return {
        "endings": {
            "calls": dict(sorted(spent.finish_reasons.items())),
            "retries": spent.retries,
            "saved_tokens": int(spent.saved_tokens.total) if spent.saved_tokens.calls else None,
            "stopped": dict(sorted(spent.stopped.items())),
        }
    }


def card(manifest: ManifestContent) -> str:
    endings = manifest["endings"]
    calls = endings["calls"]
    if not calls:
        return "The teacher was not asked."
    known = [(f"`{name}`", said, f"{calls[name]:,}") for name, said in _MEANINGS.items() if name in calls]
    return "\n\n".join([table(("finish reason", "what it means", "calls"), known), *_notes(endings)])


def _notes(endings: ManifestContent) -> Iterator[str]:
    if endings["saved_tokens"] is not None:
        saved = f"{endings['saved_tokens']:,}"
        yield f"Replies that were ended for a loop had {saved} tokens left of what they were allowed."
    if endings["retries"]:
        yield f"Requests that were sent again: {endings['retries']:,}."
    if endings["stopped"]:
        rows = [(markdown_text(reason), f"{count:,}") for reason, count in endings["stopped"].items()]
        yield "Why no more was asked:\n\n" + table(("reason", "traces"), rows)


def summary(manifest: ManifestContent) -> str:
    endings = manifest["endings"]
    others = [f"{count:,} {name}" for name, count in endings["calls"].items() if name != "stop"]
    retries = [f"{endings['retries']:,} retries"] if endings["retries"] else []
    return ", ".join(others + retries)


FIGURE = Figure(measure, ("endings",), "How the calls ended", card, "calls", summary, after="traces")
