"""Small state files, sealed with a hash; and what becomes of damaged ones."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from tracemill.records import canonical_json
from tracemill.store.files import Files

log = logging.getLogger(__name__)
_SEAL = "seal"


class BrokenSealError(ValueError):
    """A state file that is cut short, empty, or not what was written."""


def seal(body: Mapping[str, Any]) -> bytes:
    """The body as canonical JSON with the SHA-256 of itself under `seal`, and a newline."""
    digest = hashlib.sha256(canonical_json(body).encode()).hexdigest()
    return (canonical_json({**body, _SEAL: digest}) + "\n").encode()


def unseal(data: bytes) -> dict[str, Any]:
    """Raises: BrokenSealError."""
    try:
        body = json.loads(data)
        digest = body.pop(_SEAL)
    except (ValueError, KeyError, AttributeError, TypeError) as exc:
        raise BrokenSealError("empty, cut short, or not a state file" if data else "empty") from exc
    if hashlib.sha256(canonical_json(body).encode()).hexdigest() != digest:
        raise BrokenSealError("its content differs from its hash")
    return dict(body)


def keep_aside(files: Files, path: str, why: str) -> None:
    """Copy a damaged file to `quarantine/`, so that whatever is left of it can be looked at; says so in the log."""
    data = files.read(path)
    copy, count = f"quarantine/{path}", 0
    while not files.create(copy, data):
        count += 1
        copy = f"quarantine/{path}.{count}"
    log.warning("%s/%s is damaged (%s); kept aside as %s", files.url, path, why, copy)


def quarantine(files: Files, path: str, why: str) -> None:
    """Move a damaged file to `quarantine/`. Killed in between, it is moved again."""
    keep_aside(files, path, why)
    files.delete(path)
