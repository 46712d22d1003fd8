"""The ways in which a request can fail that are not the end of the run."""

from __future__ import annotations

from tracemill.settings.errors import TroubleError


class BadReplyError(ValueError):
    """A reply that cannot be used: the row says why, and others are not touched by it. `data`: what came, if it is to
    be shown."""

    def __init__(self, text: str, data: bytes = b"") -> None:
        super().__init__(text)
        self.data = data


class ServerTroubleError(TroubleError):
    """The server is busy, broken or gone; the same request may go well in a while, or elsewhere. `busy`: it is there,
    and has too much to do; `wait`: seconds that it asked for, if it did."""

    def __init__(self, text: str, busy: bool = False, wait: float | None = None) -> None:
        super().__init__(text)
        self.busy = busy
        self.wait = wait
