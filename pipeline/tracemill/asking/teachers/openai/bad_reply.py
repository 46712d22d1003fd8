"""The ways in which a request can fail that are not the end of the run."""

from __future__ import annotations

from tracemill.settings.errors import TroubleError


class BadReplyError(ValueError):
    """A reply that cannot be used: the row says why, and others are not touched by it."""


class ServerTroubleError(TroubleError):
    """The server is busy, broken or gone; the same request may go well in a while, or elsewhere.

    `wait`: seconds that the server asked for, if it did."""

    def __init__(self, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait
