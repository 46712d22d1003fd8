"""Server-sent events, as servers stream a chat reply: `data: {…}` lines, then `data: [DONE]`.

An event ends with an empty line, and its data may be divided among several `data:` lines
(https://html.spec.whatwg.org/multipage/server-sent-events.html); servers that leave the empty lines out are read too.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
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
        BadReplyError: what stands in an event is no JSON object, or there is no end to it.
    """
    rest, taken, reader = b"", 0, _EventReader()
    async for chunk in chunks:
        taken += len(chunk)
        if taken > STREAM_BYTES or len(rest) > LINE_BYTES:
            raise BadReplyError(
                f"the reply is larger than {STREAM_BYTES >> 20} MB, or has a line over {LINE_BYTES >> 20}"
            )
        lines, rest = _lines(rest + chunk)
        events = reader.read(lines)
        if events:
            yield events
        if reader.done:
            return
    try:
        events = reader.read([rest, b""])
    except BadReplyError:
        return  # the connection broke within an event: whoever reads misses the reason to end
    if events:
        yield events


def _lines(data: bytes) -> tuple[list[bytes], bytes]:
    """The lines that have ended, and the rest. A carriage return at the end may be half of a line's end."""
    half = b"\r" if data.endswith(b"\r") else b""
    *lines, rest = data.removesuffix(half).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return lines, rest + half


class _EventReader:
    """Puts the data of events together. A `data:` line that is a JSON object is an event, also where no empty line
    follows; one that is none goes on in those up to the empty line."""

    def __init__(self) -> None:
        self.done = False
        self._begun: list[bytes] = []
        self._held = 0

    def read(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """The events that these lines end."""
        found: list[dict[str, Any]] = []
        for line in lines:
            named = line.removeprefix(_MARK)
            if self._begun and not line.strip():
                found.append(json_object(b"\n".join(self._begun)))
                self._begun, self._held = [], 0
            elif not named.startswith(b"data:") or not (data := named[5:].strip()):
                continue
            elif data == b"[DONE]" and not self._begun:
                self.done = True
                return found
            elif self._begun or (event := _whole_event(data)) is None:
                self._hold(data)
            else:
                found.append(event)
        return found

    def _hold(self, data: bytes) -> None:
        self._begun.append(data)
        self._held += len(data)
        if self._held > LINE_BYTES:
            raise BadReplyError(f"the reply has an event over {LINE_BYTES >> 20} MB")


def _whole_event(data: bytes) -> dict[str, Any] | None:
    try:
        return json_object(data)
    except BadReplyError:
        return None


def json_object(data: bytes) -> dict[str, Any]:
    """Raises: BadReplyError: it is something else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise BadReplyError(f"the reply is no JSON ({exc})", data) from None
    if not isinstance(found, dict):
        raise BadReplyError("the reply is no JSON object", data)
    return found
