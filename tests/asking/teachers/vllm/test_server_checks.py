"""What is read from a server's pages before it is asked, from real pages on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.test_utils import TestServer
from tracemill.asking.teachers.vllm import server_checks
from tracemill.asking.teachers.vllm.server_checks import ServerFinding, ServerPages

Answer = Callable[[web.Request], Awaitable[web.Response]]


def checked(tokenize: Answer) -> list[ServerFinding | None]:
    """What two checks find, one after the other."""

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "small", "max_model_len": 2048}]})

    async def detokenize(_: web.Request) -> web.Response:
        return web.json_response({"prompt": "the thought is gone"})

    async def both() -> list[ServerFinding | None]:
        pages = web.Application()
        pages.add_routes([web.get("/v1/models", models), web.post("/tokenize", tokenize)])
        pages.add_routes([web.post("/detokenize", detokenize)])
        async with TestServer(pages) as server:
            asked = ServerPages(str(server.make_url("")).rstrip("/"), "key")
            try:
                return [await asked.check("small", 100) for _ in range(2)]
            finally:
                await asked.close()

    return asyncio.run(both())


def test_a_first_page_that_takes_long_is_waited_for(monkeypatch):
    monkeypatch.setattr(server_checks, "METRICS_SECONDS", 0.05)

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.json_response({"tokens": [1, 2]})

    for found in checked(slow):
        assert found is not None and "drops the reasoning of earlier turns" in found.notices[0]


def test_a_page_whose_connection_breaks_says_nothing_yet_and_is_asked_again():
    times = 0

    async def breaks_once(request: web.Request) -> web.Response:
        nonlocal times
        times += 1
        if times == 1:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"tokens": [1, 2]})

    first, second = checked(breaks_once)
    assert first is None
    assert second is not None and not second.wrong
