"""Which requests are stuck, seen from what moves and what does not: a server that hangs may well say it is healthy.

A request is stuck when nothing of its reply came for so many seconds, while the same endpoint went on with others; or,
before its first piece, while its whole endpoint sent nothing and another one did. Pieces with nothing in them do not
count. Where nothing moves anywhere, all wait until their deadline: the network may be down, or a server may load a
model.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tracemill.asking.teachers.openai.endpoints import Endpoint, Endpoints

LOOKS = 8
"""So often within the seconds that a request may stand still."""


@dataclass(slots=True, eq=False)
class LiveRequest:
    """A request under way. `limit` ends it. `moved_at`: when the last piece of its reply came, if one has."""

    endpoint: Endpoint
    limit: asyncio.Timeout
    began: float
    moved_at: float | None = None
    stuck: bool = False

    @property
    def url(self) -> str:
        return f"{self.endpoint.url}/chat/completions"

    def moved(self, now: float) -> None:
        self.moved_at = self.endpoint.moved_at = now


class Liveness:
    """Ends streamed requests that are stuck, so that they are made elsewhere. Looks only while there are any."""

    def __init__(self, endpoints: Endpoints, seconds: float | None) -> None:
        self.endpoints = endpoints
        self.seconds = seconds
        self._requests: set[LiveRequest] = set()
        self._next: asyncio.TimerHandle | None = None

    def begin(self, request: LiveRequest) -> None:
        self._requests.add(request)
        if self.seconds is not None and self._next is None:
            self._next = asyncio.get_running_loop().call_later(self.seconds / LOOKS, self._look)

    def end(self, request: LiveRequest) -> None:
        self._requests.discard(request)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for request in self._requests:
            if self.stuck(request) and not request.stuck:
                request.stuck = True
                request.limit.reschedule(loop.time())
        assert self.seconds is not None
        self._next = loop.call_later(self.seconds / LOOKS, self._look) if self._requests else None

    def stuck(self, request: LiveRequest) -> bool:
        if self.seconds is None or not request.endpoint.streams:
            return False
        mine = request.endpoint.moved_at
        if request.moved_at is not None:
            return mine - request.moved_at > self.seconds
        anywhere = max((one.moved_at for one in self.endpoints.all), default=0.0)
        return anywhere - max(mine, request.began) > self.seconds

    def close(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None
