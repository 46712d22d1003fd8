"""The addresses of one model, and which of them takes the next request."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from tracemill.asking.teachers.openai.retrying import pause_after

UNUSABLE = 8
"""Replies in a row that cannot be used, after which an endpoint is left alone while another one gives usable ones. It
answers fast, and would draw most of the requests."""
SLACK = 4
"""Requests by which the endpoint that has a prompt's prefix in its cache may be busier than the least busy one."""


@dataclass(slots=True)
class Endpoint:
    """`in_flight`: requests under way. `ready_at`: when it may be asked again; `pause`: how long it is left alone until
    then; `moved_at`: when it last sent a piece of a reply. Times are the event loop's, in seconds. `failures`: in a
    row, those of requests that were under way together counted once. `streams`: whether it streams when asked to.
    `unusable`: replies in a row that were; None before the first reply."""

    index: int
    url: str
    in_flight: int = 0
    ready_at: float = 0.0
    pause: float = 0.0
    moved_at: float = 0.0
    failures: int = 0
    streams: bool = True
    unusable: int | None = None

    def failed(self, now: float, asked: float | None) -> None:
        """Leaves it alone for a while: longer after each failure, and as long as the server `asked` for."""
        if now >= self.ready_at:
            self.pause = pause_after(self.failures)
            self.failures += 1
            self.ready_at = now + self.pause
        if asked is not None:
            self.ready_at = max(self.ready_at, now + asked)

    def answered(self, now: float) -> None:
        self.failures = 0
        self.moved_at = now


class Endpoints:
    """Chooses the least busy endpoint that is ready; requests with one prompt keep to one where that is not busier."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.all = [Endpoint(index, url.rstrip("/")) for index, url in enumerate(urls)]

    def note_reply(self, index: int, usable: bool, now: float) -> None:
        """Notes what a reply of this endpoint was worth. One that is not there any more is left out."""
        endpoint = next((one for one in self.all if one.index == index), None)
        if endpoint is None:
            return
        endpoint.unusable = 0 if usable else (endpoint.unusable or 0) + 1
        if endpoint.unusable >= UNUSABLE and any(one.unusable == 0 for one in self.all):
            endpoint.failed(now, None)

    def choose(self, prompt: bytes, now: float) -> Endpoint:
        """The endpoint for a request; where none is ready, the one that will be first."""
        ready = [one for one in self.all if one.ready_at <= now]
        if not ready:
            return min(self.all, key=lambda one: (one.ready_at, one.in_flight))
        least = min(ready, key=lambda one: one.in_flight)
        preferred = self.all[zlib.crc32(prompt) % len(self.all)]
        close = preferred in ready and preferred.in_flight <= least.in_flight + SLACK
        return preferred if close else least
