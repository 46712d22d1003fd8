"""Messages between the broker, a keeper and its zygote: JSON with descriptors, each message whole."""

from __future__ import annotations

import json
import socket
from typing import Any

_MOST = 1 << 16


def send(to: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    data = json.dumps(message).encode("ascii")
    if descriptors:
        socket.send_fds(to, [data], descriptors)
    else:
        to.send(data)


def receive(source: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next message.

    Raises:
        EOFError: the other side is gone.
    """
    try:
        data, descriptors, _, _ = socket.recv_fds(source, _MOST, 16)
    except ConnectionResetError as exc:
        raise EOFError from exc
    if not data:
        raise EOFError
    return json.loads(data), descriptors


def pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
