"""What the kernel bounds for each process of a run, and for the user that they run as."""

from __future__ import annotations

import resource
from typing import Any

_OPEN_FILES = 256
_OWN_PROCESSES = 8
"""Of the slot itself, which count for the same user."""


def take_limits(order: dict[str, Any], *, counts_processes: bool, address_room: int | None) -> None:
    """This process, and all that it starts, get the limits of the run that the broker orders. `counts_processes`:
    whether the kernel counts no other processes for this user than the slot's. `address_room`: the bytes of address
    space that are not the program's own; None where the kernel counts the memory of all processes together."""
    limits = order["limits"]
    wanted = {
        resource.RLIMIT_CPU: int(limits["cpu_seconds"] * max(1, order["last"] - order["first"])) + 2,
        resource.RLIMIT_FSIZE: limits["disk_bytes"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
    }
    if counts_processes:
        wanted[resource.RLIMIT_NPROC] = limits["processes"] + _OWN_PROCESSES
    if order["address_space"] and address_room is not None:
        wanted[resource.RLIMIT_AS] = address_room + limits["memory_bytes"]
    for kind, most in wanted.items():
        resource.setrlimit(kind, (most, most))
