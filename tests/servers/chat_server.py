"""A chat server on loopback that says what a script says, and misbehaves as the script wants.

    with ChatServer(Said("The answer is 42.")) as server:
        ... server.url, server.seen

A script is one `Said`, a list (request k gets the k-th, the last one for ever), or a function of the request's body and
of how many came before it. It runs in a thread with an event loop of its own; who asks for a stream gets one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Said:
    """One answer. `reasoning` stands under the name `under`; `message` replaces the whole message; `raw` the whole
    body, with its `content_type`. A stream comes in pieces of so many characters, `pause` seconds before each.

    `hang` and `drop`: the piece at which nothing more comes, or the connection breaks (0: before the first; without a
    stream any number means at once); with `beats`, empty pieces come for ever where it hangs. `error`: what a stream
    says in the place of its last piece.
    """

    content: str = ""
    reasoning: str = ""
    under: str = "reasoning_content"
    finish: str | None = "stop"
    usage: Mapping[str, Any] | None = None
    message: Mapping[str, Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json"
    piece: int = 4
    pause: float = 0
    hang: int | None = None
    beats: bool = False
    drop: int | None = None
    error: Any = None

    @property
    def counted(self) -> Mapping[str, Any]:
        tokens = len(self.content.split()) + len(self.reasoning.split())
        return self.usage or {"prompt_tokens": 7, "completion_tokens": tokens, "total_tokens": 7 + tokens}


Script = Said | Sequence[Said] | Callable[[dict[str, Any], int], Said]


@dataclass(frozen=True)
class Seen:
    """A request to `path` as it came, and when, in seconds of the server's clock."""

    path: str
    body: Any
    headers: Mapping[str, str]
    at: float


class ChatServer:
    """`models`: what it lists, null for a server that has no such page. `key`: what it wants as a bearer token;
    `lengths`: the contexts of its models, as vLLM gives them.

    `seen`: requests for a reply; `under_way`: those that have no end yet; `most`: at one time; `left`: how many clients
    went away before the end.
    """

    def __init__(
        self,
        script: Script,
        models: Sequence[str] | None = ("tiny",),
        key: str | None = None,
        port: int = 0,
        lengths: Mapping[str, int] | None = None,
    ) -> None:
        self.script = script
        self.models = models
        self.key = key
        self.port = port
        self.lengths = lengths or {}
        self.seen: list[Seen] = []
        self.listed = 0
        self.under_way = self.most = self.left = 0
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> ChatServer:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/health", self._health)
        runner = web.AppRunner(app, access_log=None, logger=_silent(), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        self._started.set()
        await self._end.wait()
        await runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:
        return web.Response()

    async def _list_models(self, request: web.Request) -> web.Response:
        self.listed += 1
        if self.models is None:
            return web.Response(status=404)
        if refused := self._refused(request):
            return refused
        listed = [{"id": name, "max_model_len": self.lengths.get(name)} for name in self.models]
        return web.json_response({"object": "list", "data": listed})

    def _refused(self, request: web.Request) -> web.Response | None:
        if self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}":
            return None
        given = request.headers.get("Authorization")
        return web.json_response({"error": {"message": f"Incorrect API key provided: {given}"}}, status=401)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.seen.append(Seen(request.path, body, dict(request.headers), self._loop.time()))
        said = self._next(body, len(self.seen) - 1)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return self._refused(request) or await self._answer(request, body, said)
        except (asyncio.CancelledError, ConnectionResetError):
            self.left += 1
            raise
        finally:
            self.under_way -= 1

    def _next(self, body: dict[str, Any], number: int) -> Said:
        if isinstance(self.script, Said):
            return self.script
        return self.script(body, number) if callable(self.script) else self.script[min(number, len(self.script) - 1)]

    async def _answer(self, request: web.Request, body: Mapping[str, Any], said: Said) -> web.StreamResponse:
        streams = bool(body.get("stream")) and said.raw is None and said.status == 200
        if streams:
            return await self._stream(request, body, said)
        await asyncio.sleep(said.pause)
        if said.hang is not None:
            await asyncio.Event().wait()
        if said.drop is not None:
            request.transport.abort()
            raise ConnectionResetError
        data = said.raw if said.raw is not None else json.dumps(self._whole(body, said)).encode()
        return web.Response(body=data, status=said.status, headers=dict(said.headers), content_type=said.content_type)

    def _whole(self, body: Mapping[str, Any], said: Said) -> dict[str, Any]:
        message: Mapping[str, Any] = {"role": "assistant", "content": said.content}
        if said.reasoning:
            message = {**message, said.under: said.reasoning}
        choice = {"index": 0, "message": said.message or message, "finish_reason": said.finish}
        return {**_head(body, "chat.completion"), "choices": [choice], "usage": said.counted, **said.more}

    async def _stream(self, request: web.Request, body: Mapping[str, Any], said: Said) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **said.headers})
        await response.prepare(request)
        number = 0
        async for event in _events(body, said):
            if said.pause:
                await asyncio.sleep(said.pause)
            if said.hang == number:
                await self._hang(response, said.beats)
            if said.drop == number:
                request.transport.abort()
                raise ConnectionResetError
            await response.write(b"data: " + event + b"\n\n")
            number += 1
        await response.write_eof()
        return response

    async def _hang(self, response: web.StreamResponse, beats: bool) -> None:
        while beats:
            await response.write(
                b'data: {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}\n\n'
            )
            await asyncio.sleep(0.05)
        await asyncio.Event().wait()


def _silent() -> logging.Logger:
    """Connections that break are what is wanted here."""
    logger = logging.getLogger("tests.chat_server")
    logger.disabled = True
    return logger


def _head(body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "model": body.get("model"), "system_fingerprint": "fp_test"}


async def _events(body: Mapping[str, Any], said: Said) -> AsyncIterator[bytes]:
    head = {**_head(body, "chat.completion.chunk"), **said.more}

    def event(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        return json.dumps({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}).encode()

    if said.message is not None:
        yield event(said.message)
    else:
        for name, text in ((said.under, said.reasoning), ("content", said.content)):
            for start in range(0, len(text), said.piece):
                yield event({name: text[start : start + said.piece]})
    if said.error is not None:
        yield json.dumps({"error": said.error}).encode()
        return
    yield event({}, said.finish)
    if (body.get("stream_options") or {}).get("include_usage"):
        yield json.dumps({**head, "choices": [], "usage": said.counted}).encode()
    yield b"[DONE]"
