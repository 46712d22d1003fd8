"""Small state files, sealed with a hash and marked with the build's format; and what becomes of damaged ones."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from tracemill import __version__
from tracemill.records import canonical_json
from tracemill.settings.errors import UsageError
from tracemill.store.files import Files

log = logging.getLogger(__name__)

FORMAT = 2
"""How a build's folder is laid out; raised whenever a version of tracemill could misread what another one wrote.

1: before formats were numbered; segments in a layout of our own. 2: sealed files carry their format, segments are
Arrow files. What must never change, so that every version can refuse every other: a state file is one JSON object
with `format`, `tracemill` (the version that wrote it) and `seal`.
"""
_FORMAT, _VERSION, _SEAL = "format", "tracemill", "seal"
SEAL_KEYS = frozenset({_FORMAT, _VERSION, _SEAL})


class BrokenSealError(ValueError):
    """A state file that is cut short, empty, or not what was written."""


class OtherFormatError(UsageError):
    """A build that a version of tracemill with another format has made."""


def seal(body: Mapping[str, Any]) -> bytes:
    """The body as canonical JSON with `format`, `tracemill`, and under `seal` the SHA-256 of it all; and a newline."""
    marked = {**body, _FORMAT: FORMAT, _VERSION: __version__}
    return (canonical_json({**marked, _SEAL: _digest(marked)}) + "\n").encode()


def unseal(data: bytes, where: str) -> dict[str, Any]:
    """The body that was sealed. `where` names the file in the error.

    Raises:
        BrokenSealError: the file is damaged.
        OtherFormatError: it is whole, and of an older or a newer format.
    """
    try:
        body = json.loads(data)
        whole = body.pop(_SEAL) == _digest(body)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as exc:
        raise BrokenSealError("empty, cut short, or not a state file" if data else "empty") from exc
    if not whole:
        raise BrokenSealError("its content differs from its hash")
    refuse_other_format(body.pop(_FORMAT, 1), body.pop(_VERSION, None), where)
    return dict(body)


def read_sealed(files: Files, path: str) -> dict[str, Any]:
    """As `unseal`. Raises also FileNotFoundError."""
    return unseal(files.read(path), f"{files.url}/{path}")


def refuse_other_format(found: object, version: str | None, where: str) -> None:
    """Raises: OtherFormatError if `found`, written by that version of tracemill, is not the format of this one."""
    if found == FORMAT:
        return
    age = "older" if isinstance(found, int) and found < FORMAT else "newer"
    maker = f"tracemill {version}" if version else "a tracemill that did not number its formats yet"
    raise OtherFormatError(
        f"{where} has format {found} ({age}), made by {maker}; this is tracemill {__version__}, which reads and "
        f"writes format {FORMAT} only, and has changed nothing; go on with the version that made it, or build anew in "
        "another --out"
    )


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()


def keep_aside(files: Files, path: str, why: str) -> None:
    """Copy a file to `quarantine/` that is damaged or not ours, so that it can be looked at; says so in the log."""
    data = files.read(path)
    copy, count = f"quarantine/{path}", 0
    while not files.create(copy, data):
        count += 1
        copy = f"quarantine/{path}.{count}"
    log.warning("%s/%s (%s) is kept aside as %s", files.url, path, why, copy)


def quarantine(files: Files, path: str, why: str) -> None:
    """Move a damaged file to `quarantine/`. Killed in between, it is moved again."""
    keep_aside(files, path, why)
    files.delete(path)
