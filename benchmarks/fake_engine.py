"""A chat server that costs next to nothing: every reply is made before, and comes at the speed that is wanted.

    python -m benchmarks.fake_engine --tokens 200 --pieces 20 --seconds 2

prints its address and answers until its standard input ends. It reads no more of a request than where it ends,
whether a stream is wanted, and whether it is for a tiny reply, which comes at once: it is no HTTP server for anything
but this.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

WORDS = ("First", "add", "both", "sums;", "then", "divide", "what", "is", "left", "by", "three,", "and", "check", "it.")
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}\r\n"


def words(tokens: int) -> list[str]:
    """One word a token; every round of them is numbered, so that they are no loop."""
    found = [f" {WORDS[n % len(WORDS)]}" if n % 15 else f" ({n})" for n in range(tokens)]
    return [*found[:-5], " The", " answer", " is", " 42", "."]


def events(tokens: int, pieces: int) -> list[bytes]:
    """The chunks of a stream, as they go over the wire."""
    text = words(tokens)
    size = -(-tokens // pieces)
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}
    found: list[dict[str, Any]] = []
    for start in range(0, tokens, size):
        delta = {"content": "".join(text[start : start + size])}
        found.append({**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]})
    found.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    found.append({**head, "choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": tokens}})
    texts = [f"data: {json.dumps(one)}\n\n".encode() for one in found] + [b"data: [DONE]\n\n"]
    texts = [*texts[:-3], b"".join(texts[-3:])]
    return [b"%x\r\n%s\r\n" % (len(text), text) for text in texts]


def whole(tokens: int) -> bytes:
    message = {"role": "assistant", "content": "".join(words(tokens))}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 40, "completion_tokens": tokens}
    body = json.dumps({"id": "chatcmpl-1", "model": "fake", "choices": choices, "usage": usage}).encode()
    more = f"Content-Length: {len(body)}\r\n"
    return HEAD.format(kind="application/json", more=more).encode() + body


class Engine(asyncio.Protocol):
    """One connection, with one request at a time."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chunks = events(chosen.tokens, chosen.pieces)
        self.whole = whole(chosen.tokens)
        self.start = HEAD.format(kind="text/event-stream", more="Transfer-Encoding: chunked\r\n").encode()
        self.pause = chosen.seconds / len(self.chunks)
        self.seconds = chosen.seconds
        self.loop = asyncio.get_running_loop()
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.rest += data
        head, found, body = self.rest.partition(b"\r\n\r\n")
        if not found:
            return
        if head.startswith(b"GET"):
            self.rest = b""
            self.transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self.rest = b""
        tiny = b'"max_tokens": 16,' in body
        if b'"stream": true' in body:
            self.transport.write(self.start)
            self.loop.call_later(0 if tiny else self.pause, self.send, len(self.chunks) - 1 if tiny else 0)
        else:
            self.loop.call_later(0 if tiny else self.seconds, self.transport.write, self.whole)

    def send(self, number: int) -> None:
        if number == len(self.chunks):
            self.transport.write(b"0\r\n\r\n")
            return
        self.transport.write(self.chunks[number])
        self.loop.call_later(self.pause if number + 1 < len(self.chunks) else 0, self.send, number + 1)


async def serve(chosen: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Engine(chosen), "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--pieces", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2.0)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
