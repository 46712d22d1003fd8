"""A reward server in a thread of this process, on a free port of loopback."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import threading
from typing import Any, Self
from urllib.parse import urlsplit

from tracemill.rewards.reward_server import Bounds, RewardServer
from tracemill.rewards.row_judges import RowJudges
from tracemill.rewards.scoring import RowVerdict
from tracemill.settings.errors import TracemillError


class HeldJudges(RowJudges):
    """Judges whose verdicts come when `release` is set; no process is started."""

    def __init__(self) -> None:
        super().__init__(1, 1)
        self.release = threading.Event()

    def open(self) -> None:
        return None

    async def do(self, work: str, size: int) -> RowVerdict:
        while not self.release.is_set():
            await asyncio.sleep(0.01)
        return RowVerdict(1.0, "verified", work)


class RewardService:
    """`url` once it runs. Ends with the block, as SIGTERM ends the command."""

    def __init__(self, judges: RowJudges | None = None, bounds: Bounds | None = None, token: str | None = None) -> None:
        self._judges, self._bounds, self._token = judges, bounds or Bounds(), token
        self._ready = threading.Event()
        self.url = ""
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.server = RewardServer(self._judges or RowJudges(2, 60), self._bounds, self._token)

        def ready(url: str) -> None:
            self.url = url
            self._ready.set()

        try:
            await self.server.serve("127.0.0.1", 0, ready)
        except TracemillError as exc:
            self.failure = exc

    def end(self) -> None:
        with contextlib.suppress(RuntimeError):  # it has ended already
            self._loop.call_soon_threadsafe(self.server.end)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_exc: object) -> None:
        if isinstance(self._judges, HeldJudges):
            self._judges.release.set()
        self.end()
        self._thread.join()

    def listens(self) -> bool:
        address = urlsplit(self.url)
        try:
            socket.create_connection((address.hostname, address.port)).close()
        except OSError:
            return False
        return True

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} | (headers or {}))
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()
        finally:
            connection.close()

    def score(self, *items: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self.ask("POST", "/score", json.dumps({"items": items}).encode(), headers)

    def results(self, *items: Any) -> list[dict[str, Any]]:
        status, _, said = self.score(*items)
        assert status == 200, said
        found: list[dict[str, Any]] = json.loads(said)["results"]
        return found
