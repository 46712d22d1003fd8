"""How long to wait before a request is made again."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from random import Random

FIRST_SECONDS = 0.5
MOST_SECONDS = 60.0
ASKED_SECONDS = 300.0
"""The first wait, the longest that grows out of it, and the longest that a server may ask for."""

_random = Random()
"""Not the build's: when a request is made is no part of what is asked."""


def jittered(attempt: int, asked: float | None = None) -> float:
    """Seconds to wait after attempt 0, 1, …: at random up to a bound that doubles, so that many do not come back at
    once; at least what the server `asked` for."""
    wait = _random.uniform(0.5, 1) * min(MOST_SECONDS, FIRST_SECONDS * 2.0**attempt)
    return wait if asked is None else min(asked, ASKED_SECONDS) + wait


def retry_after(header: str | None) -> float | None:
    """The seconds of a `Retry-After` header, which holds seconds or a date; None where it holds neither.

    >>> retry_after("2.5")
    2.5
    """
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
