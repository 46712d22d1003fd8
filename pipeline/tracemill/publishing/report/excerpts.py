"""Texts as far as the page shows them: one may have a megabyte."""

from __future__ import annotations

TEXT = 12_000
"""Characters of a text in a trace that are shown."""
EXCERPT = 400
"""Of a text in a sample of rejects."""


def cut(text: str, most: int = TEXT) -> str:
    """The text, or its beginning with a note of how much is left out."""
    if len(text) <= most:
        return text
    return f"{text[:most]} [… {len(text) - most:,} characters more; `tracemill inspect` shows them]"


def beginning(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]} […]"


def ending(text: str) -> str:
    return text if len(text) <= EXCERPT else f"[…] {text[-EXCERPT:]}"
