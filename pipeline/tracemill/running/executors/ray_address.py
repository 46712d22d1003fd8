"""Which Ray cluster is meant, and whether anything answers there: Ray itself tries a dead address for minutes."""

from __future__ import annotations

import os
import socket
from typing import NamedTuple

from tracemill.settings.errors import UsageError

DEADLINE = 5.0
"""Seconds for a connection."""


class RayAddress(NamedTuple):
    """`value` goes to `ray.init`; `said_by` names the setting that it comes from, for messages."""

    value: str
    said_by: str


def resolve(configured: str | None) -> RayAddress:
    """The cluster that a config's `executor.address` means, as Ray would find it: null and `auto` leave it to
    RAY_ADDRESS; `auto` without that is a cluster that runs on this machine, and null one of this process alone.

    Raises:
        UsageError: `auto`, and no cluster runs on this machine.
    """
    environment = os.environ.get("RAY_ADDRESS")
    if configured in (None, "auto") and environment:
        configured, said_by = environment, f"RAY_ADDRESS={environment!r}"
    else:
        said_by = f"executor.address={configured!r}"
    if configured is None:
        # Without "local", Ray would look for a cluster that some other program left its address of, alive or dead.
        return RayAddress("local", said_by)
    if configured != "auto":
        return RayAddress(configured, said_by)
    return RayAddress(_running_here(said_by), said_by)


def _running_here(said_by: str) -> str:
    addresses = _addresses_here()
    if addresses is None:
        return "auto"
    found = next((address for address in addresses if address), None)
    if found is None:
        raise UsageError(
            f"{said_by} and no Ray cluster runs on this machine; start one with `ray start --head`, or set "
            "executor.address to null, which starts one for this build, or executor.kind=local"
        )
    return str(found)


def _addresses_here() -> list[str | None] | None:
    """Where Ray would look for a cluster on this machine. Ray says so nowhere in public, only connects, for minutes
    where the address is stale. None where this version of Ray has no such functions: then Ray looks for itself."""
    try:
        from ray._private.services import find_bootstrap_address, find_gcs_addresses

        return [find_bootstrap_address(None), *sorted(find_gcs_addresses())]
    except (ImportError, TypeError):
        return None


def knock(address: RayAddress) -> None:
    """Raises: UsageError: nothing listens there."""
    host, _, port = address.value.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=DEADLINE).close()
    except (OSError, OverflowError, UnicodeError) as exc:
        raise unreachable(address, str(exc)) from exc


def unreachable(address: RayAddress, why: str) -> UsageError:
    reason = why.splitlines()[0][:200] if why else "no answer"
    if address.value == "local":
        return UsageError(
            f"Ray cannot be started in this process ({reason}); see that its folder for temporary files (TMPDIR, or "
            "/tmp) has room, or set executor.kind=local"
        )
    place = "" if repr(address.value) in address.said_by else f", which is {address.value},"
    return UsageError(
        f"no Ray cluster answers at {address.said_by}{place} ({reason}); "
        "start one with `ray start --head`, correct the address, or set executor.kind=local"
    )
