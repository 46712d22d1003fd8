"""The service behind `tracemill serve-rewards`: batches of responses in, a verdict for each out, over HTTP.

    POST /score   {"items": [{"completion": …, "ground_truth": …, "prompt": …, "opened_in_prompt": false}, …]}
                  → {"results": [{"reward": 1.0, "outcome": "verified", "reason": …, "verifier": "answer", …}, …]}
    GET /health   {"status": "ok", "version": …, "in_flight": 0, "room": 1024}
    GET /metrics  for Prometheus

An item may be a row of `rlvr` as it is, with the completion added: its `reward_model.ground_truth` is read where there
is no `ground_truth`. A result says what `judge_row` says. `reward` is null where nothing can be said: never 0.

Bounds: `Bounds`. What is beyond the room there is gets 429 and `Retry-After`, before its body is read. Judging is done
in processes beside the event loop, so that `/health` answers whatever is being judged.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tracemill import __version__
from tracemill.rewards.row_judges import RowJudges
from tracemill.rewards.scoring import RowVerdict
from tracemill.settings.errors import TracemillError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

RETRY_AFTER = "1"
"""Seconds."""
END_SECONDS = 600.0
"""For what is in flight when the service is asked to end, at least; aiohttp waits so long up to twice."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`in_flight`: items that are being judged or wait for it. `batch`: items of a request. `body_bytes`: of a request;
    bodies that are being read or judged hold `held_bytes` at most, together. `read_seconds`: for a body to arrive."""

    in_flight: int = 1024
    batch: int = 256
    body_bytes: int = 16 << 20
    held_bytes: int = 128 << 20
    read_seconds: float = 30.0

    @property
    def items(self) -> int:
        """In a request, at most."""
        return min(self.batch, self.in_flight)


class RewardServer:
    """Judges with `judges`; asks for the bearer `token` if there is one. `cut_off`: items that were in flight when it
    was to end, and took too long to be answered."""

    def __init__(self, judges: RowJudges, bounds: Bounds, token: str | None = None) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge

        self.judges = judges
        self.bounds = bounds
        self.failure: TracemillError | None = None
        self.cut_off = 0
        self._ended = asyncio.Event()
        self._token = token
        self._in_flight = self._held = 0
        self.registry = CollectorRegistry()
        shared: dict[str, Any] = {"registry": self.registry, "namespace": "tracemill_rewards"}
        self._outcomes = Counter("items", "Items that were judged, by outcome", ["outcome"], **shared)
        self._requests = Counter("requests", "Requests, by path and status", ["path", "status"], **shared)
        Gauge("in_flight", "Items that are being judged or wait for it", **shared).set_function(lambda: self._in_flight)

    def app(self) -> web.Application:
        from aiohttp import web

        app = web.Application(middlewares=[self._counted, self._with_token])
        app.add_routes(
            [
                web.post("/score", self._score),
                web.get("/health", self._health),
                web.get("/metrics", self._metrics),
            ]
        )
        return app

    async def serve(self, host: str, port: int, ready: Callable[[str], None]) -> None:
        """Serves until `end` is called, and answers what is in flight then, as far as it is judged within
        `END_SECONDS`. `ready` gets the address.

        Raises:
            OSError: the port is taken, or the address is none of this machine.
            TracemillError: no process that judges can be started.
        """
        from aiohttp import web

        runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=END_SECONDS)
        await runner.setup()
        self.judges.open()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            ready(_address(host, runner.addresses[0][1]))
            await self._ended.wait()
        finally:
            await runner.cleanup()
            await self.judges.close()
        if self.failure is not None:
            raise self.failure

    def end(self) -> None:
        self._ended.set()

    async def _score(self, request: web.Request) -> web.StreamResponse:
        from aiohttp import web

        if request.content_type != "application/json":
            # Also what keeps a page in a browser from asking: it may not send JSON to another site unasked.
            raise web.HTTPUnsupportedMediaType(text="send Content-Type: application/json")
        if "Content-Encoding" in request.headers:
            # aiohttp would unpack it, and its length says nothing of what comes out.
            raise web.HTTPUnsupportedMediaType(text="send the body as it is, without Content-Encoding")
        length = request.content_length
        if length is None:
            raise web.HTTPLengthRequired(text="send Content-Length")
        if length > self.bounds.body_bytes:
            raise _too_large(f"{length:,} bytes; send at most {self.bounds.body_bytes:,}")
        with self._holding(length):
            items = await self._items(request)
            with self._flying(len(items)):
                results = await asyncio.gather(*map(self._judged, items))
        return web.json_response({"results": [asdict(one) for one in results]})

    async def _items(self, request: web.Request) -> list[str]:
        """Each as JSON of its own."""
        from aiohttp import web

        try:
            body = await asyncio.wait_for(_whole(request), self.bounds.read_seconds)
        except TimeoutError:
            raise web.HTTPRequestTimeout(text=f"the body took over {self.bounds.read_seconds:g} s") from None
        try:
            items = [json.dumps(item) for item in json.loads(body)["items"]]
        except (ValueError, TypeError, KeyError, RecursionError):
            items = []
        if not items:
            raise web.HTTPBadRequest(text='send {"items": [{"completion": …, "ground_truth": …}, …]}, with an item')
        if len(items) > self.bounds.items:
            raise _too_large(f"{len(items):,} items; send at most {self.bounds.items:,}")
        return items

    async def _judged(self, item: str) -> RowVerdict:
        from aiohttp import web

        try:
            verdict = await self.judges.do(item, len(item))
        except TracemillError as exc:
            # Nothing can be judged any more: whoever runs this must see it end.
            self.failure = exc
            self.end()
            raise web.HTTPServiceUnavailable(text=f"no process that judges: {exc}") from exc
        self._outcomes.labels(verdict.outcome).inc()
        return verdict

    async def _health(self, _request: web.Request) -> web.StreamResponse:
        from aiohttp import web

        room = self.bounds.in_flight - self._in_flight
        status = "ok" if self.failure is None else "failed"
        said = {"status": status, "version": __version__, "in_flight": self._in_flight, "room": room}
        return web.json_response(said, status=200 if self.failure is None else 503)

    async def _metrics(self, _request: web.Request) -> web.StreamResponse:
        from aiohttp import web
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @property
    def _counted(self) -> Any:
        from aiohttp import web

        @web.middleware
        async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
            status = 500
            try:
                response = await handler(request)
                status = response.status
            except web.HTTPException as exc:
                status = exc.status
                raise
            finally:
                # Not the path that was asked for: there are as many as anybody likes.
                resource = request.match_info.route.resource
                self._requests.labels(resource.canonical if resource else "", status).inc()
            return response

        return counted

    @property
    def _with_token(self) -> Any:
        from aiohttp import web

        expected = f"Bearer {self._token}".encode()

        @web.middleware
        async def with_token(request: web.Request, handler: Handler) -> web.StreamResponse:
            given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if self._token is not None and request.path != "/health" and not hmac.compare_digest(given, expected):
                raise web.HTTPUnauthorized(text="send Authorization: Bearer and the service's token")
            return await handler(request)

        return with_token

    @contextmanager
    def _holding(self, size: int) -> Iterator[None]:
        """Raises: HTTPTooManyRequests: no room for so many bytes."""
        if self._held + size > self.bounds.held_bytes:
            raise _busy()
        self._held += size
        try:
            yield
        finally:
            self._held -= size

    @contextmanager
    def _flying(self, count: int) -> Iterator[None]:
        """Raises: HTTPTooManyRequests: no room for so many items."""
        if self._in_flight + count > self.bounds.in_flight:
            raise _busy()
        self._in_flight += count
        try:
            yield
        except asyncio.CancelledError:  # by the end of the service alone: clients that go away cancel nothing
            self.cut_off += count
            raise
        finally:
            self._in_flight -= count


async def _whole(request: web.Request) -> bytes:
    """The body, which is as long as its header said: aiohttp reads no further."""
    return await request.content.read(-1)


def _too_large(said: str) -> web.HTTPException:
    from aiohttp import web

    return web.HTTPRequestEntityTooLarge(max_size=0, actual_size=0, text=said)


def _busy() -> web.HTTPException:
    from aiohttp import web

    return web.HTTPTooManyRequests(text="too much is in flight; send it again", headers={"Retry-After": RETRY_AFTER})


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
