"""User ids for the slots of brokers that are root, each for one slot of the whole machine: two brokers may not share
one, for whoever ends what an id has left ends every process that has it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from tracemill.sandbox.process_tree import end_user

FIRST, LAST = 60_600, 61_183
"""Ids that are in no range that Debian, Fedora or systemd hands out."""


class UserId:
    """An id that no other slot has as long as this one is not released. The claim is an abstract socket's name: it ends
    with the last process that has `claim`, however that ends. A keeper has it, too: it may outlive its broker."""

    def __init__(self, uid: int, claim: socket.socket) -> None:
        self.uid, self.claim = uid, claim

    def release(self) -> None:
        """Ends every process that has the id; then another slot may have it."""
        end_user(self.uid)
        self.claim.close()


def claimed() -> UserId | None:
    """None where there is none to have: as a user, or in a namespace that maps none of them.

    Raises:
        OSError: all are taken, by other slots or by whoever else took their names, as any user of the machine may. A
            slot without one would run programs as root.
    """
    mapped = [] if os.getuid() else _mapped()
    for uid in mapped:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0tracemill-user-{uid}")
        except OSError:
            claim.close()
            continue
        return UserId(uid, claim)
    if mapped:
        raise OSError(
            f"no user id is left for a slot: the abstract sockets tracemill-user-{mapped[0]} to {mapped[-1]} are "
            "all taken (grep tracemill-user /proc/net/unix)"
        )
    return None


def _mapped() -> list[int]:
    """Those of the ids that are users and groups in this namespace."""
    kinds = [_ranges(kind) for kind in ("uid_map", "gid_map")]
    return [
        uid
        for uid in range(FIRST, LAST + 1)
        if all(any(start <= uid < start + count for start, _, count in ranges) for ranges in kinds)
    ]


def _ranges(kind: str) -> list[tuple[int, ...]]:
    return [tuple(map(int, line.split())) for line in Path(f"/proc/self/{kind}").read_text().splitlines()]
