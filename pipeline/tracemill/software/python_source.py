"""Python programs as text, read without running them."""

from __future__ import annotations

import ast
import threading
import warnings

_MOST_PARSED = 100_000
_warnings = threading.Lock()


def parsed(text: str) -> ast.Module | None:
    """The tree of a program in Python, or None where it is none, or longer than what is looked at here."""
    if len(text) > _MOST_PARSED:
        return None
    try:
        # Python warns of odd programs, such as one with `"\d"`, which is nobody's business here.
        with _warnings, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
