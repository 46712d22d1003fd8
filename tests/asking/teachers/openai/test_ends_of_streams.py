"""Streams that break, hang or say little at their end: a reply that is whole is not paid for again."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest
from chats import LAST, asked, event
from tracemill.asking.teachers.openai import chat_client

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextlib.contextmanager
def serving(*parts: bytes, ends: str) -> Iterator[tuple[str, list[int]]]:
    """A server that sends these bytes and then `breaks` the connection, `closes` it in the middle of its transfer, or
    `hangs`. Gives its address, and a list with an entry for each request."""
    requests: list[int] = []
    started, done = threading.Event(), asyncio.Event()
    port = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            requests.append(len(requests))
            writer.write(HEAD + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts))
            await writer.drain()
            if ends == "hangs":
                await done.wait()
            writer.close()

    async def serve() -> None:
        nonlocal port
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        started.set()
        await done.wait()
        server.close()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait()
    try:
        yield f"http://127.0.0.1:{port}/v1", requests
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


@pytest.mark.parametrize("ends", ["closes", "hangs"])
def test_a_reply_that_said_why_it_ended_is_taken_though_its_stream_never_ends(ends, monkeypatch):
    monkeypatch.setattr(chat_client, "TAIL_SECONDS", 0.2)
    with serving(event(content="It is 42."), LAST, ends=ends) as (url, requests):
        [reply] = asked(url)
    assert (reply.turn.content, reply.finish_reason, len(requests)) == ("It is 42.", "stop", 1)


def test_a_stream_that_breaks_before_the_reason_to_end_is_asked_again():
    with serving(event(content="It is 4"), ends="closes") as (url, requests):
        [reply] = asked(url, retries=2)
    assert isinstance(reply, Exception) and len(requests) == 3


def test_a_stream_that_ends_within_a_line_is_asked_again():
    with serving(event(content="It is 4"), b'data: {"choices": [{"ind', b"", ends="closes") as (url, requests):
        [reply] = asked(url, retries=1)
    assert "without a reason to end" in str(reply) and len(requests) == 2


LAST_PIECES = {
    "no delta": b'data: {"choices": [{"index": 0, "finish_reason": "stop"}]}\n\n',
    "null delta": b'data: {"choices": [{"index": 0, "delta": null, "finish_reason": "stop"}]}\n\n',
    "null index": b'data: {"choices": [{"index": null, "delta": {}, "finish_reason": "stop"}]}\n\n',
    "null choices": LAST + b'data: {"choices": null, "usage": {"completion_tokens": 3}}\n\n',
    "carriage returns": LAST.replace(b"\n", b"\r"),
}


@pytest.mark.parametrize("last", LAST_PIECES.values(), ids=LAST_PIECES)
def test_last_pieces_are_read_in_every_form(last):
    with serving(event(content="It is 42."), last, b"data: [DONE]\n\n", b"", ends="closes") as (url, _):
        [reply] = asked(url, retries=0)
    assert (reply.turn.content, reply.finish_reason) == ("It is 42.", "stop")


def test_a_byte_order_mark_costs_no_text():
    parts = b"\xef\xbb\xbf" + event(content="It is "), event(content="42."), LAST, b""
    with serving(*parts, ends="closes") as (url, _):
        [reply] = asked(url, retries=0)
    assert reply.turn.content == "It is 42."
