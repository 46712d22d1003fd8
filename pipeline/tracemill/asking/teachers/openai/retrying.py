"""How long to wait before a request is made again."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from math import isfinite
from random import Random

FIRST_SECONDS = 1.0
MOST_SECONDS = 60.0
ASKED_SECONDS = 300.0
"""The first pause, the longest that grows out of it, and the longest that a server may ask for."""

_random = Random()
"""Not the build's: when a request is made is no part of what is asked."""


def pause_after(failures: int) -> float:
    """Seconds that an endpoint is left alone which has failed so often before, in a row."""
    return min(MOST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures, 30))


def spread(pause: float) -> float:
    """Seconds at random, by which requests that waited together come back apart."""
    return _random.uniform(0, pause)


def retry_after(header: str | None) -> float | None:
    """The seconds of a `Retry-After` header, which holds seconds or a date; None where it holds neither.

    >>> retry_after("2.5")
    2.5
    """
    if not header:
        return None
    try:
        asked = float(header)
    except ValueError:
        try:
            asked = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, asked) if isfinite(asked) else None
