"""A row as it stands in the dataset, the first of the first view that has any."""

from __future__ import annotations

import json
from typing import Any

from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.settings.encoders import terminal_text

MAX_TEXT = 1_500
"""Characters of a text in the row that are shown."""


def measure(build: BuildReading) -> dict[str, Any]:
    """The `view` and its row as `json`, long texts cut; null in a dataset without rows."""
    for view in build.views:
        for frame in build.tables.view_rows(view, None):
            row = _cut(frame.row(0, named=True))
            text = json.dumps(row, indent=2, ensure_ascii=False)
            return {"example": {"view": view, "json": terminal_text(text)}}
    return {"example": None}


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]} […]"
    if isinstance(value, dict):
        return {key: _cut(item) for key, item in value.items()}
    return [_cut(item) for item in value] if isinstance(value, list) else value


def card(manifest: ManifestContent) -> str:
    example = manifest["example"]
    if example is None:
        return "There are no rows."
    # A line of JSON begins with a bracket, a blank or a quote, so that no text in it can end the block.
    said = f"The first row of `{example['view']}`; `[…]` stands where a long text is cut."
    return f"{said}\n\n```json\n{example['json']}\n```"


FIGURE = Figure(measure, ("example",), "An example", card, in_report=False)
