"""Server-sent events, as servers stream a chat reply: `data: {…}` lines, then `data: [DONE]`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from tracemill.asking.teachers.openai.bad_reply import BadReplyError

LINE_BYTES = 16 << 20
STREAM_BYTES = 512 << 20
"""The most that one piece and one whole stream may take. A token with its log-probabilities takes up to some kB."""


_MARK = b"\xef\xbb\xbf"
"""A byte order mark, with which a stream may begin."""


async def read_events(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[dict[str, Any]]]:
    """The JSON objects of each chunk of bytes that ends some; nothing after `[DONE]`. Comments, which servers send to
    keep a connection open, and other fields are left out.

    Raises:
        BadReplyError: what stands in a line is no JSON object, or there is no end to it.
    """
    rest, taken = b"", 0
    async for chunk in chunks:
        taken += len(chunk)
        if taken > STREAM_BYTES or len(rest) > LINE_BYTES:
            raise BadReplyError(
                f"the reply is larger than {STREAM_BYTES >> 20} MB, or has a line over {LINE_BYTES >> 20}"
            )
        *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
        events, done = _events(lines)
        if events:
            yield events
        if done:
            return
    try:
        events, _ = _events([rest])
    except BadReplyError:
        return  # the connection broke within a line: whoever reads misses the reason to end
    if events:
        yield events


def _events(lines: list[bytes]) -> tuple[list[dict[str, Any]], bool]:
    found: list[dict[str, Any]] = []
    for data in _data(lines):
        if data == b"[DONE]":
            return found, True
        found.append(json_object(data))
    return found, False


def _data(lines: list[bytes]) -> Iterator[bytes]:
    for line in lines:
        if (named := line.removeprefix(_MARK)).startswith(b"data:") and (data := named[5:].strip()):
            yield data


def json_object(data: bytes) -> dict[str, Any]:
    """Raises: BadReplyError: it is something else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise BadReplyError(f"the reply is no JSON ({exc})", data) from None
    if not isinstance(found, dict):
        raise BadReplyError("the reply is no JSON object", data)
    return found
