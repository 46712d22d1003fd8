"""User ids for the slots of brokers that are root, each for one slot of the whole machine: two brokers may not share
one, for whoever ends what an id has left ends every process that has it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

FIRST, LAST = 60_600, 61_183
"""Ids that are in no range that Debian, Fedora or systemd hands out."""


class UserId:
    """An id that no other slot has as long as this one is not released. The claim is an abstract socket's name: it ends
    with the process that holds it, however that ends."""

    def __init__(self, uid: int, claim: socket.socket) -> None:
        self.uid, self._claim = uid, claim

    def release(self) -> None:
        self._claim.close()


def claimed() -> UserId | None:
    """None where this process may take none: as a user, in a namespace that maps few, or when all are taken."""
    if os.getuid():
        return None
    mapped = [_ranges(kind) for kind in ("uid_map", "gid_map")]
    for uid in range(FIRST, LAST + 1):
        if not all(any(start <= uid < start + count for start, _, count in ranges) for ranges in mapped):
            continue
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0tracemill-user-{uid}")
        except OSError:
            claim.close()
            continue
        return UserId(uid, claim)
    return None


def _ranges(kind: str) -> list[tuple[int, ...]]:
    return [tuple(map(int, line.split())) for line in Path(f"/proc/self/{kind}").read_text().splitlines()]
