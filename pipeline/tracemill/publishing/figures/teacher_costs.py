"""What the teacher's calls cost."""

from __future__ import annotations

from typing import Any

from tracemill.publishing.as_text import amount_text, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent


def measure(build: BuildReading) -> dict[str, Any]:
    """Tokens that the teacher read and wrote, right and wrong, and joules; of both, how much for each trace that every
    required verifier verified. What is not known of every trace is null."""
    totals = build.totals
    if not totals.traces:
        return {"costs": dict.fromkeys(_NAMES)}
    costs = {
        "prompt_tokens": totals.prompt_tokens,
        "completion_tokens": totals.completion_tokens,
        "tokens_per_verified_row": _ratio(totals.completion_tokens, totals.verified),
        "joules": totals.joules,
        "joules_per_verified_row": _ratio(totals.joules, totals.verified),
    }
    return {"costs": costs}


_NAMES = {
    "prompt_tokens": "prompt tokens",
    "completion_tokens": "completion tokens",
    "tokens_per_verified_row": "completion tokens per verified trace",
    "joules": "joules",
    "joules_per_verified_row": "joules per verified trace",
}


def _ratio(part: float | None, whole: int) -> float | None:
    return None if part is None or not whole else round(part / whole, 1)


def card(manifest: ManifestContent) -> str:
    rows = [(what, amount_text(manifest["costs"][key])) for key, what in _NAMES.items()]
    return f"By the teacher's own count.\n\n{table(('what', 'amount'), rows)}"


FIGURE = Figure(measure, ("costs",), "Cost", card)
