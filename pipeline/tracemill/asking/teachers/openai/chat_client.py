"""Asks the endpoints of one model over HTTP, until there is a reply or no sense in going on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from tracemill.asking.teachers.openai.bad_reply import BadReplyError, ServerTroubleError
from tracemill.asking.teachers.openai.endpoints import Endpoint, Endpoints
from tracemill.asking.teachers.openai.event_stream import json_object, read_events, shown_bytes
from tracemill.asking.teachers.openai.received import Received
from tracemill.asking.teachers.openai.retrying import jittered, retry_after
from tracemill.settings.errors import UnusableTeacherError

REPLY_BYTES = 64 << 20
"""The most that a reply may take that is not streamed."""
BUSY = frozenset({408, 409, 425, 429})


@dataclass(slots=True)
class Exchange:
    """A reply with what it took: `seconds` of the request that was answered, `first_token_seconds` where it was
    streamed, how many requests failed before, and the index of the endpoint."""

    received: Received
    seconds: float
    first_token_seconds: float | None
    retries: int
    endpoint: int


class ChatClient:
    """One per worker; the session begins with the first request, in the event loop that makes it."""

    def __init__(self, urls: Sequence[str], key: str | None, deadline: float, retries: int) -> None:
        self.endpoints = Endpoints(urls)
        self.deadline = deadline
        self.retries = retries
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, body: dict[str, Any]) -> Exchange:
        """Raises:
        UnusableTeacherError: no request can be answered.
        ServerTroubleError: this one was not, however often it was made.
        BadReplyError: what came back cannot be used.
        """
        loop = asyncio.get_running_loop()
        data = json.dumps(body).encode()
        prompt = json.dumps(body["messages"]).encode()
        failed: Endpoint | None = None
        for attempt in range(self.retries + 1):
            endpoint = self.endpoints.choose(prompt, loop.time(), avoid=failed)
            await asyncio.sleep(max(0.0, endpoint.ready_at - loop.time()))
            endpoint.in_flight += 1
            try:
                received, seconds, first = await self._request(endpoint, data)
            except (ServerTroubleError, aiohttp.ClientError, TimeoutError, OSError) as exc:
                if attempt == self.retries:
                    raise ServerTroubleError(f"{self._told(exc)}, after {attempt} retries") from exc
                failed = endpoint
                await asyncio.sleep(jittered(attempt, getattr(exc, "wait", None)))
            else:
                return Exchange(received, seconds, first, attempt, endpoint.index)
            finally:
                endpoint.in_flight -= 1
        raise AssertionError("the last attempt returns or raises")

    def _told(self, exc: BaseException) -> str:
        text = str(exc) or type(exc).__name__
        return text.replace(self._key, "***") if self._key else text

    async def _request(self, endpoint: Endpoint, data: bytes) -> tuple[Received, float, float | None]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        url = f"{endpoint.url}/chat/completions"
        async with (
            asyncio.timeout(self.deadline),
            self._opened().post(url, data=data, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise await self._refused(response)
            received, first = Received(), None
            if response.content_type == "text/event-stream":
                async for events in read_events(response.content.iter_any()):
                    for event in events:
                        _refuse_error(event)
                        if received.take(event, "delta") and first is None:
                            first = loop.time() - began
            else:
                answer = json_object(await _whole_body(response))
                _refuse_error(answer)
                received.take(answer, "message")
        return received, loop.time() - began, first

    async def _refused(self, response: aiohttp.ClientResponse) -> Exception:
        """What a status other than 200 means."""
        text = self._told(ValueError(shown_bytes(await response.content.read(4096))))
        said = f"{response.url} answered {response.status}: {text}"
        if response.status in (401, 403, 404):
            return UnusableTeacherError(said)
        if response.status in BUSY or response.status >= 500:
            return ServerTroubleError(said, retry_after(response.headers.get("Retry-After")))
        return BadReplyError(said)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            headers = {"Content-Type": "application/json"}
            if self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            self._session = aiohttp.ClientSession(
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=30),
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _whole_body(response: aiohttp.ClientResponse) -> bytes:
    """Raises: BadReplyError: it is larger than any reply, or no JSON."""
    if "json" not in response.content_type:
        begin = shown_bytes(await response.content.read(800))
        raise ServerTroubleError(f"{response.url} answered with {response.content_type}, not JSON: {begin}")
    data = b""
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > REPLY_BYTES:
            raise BadReplyError(f"the reply is larger than {REPLY_BYTES >> 20} MB")
    return data


def _refuse_error(answer: dict[str, Any]) -> None:
    """Raises: ServerTroubleError: the server found something wrong after it had begun to answer with 200."""
    if error := answer.get("error"):
        text = error.get("message", error) if isinstance(error, dict) else error
        raise ServerTroubleError(f"the server gave up a reply: {str(text)[:300]}")
