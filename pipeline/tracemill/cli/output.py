"""Where everything that the commands print goes: results to standard output, the rest to standard error.

Nothing else in `cli/` prints, so that no text of others reaches a terminal unencoded; a test holds that.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tracemill.settings.encoders import terminal_text


def show(text: str = "") -> None:
    """A part of the result, with a newline."""
    print(terminal_text(text), flush=True)


def show_json(data: Any) -> None:
    """The result for a program: one JSON value, in ASCII, with what JSON lacks (a path, a date) as text."""
    print(json.dumps(data, indent=1, allow_nan=False, default=str), flush=True)


def show_json_line(data: Any) -> None:
    """One of several results for a program: JSON in one line, in ASCII."""
    print(json.dumps(data, allow_nan=False), flush=True)


def note(text: str) -> None:
    """A line for people beside the result, on standard error."""
    print(terminal_text(text), file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """A line for people, on standard error, after the program's name."""
    print(f"tracemill: {terminal_text(text)}", file=sys.stderr, flush=True)


@contextmanager
def logging_to_standard_error(quiet: bool, verbose: bool) -> Iterator[None]:
    """Warnings of the package are shown while this lasts; `quiet` only its errors, `verbose` also what it tells."""
    log = logging.getLogger("tracemill")
    handler, before = _Complaining(), log.level
    log.addHandler(handler)
    log.setLevel(logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


class _Complaining(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())
