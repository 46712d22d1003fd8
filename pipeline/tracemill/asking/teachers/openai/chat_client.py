"""Asks the endpoints of one model over HTTP, until there is a reply or no sense in going on."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tracemill.asking.energy import TokenPrice
from tracemill.asking.loops import LoopsConfig, LoopWatch, TextLoop, loop_at_end
from tracemill.asking.teachers.openai.api_key import Key, without
from tracemill.asking.teachers.openai.bad_reply import BadReplyError, ServerTroubleError
from tracemill.asking.teachers.openai.endpoints import Endpoint, Endpoints
from tracemill.asking.teachers.openai.event_stream import json_object, read_events
from tracemill.asking.teachers.openai.finishes import finish_of, refuse_unfinished
from tracemill.asking.teachers.openai.liveness import Liveness, LiveRequest
from tracemill.asking.teachers.openai.proxies import proxy_for
from tracemill.asking.teachers.openai.received import Received, mapping
from tracemill.asking.teachers.openai.refusals import message_in, refusal, shown_url
from tracemill.asking.teachers.openai.retrying import spread
from tracemill.settings.errors import UnusableTeacherError

REPLY_BYTES = 64 << 20
"""The most that a reply may take that is not streamed."""
CONNECT_SECONDS = 30
KEPT_SECONDS = 4
"""That a connection is kept which nobody uses. Servers keep them for 5 and more (uvicorn): a request that goes out as
they close it would be lost."""
TAIL_SECONDS = 10
"""That we wait for the end of a stream, with its usage, whose reply has come to its own end."""
FILES = 65_536
"""Connections that are wanted at most: systems let a process open 1,024 files, unless it asks for more."""


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """Where and how patiently; `progress`: seconds that a streamed reply may stand still while others move."""

    urls: tuple[str, ...]
    key: Key | None
    deadline: float
    progress: float | None
    retries: int
    loops: LoopsConfig | None


@dataclass(slots=True)
class Exchange:
    """A reply with what it took: `seconds` of the request that was answered, `first_token_seconds` where it was
    streamed, how many requests failed before, and the index of the endpoint. `loop`: in which it ended; `ended`: by us,
    for that. `price`: what a token cost there meanwhile, where that is measured."""

    received: Received
    seconds: float
    first_token_seconds: float | None = None
    loop: TextLoop | None = None
    ended: bool = False
    retries: int = 0
    endpoint: int = 0
    price: TokenPrice | None = None


class ChatClient:
    """One per worker; the session begins with the first request, in the event loop that makes it."""

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self.endpoints = Endpoints(config.urls)
        self.liveness = Liveness(self.endpoints, config.progress)
        self._proxies = [proxy_for(one.url) for one in self.endpoints.all]
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, body: dict[str, Any]) -> Exchange:
        """Raises:
        UnusableTeacherError: no request can be answered.
        ServerTroubleError: this one was not, however often it was made.
        BadReplyError: what came back cannot be used.
        """
        data = json.dumps(body).encode()
        prompt = json.dumps(body["messages"]).encode()
        for attempt in range(self.config.retries + 1):
            endpoint = await self._ready(prompt)
            try:
                exchange = await self.request(endpoint, data)
            except ServerTroubleError as exc:
                if attempt == self.config.retries:
                    raise ServerTroubleError(f"{exc}; after {attempt} retries") from exc
            else:
                exchange.retries = attempt
                return exchange
        raise AssertionError("the last attempt returns or raises")

    async def _ready(self, prompt: bytes) -> Endpoint:
        """The endpoint for a request, as soon as it may be asked."""
        loop = asyncio.get_running_loop()
        endpoint = self.endpoints.choose(prompt, loop.time())
        if (wait := endpoint.ready_at - loop.time()) > 0:
            await asyncio.sleep(wait + spread(endpoint.pause))
        return endpoint

    async def request(self, endpoint: Endpoint, data: bytes) -> Exchange:
        """One request for a reply; raises as `ask` does."""
        loop = asyncio.get_running_loop()
        endpoint.in_flight += 1
        try:
            async with self._limited(endpoint) as request:
                exchange = await self._post(request, data)
        except (ServerTroubleError, UnusableTeacherError) as exc:
            if isinstance(exc, ServerTroubleError):
                endpoint.failed(loop.time(), exc.wait)
            exc.args = (self._clean(str(exc)),)
            raise
        except BadReplyError as exc:
            shown = self._clean(exc.data.decode("utf-8", "replace"))
            said = self._clean(str(exc))
            self.endpoints.note_reply(endpoint.index, False, loop.time())
            raise BadReplyError(f"{said}: {' '.join(shown.split())[:200]}" if shown else said) from None
        finally:
            endpoint.in_flight -= 1
        endpoint.answered(loop.time())
        return exchange

    @asynccontextmanager
    async def _limited(self, endpoint: Endpoint) -> AsyncIterator[LiveRequest]:
        """A request that ends at its deadline, or when it is stuck. Lost connections become trouble of the server."""
        where, loop = shown_url(endpoint.url), asyncio.get_running_loop()
        request = LiveRequest(endpoint, asyncio.timeout(self.config.deadline), loop.time())
        try:
            async with request.limit:
                self.liveness.begin(request)
                yield request
        except TimeoutError as exc:
            if request.stuck:
                text = f"{where} sent nothing for {self.config.progress:g} s while other requests moved"
            elif request.limit.expired():
                text = f"{where} took longer than {self.config.deadline:g} s (deadline_seconds)"
            else:
                text = f"{where} did not let us connect in time"
            raise ServerTroubleError(text) from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise ServerTroubleError(f"{where}: {self._clean(f'{type(exc).__name__}: {exc}')}") from exc
        finally:
            self.liveness.end(request)

    async def _post(self, request: LiveRequest, data: bytes) -> Exchange:
        loop = asyncio.get_running_loop()
        began = loop.time()
        proxy = self.proxy_of(request.endpoint)
        async with self.session().post(request.url, data=data, allow_redirects=False, **proxy) as response:
            if response.status != 200:
                raise await self._refused(response, request)
            exchange = Exchange(Received(), 0.0, endpoint=request.endpoint.index)
            if response.content_type == "text/event-stream":
                await self._read_to_end(response, request, exchange)
            else:
                request.endpoint.streams = False
                answer = json_object(await self._whole_body(response))
                self._refuse_error(answer, request.url)
                exchange.received.take(answer, "message")
        if self.config.key and any(map(self.config.key.stands_in, exchange.received.said())):
            raise BadReplyError("the reply repeats the API key")
        if exchange.loop is None:
            refuse_unfinished(exchange.received)
            if self.config.loops and finish_of(exchange.received) == "length":
                exchange.loop = loop_at_end(exchange.received.all_text, self.config.loops)
        exchange.seconds = loop.time() - began
        return exchange

    async def _read_to_end(self, response: aiohttp.ClientResponse, request: LiveRequest, exchange: Exchange) -> None:
        """A reply that has said why it ended is whole: what breaks or hangs after that is no reason to pay for it
        again."""
        try:
            async with asyncio.timeout(None) as tail:
                await self._read_stream(response, request, exchange, tail)
        except (aiohttp.ClientError, OSError):
            if exchange.received.finish is None:
                raise
            response.close()

    async def _read_stream(
        self, response: aiohttp.ClientResponse, request: LiveRequest, exchange: Exchange, tail: asyncio.Timeout
    ) -> None:
        """Ends at the end of the stream, or, by leaving it, where the reply is in a loop. `tail` begins when the reply
        has said why it ended."""
        loop = asyncio.get_running_loop()
        watch = LoopWatch(self.config.loops) if self.config.loops else None
        async for events in read_events(response.content.iter_any()):
            before = exchange.received.parts
            for event in events:
                self._refuse_error(event, request.url)
                new = exchange.received.take(event, "delta")
                if new and exchange.first_token_seconds is None:
                    exchange.first_token_seconds = loop.time() - request.began
                if new and watch and (repeated := watch.feed(new)):
                    exchange.loop, exchange.ended = repeated, True
                    response.close()
                    return
            # A server whose engine hangs may send empty pieces, to keep the connection open.
            if exchange.received.parts > before:
                request.moved(loop.time())
            if exchange.received.finish is not None:
                tail.reschedule(loop.time() + TAIL_SECONDS)

    async def _refused(self, response: aiohttp.ClientResponse, request: LiveRequest) -> Exception:
        text = (await response.content.read(8192)).decode("utf-8", "replace")
        headers = {name: response.headers[name] for name in ("Retry-After", "Location") if name in response.headers}
        return self._refusal(response.status, request.url, text, headers)

    async def _whole_body(self, response: aiohttp.ClientResponse) -> bytes:
        """Raises:
        ServerTroubleError: it is no JSON, such as the page of a proxy.
        BadReplyError: it is larger than any reply.
        """
        data = bytearray()
        async for chunk in response.content.iter_any():
            data += chunk
            if len(data) > REPLY_BYTES:
                raise BadReplyError(f"the reply is larger than {REPLY_BYTES >> 20} MB")
        if "json" not in response.content_type:
            said = message_in(data.decode("utf-8", "replace"), self.config.key)
            where = shown_url(str(response.url))
            raise ServerTroubleError(f"{where} answered with {response.content_type}, which is no JSON: {said}")
        return bytes(data)

    def _refuse_error(self, answer: dict[str, Any], url: str) -> None:
        """Raises what `refusal` gives, or ServerTroubleError: the server found something wrong after it had begun to
        answer with 200."""
        if not (error := answer.get("error")):
            return
        text = json.dumps(error)
        code = mapping(error).get("code")
        if isinstance(code, int) and 400 <= code < 600:
            raise self._refusal(code, url, text, {})
        raise ServerTroubleError(f"the server gave up a reply: {message_in(text, self.config.key)}")

    def _refusal(self, status: int, url: str, text: str, headers: Mapping[str, str]) -> Exception:
        return refusal(status, url, text, self.config.key, headers)

    def _clean(self, text: str) -> str:
        return without(self.config.key, text)

    def proxy_of(self, endpoint: Endpoint) -> Mapping[str, Any]:
        return self._proxies[endpoint.index]

    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            _allow_files()
            headers = {"Content-Type": "application/json"}
            if self.config.key:
                headers["Authorization"] = f"Bearer {self.config.key.secret}"
            self._session = aiohttp.ClientSession(
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        self.liveness.close()
        if self._session is not None:
            await self._session.close()
            self._session = None


def _allow_files() -> None:
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
